// SPDX-License-Identifier: Apache-2.0
// An explanation as the value of X-Sallyport-Explain: a Dictionary of RFC 9651, one line, bounded.
//
//   listener="http", version=12, rule="Ingress shop/web a.example.com prefix /", at="web.yaml:12:spec.rules[0]…",
//   backend="http1 shop/web:80", beat="Ingress shop/all * prefix / (all.yaml:7): a more specific host", more=2

#pragma once

#include <string>

#include "routing/explanation.hpp"

namespace sallyport::proxy {

std::string explain_field(const routing::Explanation& explanation);

}  // namespace sallyport::proxy
