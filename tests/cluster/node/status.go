// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"encoding/json"
	"log"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// report writes the status when it is another than the API server's. False: it could not be, and the pod is noted again soon.
func (p *pod) report(ctx context.Context) bool {
	p.mutex.Lock()
	object := p.object
	status := p.statusLocked()
	p.mutex.Unlock()
	if equality.Semantic.DeepEqual(status, object.Status) {
		return true
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": object.UID}, "status": status})
	if err != nil {
		log.Fatalf("%v", err)
	}
	written, err := p.fleet.client.CoreV1().Pods(object.Namespace).Patch(ctx, object.Name, types.StrategicMergePatchType, patch,
		meta.PatchOptions{}, "status")
	if err != nil {
		if !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) && ctx.Err() == nil {
			log.Printf("%s/%s: status: %v", object.Namespace, object.Name, err)
		}
		if mayPass(err) {
			time.AfterFunc(retryPause, p.note)
			return false
		}
		return true
	}
	// Conditions keep the time of their last change from here, before the watch brings it back.
	p.mutex.Lock()
	if p.object == object {
		p.object = written
	}
	p.mutex.Unlock()
	return true
}

func (p *pod) statusLocked() v1.PodStatus {
	status := *p.object.Status.DeepCopy()
	status.StartTime = &p.begun
	status.HostIP = internalAddress(p.node)
	status.HostIPs = []v1.HostIP{{IP: status.HostIP}}
	if p.address != "" {
		status.PodIP = p.address
		status.PodIPs = []v1.PodIP{{IP: p.address}}
	}
	status.InitContainerStatuses, status.ContainerStatuses = nil, nil
	for _, one := range p.init {
		status.InitContainerStatuses = append(status.InitContainerStatuses, one.statusLocked())
	}
	ready, initialized := true, true
	for index, one := range status.InitContainerStatuses {
		done := one.State.Terminated != nil && one.State.Terminated.ExitCode == 0
		if p.init[index].isSidecar() {
			done = *one.Started
			ready = ready && one.Ready
		}
		initialized = initialized && done
	}
	for _, one := range p.usual {
		said := one.statusLocked()
		ready = ready && said.Ready
		status.ContainerStatuses = append(status.ContainerStatuses, said)
	}
	status.Phase = p.phase(status)
	set := func(kind v1.PodConditionType, is bool) {
		value := v1.ConditionFalse
		if is {
			value = v1.ConditionTrue
		}
		setCondition(&status, v1.PodCondition{Type: kind, Status: value, ObservedGeneration: p.object.Generation})
	}
	set(v1.PodScheduled, true)
	set(v1.PodReadyToStartContainers, p.sandbox != nil || p.object.Spec.HostNetwork && p.address != "")
	set(v1.PodInitialized, initialized)
	set(v1.ContainersReady, ready)
	set(v1.PodReady, ready && p.gatesLocked())
	return status
}

// gatesLocked says whether the conditions of the pod's readinessGates hold; others write them.
func (p *pod) gatesLocked() bool {
	for _, gate := range p.object.Spec.ReadinessGates {
		holds := false
		for _, one := range p.object.Status.Conditions {
			holds = holds || one.Type == gate.ConditionType && one.Status == v1.ConditionTrue
		}
		if !holds {
			return false
		}
	}
	return true
}

func (p *pod) phase(status v1.PodStatus) v1.PodPhase {
	for index, one := range status.InitContainerStatuses {
		if p.init[index].isSidecar() {
			continue
		}
		failed := one.State.Terminated != nil && one.State.Terminated.ExitCode != 0
		if failed && p.object.Spec.RestartPolicy == v1.RestartPolicyNever {
			return v1.PodFailed
		}
		if one.State.Terminated == nil || failed {
			return v1.PodPending
		}
	}
	started, ended, failed := false, 0, false
	for _, one := range status.ContainerStatuses {
		end := one.State.Terminated
		started = started || one.State.Running != nil || end != nil || one.RestartCount > 0
		if end != nil {
			ended++
			failed = failed || end.ExitCode != 0
		}
	}
	policy := p.object.Spec.RestartPolicy
	isLast := policy == v1.RestartPolicyNever || policy == v1.RestartPolicyOnFailure && !failed || p.isStopping()
	switch {
	case ended == len(status.ContainerStatuses) && isLast && failed:
		return v1.PodFailed
	case ended == len(status.ContainerStatuses) && isLast:
		return v1.PodSucceeded
	case started:
		return v1.PodRunning
	}
	return v1.PodPending
}

// setCondition keeps the time of the last change where the value is the same, and leaves conditions of others alone.
func setCondition(status *v1.PodStatus, wanted v1.PodCondition) {
	for index, one := range status.Conditions {
		if one.Type == wanted.Type {
			if one.Status != wanted.Status {
				wanted.LastTransitionTime = now()
				status.Conditions[index] = wanted
			}
			return
		}
	}
	wanted.LastTransitionTime = now()
	status.Conditions = append(status.Conditions, wanted)
}

// now has the API's precision, so that what was written and what is read are equal.
func now() meta.Time { return meta.Now().Rfc3339Copy() }

func (c *container) statusLocked() v1.ContainerStatus {
	started := c.started
	status := v1.ContainerStatus{Name: c.spec.Name, Image: c.spec.Image, ImageID: c.spec.Image, Ready: c.ready, Started: &started,
		RestartCount: c.restarts, State: c.state}
	if c.isInit() && !c.isSidecar() {
		status.Ready = c.state.Terminated != nil && c.state.Terminated.ExitCode == 0
	}
	if c.id != "" {
		status.ContainerID = containerID(c.id)
	}
	if c.restarts > 0 {
		status.LastTerminationState = c.last
	}
	if c.state.Waiting != nil && c.pod.trouble != "" && c.id == "" {
		status.State = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: "ContainerCreating", Message: c.pod.trouble}}
	}
	return status
}
