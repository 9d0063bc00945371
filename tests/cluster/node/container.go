// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
)

const longestBackOff = 5 * time.Minute

// container is one of a pod, over all its restarts. Fields below the mutex of the pod are what its status is made of.
type container struct {
	pod  *pod
	spec *v1.Container

	dismissed chan struct{} // closed: a sidecar whose pod is done
	firstUp   chan struct{} // closed: it has started once, by its startup probe

	state, last v1.ContainerState
	id          string
	restarts    int32
	started     bool // by its startup probe, or at once without one
	ready       bool
	journals    []*journal // the present one last; at most two
}

// ending is how a process came to its end.
type ending struct {
	code, signal int
	finished     meta.Time
}

func newContainer(pod *pod, spec *v1.Container) *container {
	made := &container{pod: pod, spec: spec, dismissed: make(chan struct{}), firstUp: make(chan struct{})}
	made.state.Waiting = &v1.ContainerStateWaiting{Reason: "PodInitializing"}
	return made
}

// set changes what the status says.
func (c *container) set(change func()) {
	c.pod.mutex.Lock()
	change()
	c.pod.mutex.Unlock()
	c.pod.note()
}

func (c *container) isSidecar() bool {
	return c.spec.RestartPolicy != nil && *c.spec.RestartPolicy == v1.ContainerRestartPolicyAlways
}

func (c *container) succeeded() bool {
	c.pod.mutex.Lock()
	defer c.pod.mutex.Unlock()
	return c.state.Terminated != nil && c.state.Terminated.ExitCode == 0
}

func (c *container) hasStarted() bool {
	c.pod.mutex.Lock()
	defer c.pod.mutex.Unlock()
	return c.started
}

// awaitStarted is false when the pod was stopped before.
func (c *container) awaitStarted() bool {
	select {
	case <-c.firstUp:
		return true
	case <-c.pod.stopping:
		return false
	}
}

func (c *container) dismiss() { close(c.dismissed) }

// run starts the container, and again as its restart policy says, until it is over or the pod is to end.
func (c *container) run(ctx context.Context) {
	for backOff := time.Duration(0); ; {
		if c.pod.isStopping() {
			return
		}
		begun := time.Now()
		end, err := c.runOnce(ctx)
		if err != nil {
			c.set(func() {
				c.state = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: "CreateContainerError", Message: err.Error()}}
			})
		}
		if err == nil && !c.goesOn(end) {
			return
		}
		if time.Since(begun) > 2*longestBackOff {
			backOff = 0
		}
		if backOff > 0 || err != nil {
			wait := max(backOff, retryPause)
			if err == nil {
				c.set(func() {
					message := fmt.Sprintf("back-off %s restarting failed container=%s", wait, c.spec.Name)
					c.state = v1.ContainerState{Waiting: &v1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: message}}
				})
			}
			select {
			case <-time.After(wait):
			case <-c.pod.stopping:
				return
			case <-c.dismissed:
				return
			case <-ctx.Done():
				return
			}
		}
		if err == nil {
			c.set(func() { c.restarts++ })
			backOff = min(max(2*backOff, c.pod.fleet.chosen.backOff), longestBackOff)
		}
	}
}

// goesOn says whether it is started again.
func (c *container) goesOn(end ending) bool {
	select {
	case <-c.dismissed:
		return false
	default:
	}
	if c.pod.isStopping() {
		return false
	}
	policy := c.pod.newest().Spec.RestartPolicy
	if c.isSidecar() {
		policy = v1.RestartPolicyAlways
	} else if c.isInit() && policy == v1.RestartPolicyAlways {
		policy = v1.RestartPolicyOnFailure
	}
	return policy == v1.RestartPolicyAlways || policy == v1.RestartPolicyOnFailure && end.code != 0
}

func (c *container) isInit() bool {
	for _, one := range c.pod.init {
		if one == c {
			return true
		}
	}
	return false
}

