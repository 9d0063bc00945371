// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"log"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// pod is one pod of a node, from its binding until the API server has it no more. One goroutine leads it (run), one each
// container; what they share is under the mutex.
type pod struct {
	fleet  *fleet
	node   *v1.Node
	folder string // volumes and what containers are told
	begun  meta.Time
	doors  []net.Listener // host ports

	stopping chan struct{} // closed: it is to end, within its grace period
	killed   chan struct{} // closed: at once
	changed  chan struct{} // holds one: the status may be another

	mutex       sync.Mutex
	object      *v1.Pod
	deadline    time.Time // of the grace period, once it is stopping
	isKilled    bool
	sandbox     *sandbox // nil with hostNetwork
	address     string   // empty until it is known
	trouble     string   // why no container was started yet
	init, usual []*container

	tokens map[string]bool // paths of those that are kept fresh; lead's alone
}

func newPod(fleet *fleet, node *v1.Node, object *v1.Pod) *pod {
	made := &pod{fleet: fleet, node: node, object: object, begun: now(), folder: filepath.Join(fleet.chosen.state, string(object.UID)),
		stopping: make(chan struct{}), killed: make(chan struct{}), changed: make(chan struct{}, 1), tokens: map[string]bool{}}
	for index := range object.Spec.InitContainers {
		made.init = append(made.init, newContainer(made, &object.Spec.InitContainers[index]))
	}
	for index := range object.Spec.Containers {
		made.usual = append(made.usual, newContainer(made, &object.Spec.Containers[index]))
	}
	return made
}

// update takes the newest version of the object. That it is to be deleted matters, and what its readiness gates say.
func (p *pod) update(object *v1.Pod) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.object = object
	p.note()
	if object.DeletionTimestamp == nil {
		return
	}
	// The timestamp is when the grace period ends, in whole seconds; the period itself says it exactly.
	grace := time.Duration(0)
	if object.DeletionGracePeriodSeconds != nil {
		grace = time.Duration(*object.DeletionGracePeriodSeconds) * time.Second
	}
	if p.deadline.IsZero() {
		p.deadline = time.Now().Add(grace)
		close(p.stopping)
	}
	if grace == 0 {
		p.killLocked()
	}
}

func (p *pod) kill() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.deadline.IsZero() {
		p.deadline = time.Now()
		close(p.stopping)
	}
	p.killLocked()
}

func (p *pod) killLocked() {
	if !p.isKilled {
		p.isKilled = true
		close(p.killed)
	}
}

func (p *pod) newest() *v1.Pod {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.object
}

func (p *pod) isStopping() bool {
	select {
	case <-p.stopping:
		return true
	default:
		return false
	}
}

// note tells run that the status may be another.
func (p *pod) note() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

func (p *pod) run(ctx context.Context) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if !over(p.newest()) { // by an earlier run of this program
			p.lead(ctx)
		}
	}()
	for isTold, running := false, (<-chan struct{})(ended); running != nil || !isTold; {
		select {
		case <-p.changed:
		case <-running:
			running = nil
		case <-ctx.Done():
			return
		}
		isTold = p.report(ctx)
	}
	select {
	case <-p.stopping:
	case <-ctx.Done():
		return
	}
	p.cleanUp()
	p.remove(ctx)
}

// lead starts everything in order, and returns when nothing of the pod runs any more.
func (p *pod) lead(ctx context.Context) {
	if err := p.prepare(ctx); err != nil {
		return // it was stopped before it could begin
	}
	var sidecars sync.WaitGroup
	for _, one := range p.init {
		if one.isSidecar() {
			sidecars.Go(func() { one.run(ctx) })
			if !one.awaitStarted() {
				break
			}
		} else if one.run(ctx); !one.succeeded() {
			break
		}
	}
	if p.initialized() {
		var all sync.WaitGroup
		for _, one := range p.usual {
			all.Go(func() { one.run(ctx) })
		}
		all.Wait()
	}
	for _, one := range p.init {
		if one.isSidecar() {
			one.dismiss()
		}
	}
	sidecars.Wait()
}

// prepare makes the network and the volumes. What is missing, such as a Secret, may still come: it is asked for again.
func (p *pod) prepare(ctx context.Context) error {
	if err := os.MkdirAll(p.folder, 0o755); err != nil {
		log.Fatalf("%v", err)
	}
	for {
		err := p.tryToPrepare(ctx)
		if err == nil {
			return nil
		}
		p.mutex.Lock()
		p.trouble = err.Error()
		p.mutex.Unlock()
		p.note()
		select {
		case <-p.stopping:
			return err
		case <-ctx.Done():
			return err
		case <-time.After(retryPause):
		}
	}
}

func (p *pod) tryToPrepare(ctx context.Context) error {
	if p.address == "" {
		address, made := internalAddress(p.node), (*sandbox)(nil)
		if !p.newest().Spec.HostNetwork {
			var err error
			if made, err = p.fleet.network.open(); err != nil {
				return err
			}
			address = made.address
		}
		p.mutex.Lock()
		p.sandbox, p.address = made, address
		p.mutex.Unlock()
		p.note()
	}
	if err := p.openHostPorts(); err != nil {
		return err
	}
	return p.fillVolumes(ctx)
}

// initialized: all init containers have done their part.
func (p *pod) initialized() bool {
	for _, one := range p.init {
		if one.isSidecar() && !one.hasStarted() || !one.isSidecar() && !one.succeeded() {
			return false
		}
	}
	return true
}

func (p *pod) cleanUp() {
	p.mutex.Lock()
	sandbox := p.sandbox
	p.sandbox = nil
	p.mutex.Unlock()
	p.closeHostPorts()
	sandbox.close()
	_ = os.RemoveAll(p.folder)
}

// remove says to the API server that the pod may go: nothing of it runs.
func (p *pod) remove(ctx context.Context) {
	object := p.newest()
	if object.DeletionTimestamp == nil {
		return // somebody was faster
	}
	grace := int64(0)
	for {
		err := p.fleet.client.CoreV1().Pods(object.Namespace).Delete(ctx, object.Name,
			meta.DeleteOptions{GracePeriodSeconds: &grace, Preconditions: meta.NewUIDPreconditions(string(object.UID))})
		if err == nil || apierrors.IsNotFound(err) || apierrors.IsConflict(err) || ctx.Err() != nil {
			return
		}
		log.Printf("%s/%s: deletion: %v", object.Namespace, object.Name, err)
		if !mayPass(err) {
			return
		}
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
			return
		}
	}
}
