// SPDX-License-Identifier: Apache-2.0
package main

import (
	"errors"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// What did not work is tried again after this.
const retryPause = 200 * time.Millisecond

// mayPass says whether the API server may answer otherwise the next time: it was not reached, has too much to do or is in trouble
// of its own.
func mayPass(err error) bool {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return err != nil
	}
	code := status.Status().Code
	return code == http.StatusTooManyRequests || code >= http.StatusInternalServerError
}
