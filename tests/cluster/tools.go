// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package tools names the programs of others that tools/cluster builds, so that go.mod and go.sum pin them with all that they need.
package tools

import _ "k8s.io/kubernetes/cmd/kubectl"
