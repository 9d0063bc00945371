// SPDX-License-Identifier: Apache-2.0
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"sync"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// network gives pods their addresses: 10.244.1.1 and up, of which none is given again before all were.
type network struct {
	bridge netlink.Link
	router net.IP // the machine, as pods see it
	host   netns.NsHandle

	mutex sync.Mutex
	taken map[string]bool
	last  int // third and fourth byte
}

// sandbox is one pod's network namespace.
type sandbox struct {
	network *network
	address string
	name    string // the bridge's end of its cable
	handle  netns.NsHandle
}

func openNetwork(name string) (*network, error) {
	bridge, err := netlink.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("bridge %s: %w", name, err)
	}
	addresses, err := netlink.AddrList(bridge, netlink.FAMILY_V4)
	if err != nil || len(addresses) == 0 {
		return nil, fmt.Errorf("bridge %s has no IPv4 address: %v", name, err)
	}
	host, err := netns.Get()
	if err != nil {
		return nil, err
	}
	return &network{bridge: bridge, router: addresses[0].IP, host: host, taken: map[string]bool{}, last: 256}, nil
}

// addHost gives the machine one more address on the bridge.
func (n *network) addHost(address string) error {
	ip := net.ParseIP(address)
	return netlink.AddrReplace(n.bridge, &netlink.Addr{IPNet: &net.IPNet{IP: ip, Mask: net.CIDRMask(32, 32)}})
}

func (n *network) take() (string, int, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for range 65536 {
		n.last++
		if n.last > 254<<8 {
			n.last = 257
		}
		if last := n.last & 255; last == 0 || last == 255 {
			continue
		}
		address := fmt.Sprintf("10.244.%d.%d", n.last>>8, n.last&255)
		if !n.taken[address] {
			n.taken[address] = true
			return address, n.last, nil
		}
	}
	return "", 0, fmt.Errorf("no address is left for a pod")
}

// open makes a namespace with a cable to the bridge.
func (n *network) open() (*sandbox, error) {
	address, number, err := n.take()
	if err != nil {
		return nil, err
	}
	made := &sandbox{network: n, address: address, name: fmt.Sprintf("pod%d", number), handle: -1}
	if err := made.connect(); err != nil {
		made.close()
		return nil, fmt.Errorf("network of a pod: %w", err)
	}
	return made, nil
}

func (s *sandbox) connect() error {
	err := s.network.onThread(func() (err error) {
		s.handle, err = netns.New() // and this thread is in it
		if err != nil {
			return err
		}
		// As container runtimes do: who is not root may listen on port 80.
		return os.WriteFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", []byte("0"), 0o644)
	})
	if err != nil {
		return err
	}
	cable := &netlink.Veth{LinkAttrs: netlink.NewLinkAttrs(), PeerName: "eth0", PeerNamespace: netlink.NsFd(int(s.handle))}
	cable.Name, cable.MasterIndex = s.name, s.network.bridge.Attrs().Index
	if err := netlink.LinkAdd(cable); err != nil {
		return err
	}
	if err := netlink.LinkSetUp(cable); err != nil {
		return err
	}
	inside, err := netlink.NewHandleAt(s.handle)
	if err != nil {
		return err
	}
	defer inside.Close()
	for _, name := range []string{"lo", "eth0"} {
		link, err := inside.LinkByName(name)
		if err != nil {
			return err
		}
		if name == "eth0" {
			address := &netlink.Addr{IPNet: &net.IPNet{IP: net.ParseIP(s.address), Mask: net.CIDRMask(16, 32)}}
			if err := inside.AddrAdd(link, address); err != nil {
				return err
			}
		}
		if err := inside.LinkSetUp(link); err != nil {
			return err
		}
	}
	return inside.RouteAdd(&netlink.Route{Gw: s.network.router})
}

// within runs what starts a process, which is then in the namespace. The machine's own is meant by nil.
func (s *sandbox) within(start func() error) error {
	if s == nil {
		return start()
	}
	return s.network.onThread(func() error {
		if err := netns.Set(s.handle); err != nil {
			return err
		}
		return start()
	})
}

// onThread runs what changes its thread's namespace. A thread that does not come back is given up.
func (n *network) onThread(work func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := work()
		if back := netns.Set(n.host); back == nil {
			runtime.UnlockOSThread()
		}
		done <- err
	}()
	return <-done
}

// close ends the namespace once its processes have ended, and frees the address.
func (s *sandbox) close() {
	if s == nil {
		return
	}
	if link, err := netlink.LinkByName(s.name); err == nil {
		_ = netlink.LinkDel(link)
	}
	if s.handle >= 0 {
		_ = s.handle.Close()
	}
	s.network.mutex.Lock()
	delete(s.network.taken, s.address)
	s.network.mutex.Unlock()
}
