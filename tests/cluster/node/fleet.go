// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

const logPort = 10250 // where a kubelet listens

// fleet is all nodes, and the pods on them.
type fleet struct {
	client  kubernetes.Interface
	server  *url.URL // the API server, as pods are told
	network *network
	chosen  options
	nodes   []*v1.Node

	mutex sync.Mutex
	pods  map[types.UID]*pod
	bound map[types.UID]place // of each pod that is not over
}

// place is where a pod is, and who made it.
type place struct {
	node  string
	owner types.UID
}

func newFleet(client kubernetes.Interface, server string, network *network, chosen options) *fleet {
	address, err := url.Parse(server)
	if err != nil {
		log.Fatalf("server %q of the kubeconfig: %v", server, err)
	}
	return &fleet{client: client, server: address, network: network, chosen: chosen,
		pods: map[types.UID]*pod{}, bound: map[types.UID]place{}}
}

// register creates the Node objects: node-1 with the address 10.244.0.11 and so on.
func (f *fleet) register(ctx context.Context) error {
	for number := range f.chosen.nodes {
		name := fmt.Sprintf("node-%d", number+1)
		address := fmt.Sprintf("10.244.0.%d", number+11)
		if err := f.network.addHost(address); err != nil {
			return err
		}
		node := &v1.Node{ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{
			"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": fmt.Sprintf("zone-%d", number+1)}}}
		made, err := f.client.CoreV1().Nodes().Create(ctx, node, meta.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			made, err = f.client.CoreV1().Nodes().Get(ctx, name, meta.GetOptions{})
		}
		if err != nil {
			return err
		}
		resources := v1.ResourceList{v1.ResourceCPU: resource.MustParse("64"), v1.ResourceMemory: resource.MustParse("256Gi"),
			v1.ResourcePods: resource.MustParse("1000"), v1.ResourceEphemeralStorage: resource.MustParse("256Gi")}
		made.Status = v1.NodeStatus{
			Capacity: resources, Allocatable: resources,
			Addresses:       []v1.NodeAddress{{Type: v1.NodeInternalIP, Address: address}, {Type: v1.NodeHostName, Address: name}},
			DaemonEndpoints: v1.NodeDaemonEndpoints{KubeletEndpoint: v1.DaemonEndpoint{Port: logPort}},
			Conditions: []v1.NodeCondition{{Type: v1.NodeReady, Status: v1.ConditionTrue, Reason: "Ready", Message: "processes as pods",
				LastHeartbeatTime: meta.Now(), LastTransitionTime: meta.Now()}},
			NodeInfo: v1.NodeSystemInfo{OperatingSystem: "linux", KubeletVersion: "processes"},
		}
		patch, err := json.Marshal(map[string]any{"status": made.Status})
		if err != nil {
			return err
		}
		// A new node has a taint that keeps DaemonSets away until it is ready; who takes it off elsewhere does not run here.
		free := []byte(`{"spec":{"taints":null}}`)
		if _, err := f.client.CoreV1().Nodes().Patch(ctx, name, types.StrategicMergePatchType, free, meta.PatchOptions{}); err != nil {
			return err
		}
		made, err = f.client.CoreV1().Nodes().Patch(ctx, name, types.StrategicMergePatchType, patch, meta.PatchOptions{}, "status")
		if err != nil {
			return err
		}
		f.nodes = append(f.nodes, made)
	}
	return nil
}

// watch follows all pods until the context ends.
func (f *fleet) watch(ctx context.Context) error {
	factory := informers.NewSharedInformerFactory(f.client, 0)
	pods := factory.Core().V1().Pods().Informer()
	_, err := pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { f.seen(ctx, object.(*v1.Pod)) },
		UpdateFunc: func(_, object any) { f.seen(ctx, object.(*v1.Pod)) },
		DeleteFunc: func(object any) {
			if unknown, is := object.(cache.DeletedFinalStateUnknown); is {
				object = unknown.Obj
			}
			f.gone(object.(*v1.Pod))
		},
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	<-ctx.Done()
	return nil
}

