// SPDX-License-Identifier: Apache-2.0
package main

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"strconv"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/probe"
	grpcprobe "k8s.io/kubernetes/pkg/probe/grpc"
	httpprobe "k8s.io/kubernetes/pkg/probe/http"
	tcpprobe "k8s.io/kubernetes/pkg/probe/tcp"
)

// Until a probe has succeeded once it is asked this often, in place of its period: who waits for pods waits less.
const firstPeriod = 50 * time.Millisecond

// probe asks the container's probes, by the kubelet's own probers, until the context ends. The channel that it gives is closed
// when the container is to be restarted.
func (c *container) probe(ctx context.Context, pid int) <-chan struct{} {
	unhealthy := make(chan struct{})
	go func() {
		if c.spec.StartupProbe != nil {
			if !c.follow(ctx, pid, c.spec.StartupProbe, func(bool) bool { return false }) {
				if ctx.Err() == nil {
					close(unhealthy)
				}
				return
			}
		}
		c.set(func() {
			c.started = true
			c.ready = c.spec.ReadinessProbe == nil
			select {
			case <-c.firstUp:
			default:
				close(c.firstUp)
			}
		})
		if c.spec.ReadinessProbe != nil {
			go c.follow(ctx, pid, c.spec.ReadinessProbe, func(good bool) bool {
				c.set(func() { c.ready = good && ctx.Err() == nil })
				return true
			})
		}
		if c.spec.LivenessProbe != nil {
			go func() {
				lives := c.follow(ctx, pid, c.spec.LivenessProbe, func(good bool) bool { return good })
				// A pod that ends is not asked whether it lives.
				if !lives && ctx.Err() == nil && !c.pod.isStopping() {
					close(unhealthy)
				}
			}()
		}
	}()
	return unhealthy
}

// follow asks one probe and tells the verdicts, which need their threshold of equal answers in a row, while `tell` wants more.
// It gives the last verdict.
func (c *container) follow(ctx context.Context, pid int, asked *v1.Probe, tell func(bool) bool) bool {
	period := func(seconds int32, usual time.Duration) time.Duration {
		if seconds > 0 {
			return time.Duration(seconds) * time.Second
		}
		return usual
	}
	wait := period(asked.InitialDelaySeconds, 0)
	usual, timeout := period(asked.PeriodSeconds, 10*time.Second), period(asked.TimeoutSeconds, time.Second)
	begun, verdict, told, row, before := time.Now().Add(wait), false, false, int32(0), false
	for {
		select {
		case <-ctx.Done():
			return verdict
		case <-time.After(wait):
		}
		good := c.ask(ctx, pid, asked, timeout)
		if ctx.Err() != nil {
			return verdict
		}
		wait = usual
		if !good && !verdict && time.Since(begun) < usual {
			wait = firstPeriod // it has only just started
			continue
		}
		if good != before {
			before, row = good, 0
		}
		row++
		threshold := max(asked.FailureThreshold, 1)
		if good {
			threshold = max(asked.SuccessThreshold, 1)
		}
		if row < threshold || told && verdict == good {
			continue
		}
		verdict, told = good, true
		if !tell(good) {
			return verdict
		}
	}
}

func (c *container) ask(ctx context.Context, pid int, asked *v1.Probe, timeout time.Duration) bool {
	result, _, err := c.answer(ctx, pid, asked, timeout)
	return err == nil && (result == probe.Success || result == probe.Warning)
}

func (c *container) answer(ctx context.Context, pid int, asked *v1.Probe, timeout time.Duration) (probe.Result, string, error) {
	switch {
	case asked.HTTPGet != nil:
		request, err := httpprobe.NewRequestForHTTPGetAction(asked.HTTPGet, c.spec, c.pod.address, "probe")
		if err != nil {
			return probe.Unknown, "", err
		}
		return httpprobe.New(false).Probe(request, timeout)
	case asked.TCPSocket != nil:
		port, err := probe.ResolveContainerPort(asked.TCPSocket.Port, c.spec)
		if err != nil {
			return probe.Unknown, "", err
		}
		host := asked.TCPSocket.Host
		if host == "" {
			host = c.pod.address
		}
		return tcpprobe.New().Probe(host, port, timeout)
	case asked.GRPC != nil:
		service := ""
		if asked.GRPC.Service != nil {
			service = *asked.GRPC.Service
		}
		return grpcprobe.New().Probe(c.pod.address, service, int(asked.GRPC.Port), timeout, grpcprobe.ProbeOptions{})
	case asked.Exec != nil:
		limited, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		if err := inside(limited, pid, asked.Exec.Command).Run(); err != nil {
			return probe.Failure, err.Error(), nil
		}
		return probe.Success, "", nil
	}
	return probe.Unknown, "", fmt.Errorf("a probe of no kind that is known")
}

// runHook does what a lifecycle hook says; that it failed changes nothing.
func (c *container) runHook(ctx context.Context, hook *v1.LifecycleHandler, pid int) {
	switch {
	case hook.Exec != nil:
		_ = inside(ctx, pid, hook.Exec.Command).Run()
	case hook.HTTPGet != nil:
		if request, err := httpprobe.NewRequestForHTTPGetAction(hook.HTTPGet, c.spec, c.pod.address, "hook"); err == nil {
			if answer, err := http.DefaultClient.Do(request.WithContext(ctx)); err == nil {
				answer.Body.Close()
			}
		}
	case hook.Sleep != nil:
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(hook.Sleep.Seconds) * time.Second):
		}
	}
}

// inside is a command in all namespaces of the process, and below its root.
func inside(ctx context.Context, pid int, command []string) *exec.Cmd {
	arguments := append([]string{"--target", strconv.Itoa(pid), "--mount", "--net", "--pid", "--root", "--wd", "--"}, command...)
	return exec.CommandContext(ctx, "nsenter", arguments...)
}
