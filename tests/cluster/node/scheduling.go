// SPDX-License-Identifier: Apache-2.0
package main

import (
	v1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
)

// allows says whether a pod's nodeSelector and required node affinity (a DaemonSet's pods name their node so) let it onto the node.
func allows(node *v1.Node, object *v1.Pod) bool {
	fits, err := nodeaffinity.GetRequiredNodeAffinity(object).Match(node)
	return err == nil && fits
}

// over: it has ended for good, and counts for no node.
func over(object *v1.Pod) bool {
	return object.Status.Phase == v1.PodSucceeded || object.Status.Phase == v1.PodFailed
}
