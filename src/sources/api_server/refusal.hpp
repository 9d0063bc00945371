// SPDX-License-Identifier: Apache-2.0
// Why an API server did not do what it was asked: the status, and the Status object that comes with it. Pure.

#pragma once

#include <string>

#include "base/result.hpp"
#include "sources/api_server/api.hpp"

namespace sallyport::sources::api_server {

// "422: Ingress.networking.k8s.io \"web\" is invalid: …", on one line and not long; without an answer why there is
// none.
std::string refusal_text(const Result<Answer>& answer);

// 403 not for want of a right: nothing is created any more in a namespace that is being deleted.
bool is_of_ending_namespace(const Answer& answer);

}  // namespace sallyport::sources::api_server
