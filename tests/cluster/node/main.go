// SPDX-License-Identifier: Apache-2.0

// Nodes of a cluster on one machine: pods that are bound to them run as processes, each pod in a network namespace of its own on
// one bridge, each container over a layer of its own above the machine's files.
//
// What a kubelet does is done: volumes, environment, init containers, probes, restarts with back-off, preStop, TERM and grace
// period, status, logs. An image is a program of this machine (--image NAME=FILE); nothing is pulled. Limits of memory and
// processors are not applied, and a Service's cluster IP leads nowhere: clients go to endpoints.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// images are programs by the last part of their image's name.
type images map[string]string

func (i images) String() string { return "" }

func (i images) Set(text string) error {
	name, file, found := strings.Cut(text, "=")
	if !found || name == "" || !filepath.IsAbs(file) {
		return fmt.Errorf("expected NAME=/PATH/OF/A/PROGRAM, not %q", text)
	}
	i[name] = file
	return nil
}

type options struct {
	kubeconfig, state, bridge, container string
	nodes                                int
	backOff                              time.Duration
	images                               images
}

func main() {
	chosen := options{images: images{}}
	flag.StringVar(&chosen.kubeconfig, "kubeconfig", "", "how the API server is reached")
	flag.StringVar(&chosen.state, "state", "", "an empty folder, for volumes")
	flag.StringVar(&chosen.bridge, "bridge", "br0", "the bridge that pods are on; its first address is the machine's")
	flag.StringVar(&chosen.container, "container", "", "the program `container`")
	flag.IntVar(&chosen.nodes, "nodes", 1, "how many nodes")
	flag.DurationVar(&chosen.backOff, "back-off", 10*time.Second, "before a container's second restart; doubled with each further one")
	flag.Var(chosen.images, "image", "`NAME=FILE`: the program of images whose name ends in NAME; may be repeated")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, chosen); err != nil {
		fmt.Fprintf(os.Stderr, "node: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, chosen options) error {
	config, err := clientcmd.BuildConfigFromFlags("", chosen.kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 500, 500 // the client's own throttle would be slower than anything here
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	network, err := openNetwork(chosen.bridge)
	if err != nil {
		return err
	}
	fleet := newFleet(client, config.Host, network, chosen)
	if err := fleet.register(ctx); err != nil {
		return err
	}
	if err := fleet.serveLogs(); err != nil {
		return err
	}
	fmt.Println("ready")
	return fleet.watch(ctx)
}
