// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package tools names what tools/helm builds, so that go.mod and go.sum pin it with all that it needs.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
