// SPDX-License-Identifier: Apache-2.0

// The servers of a cluster in one program, which its first argument names: etcd, kube-apiserver or kube-controller-manager.
// The other arguments are those of that server.
package main

import (
	"fmt"
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"

	// What the programs themselves register: log formats, metrics of the client, the version.
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

func main() {
	if len(os.Args) > 1 {
		os.Args = os.Args[1:]
		switch os.Args[0] {
		case "etcd":
			etcdmain.Main(os.Args)
			return
		case "kube-apiserver":
			os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
		case "kube-controller-manager":
			os.Exit(cli.Run(controllers.NewControllerManagerCommand()))
		}
	}
	fmt.Fprintln(os.Stderr, "usage: servers etcd|kube-apiserver|kube-controller-manager [OPTION...]")
	os.Exit(2)
}
