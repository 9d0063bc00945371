// SPDX-License-Identifier: Apache-2.0
package main

import (
	"fmt"
	"io"
	"net"
	"strconv"

	v1 "k8s.io/api/core/v1"
)

// openHostPorts listens on the node's address for the ports that containers have there, and sends connections on to the pod, which
// sees the machine as their client.
func (p *pod) openHostPorts() error {
	object := p.newest()
	if object.Spec.HostNetwork || len(p.doors) > 0 {
		return nil
	}
	for _, container := range object.Spec.Containers {
		for _, port := range container.Ports {
			if port.HostPort == 0 {
				continue
			}
			if port.Protocol != v1.ProtocolTCP {
				return fmt.Errorf("hostPort %d of container %q: only TCP has host ports here, not %s", port.HostPort, container.Name, port.Protocol)
			}
			host := port.HostIP
			if host == "" || host == "0.0.0.0" {
				host = internalAddress(p.node)
			}
			door, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(int(port.HostPort))))
			if err != nil {
				p.closeHostPorts() // all of them, as it is tried again
				return fmt.Errorf("hostPort %d of container %q: %w", port.HostPort, container.Name, err)
			}
			p.doors = append(p.doors, door)
			go letIn(door, net.JoinHostPort(p.address, strconv.Itoa(int(port.ContainerPort))))
		}
	}
	return nil
}

func (p *pod) closeHostPorts() {
	for _, door := range p.doors {
		_ = door.Close()
	}
	p.doors = nil
}

func letIn(door net.Listener, to string) {
	for {
		from, err := door.Accept()
		if err != nil {
			return // it was closed
		}
		go func() {
			defer from.Close()
			inside, err := net.Dial("tcp", to)
			if err != nil {
				return
			}
			defer inside.Close()
			done := make(chan struct{})
			go func() {
				pass(from, inside)
				close(done)
			}()
			pass(inside, from)
			<-done
		}()
	}
}

// pass copies until one side ends its half, and ends that half of the other.
func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_ = to.(*net.TCPConn).CloseWrite()
}