// seen: a new version of a pod. One that nobody bound is bound; one that is bound to a node of ours runs.
func (f *fleet) seen(ctx context.Context, object *v1.Pod) {
	if object.Spec.NodeName == "" {
		if object.DeletionTimestamp == nil && len(object.Spec.SchedulingGates) == 0 {
			go f.bind(ctx, object)
		}
		return
	}
	node := f.node(object.Spec.NodeName)
	if node == nil {
		return
	}
	f.mutex.Lock()
	running := f.pods[object.UID]
	if running == nil {
		running = newPod(f, node, object)
		f.pods[object.UID] = running
		f.bound[object.UID] = place{node.Name, ownerOf(object)}
		go running.run(ctx)
	} else if over(object) {
		delete(f.bound, object.UID)
	}
	f.mutex.Unlock()
	running.update(object)
}

// gone: it is in the API server no more, however that came; nothing of it stays.
func (f *fleet) gone(object *v1.Pod) {
	f.mutex.Lock()
	running := f.pods[object.UID]
	delete(f.pods, object.UID)
	delete(f.bound, object.UID)
	f.mutex.Unlock()
	if running != nil {
		running.kill()
	}
}

// bind puts the pod on that of the nodes allowed by its selectors and affinity which has fewest pods of the same owner, and of
// those on the one with fewest pods.
func (f *fleet) bind(ctx context.Context, object *v1.Pod) {
	f.mutex.Lock()
	if f.bound[object.UID].node != "" { // a binding of this pod is under way
		f.mutex.Unlock()
		return
	}
	owner := ownerOf(object)
	weights := map[string]int{}
	for _, one := range f.bound {
		weights[one.node]++
		if owner != "" && one.owner == owner {
			weights[one.node] += 1 << 20
		}
	}
	chosen := ""
	for _, node := range f.nodes {
		if allows(node, object) && (chosen == "" || weights[node.Name] < weights[chosen]) {
			chosen = node.Name
		}
	}
	if chosen != "" {
		f.bound[object.UID] = place{chosen, owner}
	}
	f.mutex.Unlock()
	if chosen == "" {
		log.Printf("%s/%s: no node has the labels that it asks for", object.Namespace, object.Name)
		return
	}
	binding := &v1.Binding{ObjectMeta: meta.ObjectMeta{Name: object.Name, Namespace: object.Namespace, UID: object.UID},
		Target: v1.ObjectReference{Kind: "Node", Name: chosen}}
	err := f.client.CoreV1().Pods(object.Namespace).Bind(ctx, binding, meta.CreateOptions{})
	if err != nil && !apierrors.IsConflict(err) {
		f.mutex.Lock()
		delete(f.bound, object.UID)
		f.mutex.Unlock()
		log.Printf("%s/%s: binding to %s: %v", object.Namespace, object.Name, chosen, err)
		if mayPass(err) && ctx.Err() == nil {
			time.AfterFunc(retryPause, func() { f.bind(ctx, object) })
		}
	}
}

func (f *fleet) node(name string) *v1.Node {
	for _, node := range f.nodes {
		if node.Name == name {
			return node
		}
	}
	return nil
}

// find gives the running pod of that name.
func (f *fleet) find(namespace, name string) *pod {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	for _, one := range f.pods {
		if object := one.newest(); object.Namespace == namespace && object.Name == name {
			return one
		}
	}
	return nil
}

func ownerOf(object *v1.Pod) types.UID {
	if owner := meta.GetControllerOf(object); owner != nil {
		return owner.UID
	}
	return ""
}

func internalAddress(node *v1.Node) string { return node.Status.Addresses[0].Address }

// serverVariables say to every container where the API server is.
func (f *fleet) serverVariables() map[string]string {
	host, port, err := net.SplitHostPort(f.server.Host)
	if err != nil {
		host, port = f.server.Hostname(), strconv.Itoa(443)
	}
	return map[string]string{"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port, "KUBERNETES_SERVICE_PORT_HTTPS": port}
}
