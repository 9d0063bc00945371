// SPDX-License-Identifier: Apache-2.0
// What a process calls itself to those who share a Lease with it.

#pragma once

#include <string>

namespace sallyport::sources::api_server {

// The host's name, which in a pod is mostly the pod's. Empty: it has none.
std::string host_name();

// "gate-7f9c_3b1e…": the host's name, which is the pod's, and chance: another one at each call, so that a process that
// is started again under the same name is not taken for the one before it.
std::string new_identity();

}  // namespace sallyport::sources::api_server
