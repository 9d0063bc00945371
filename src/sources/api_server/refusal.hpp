// SPDX-License-Identifier: Apache-2.0
// Why an API server did not do what it was asked, for people: the status, and the message of the Status object that
// comes with it. Pure.

#pragma once

#include <string>

#include "base/result.hpp"
#include "sources/api_server/api.hpp"

namespace sallyport::sources::api_server {

// "422: Ingress.networking.k8s.io \"web\" is invalid: …", on one line and not long; without an answer why there is
// none.
std::string refusal_text(const Result<Answer>& answer);

}  // namespace sallyport::sources::api_server