// runOnce runs one process from start to end. An error is that none could be started.
func (c *container) runOnce(ctx context.Context) (ending, error) {
	command, err := c.command(ctx)
	if err != nil {
		return ending{}, err
	}
	output := newJournal()
	command.Stdout, command.Stderr = output.writer(), output.writer()
	if err := c.start(command); err != nil {
		return ending{}, err
	}
	begun := now()
	c.set(func() {
		c.id = string(uuid.NewUUID())
		c.state = v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: begun}}
		c.journals = append(c.journals, output)
		if len(c.journals) > 2 {
			c.journals = c.journals[1:]
		}
	})
	exited := make(chan struct{})
	go func() {
		_ = command.Wait()
		output.end()
		close(exited)
	}()
	probing, stopProbing := context.WithCancel(ctx)
	defer stopProbing()
	unhealthy := c.probe(probing, command.Process.Pid)
	select {
	case <-exited:
	case <-unhealthy:
		c.stop(ctx, command, exited, time.Now().Add(c.grace()))
	case <-c.dismissed:
		c.stop(ctx, command, exited, time.Now().Add(c.grace()))
	case <-c.pod.stopping:
		c.stop(ctx, command, exited, c.pod.deadline)
	case <-ctx.Done():
		_ = command.Process.Kill()
	}
	<-exited
	stopProbing()
	end := endingOf(command)
	c.set(func() {
		c.ready, c.started = false, false
		c.last = v1.ContainerState{Terminated: c.terminated(end, begun)}
		c.state = c.last
	})
	return end, nil
}

// start gives back when the process has become the wanted program: before that it is not what it will be, for probes and hooks.
func (c *container) start(command *exec.Cmd) error {
	reading, writing, err := os.Pipe()
	if err != nil {
		return err
	}
	defer reading.Close()
	command.ExtraFiles = []*os.File{writing} // which the program that it becomes does not have
	err = c.pod.sandbox.within(command.Start)
	writing.Close()
	if err != nil {
		return err
	}
	said, err := io.ReadAll(reading)
	if err == nil && len(said) == 0 {
		return nil
	}
	_ = command.Process.Kill()
	_ = command.Wait()
	return errors.Join(err, errors.New(string(said)))
}

func (c *container) terminated(end ending, begun meta.Time) *v1.ContainerStateTerminated {
	reason := "Completed"
	if end.code != 0 {
		reason = "Error"
	}
	return &v1.ContainerStateTerminated{ExitCode: int32(end.code), Signal: int32(end.signal), Reason: reason, StartedAt: begun,
		FinishedAt: end.finished, ContainerID: containerID(c.id)}
}

func endingOf(command *exec.Cmd) ending {
	status := command.ProcessState.Sys().(syscall.WaitStatus)
	end := ending{code: status.ExitStatus(), finished: now()}
	if status.Signaled() {
		end.signal = int(status.Signal())
		end.code = 128 + end.signal // as shells and container runtimes say it
	}
	return end
}

func (c *container) grace() time.Duration {
	if seconds := c.pod.newest().Spec.TerminationGracePeriodSeconds; seconds != nil {
		return time.Duration(*seconds) * time.Second
	}
	return 30 * time.Second
}

// stop: the preStop hook, TERM, and KILL when the deadline has passed or nobody waits any more.
func (c *container) stop(ctx context.Context, command *exec.Cmd, exited <-chan struct{}, deadline time.Time) {
	expired, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	if c.spec.Lifecycle != nil && c.spec.Lifecycle.PreStop != nil {
		hook := make(chan struct{})
		go func() {
			c.runHook(expired, c.spec.Lifecycle.PreStop, command.Process.Pid)
			close(hook)
		}()
		select {
		case <-hook:
		case <-exited:
			return
		case <-c.pod.killed:
		case <-expired.Done():
		}
	}
	_ = command.Process.Signal(c.stopSignal())
	select {
	case <-exited:
	case <-c.pod.killed:
	case <-expired.Done():
	}
	_ = command.Process.Kill() // with it ends whatever is in its process namespace
}

func (c *container) stopSignal() syscall.Signal {
	if c.spec.Lifecycle != nil && c.spec.Lifecycle.StopSignal != nil && *c.spec.Lifecycle.StopSignal == v1.SIGQUIT {
		return syscall.SIGQUIT
	}
	return syscall.SIGTERM
}

func containerID(id string) string { return "process://" + id }
