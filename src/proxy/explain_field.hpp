// SPDX-License-Identifier: Apache-2.0
// An explanation as the value of X-Sallyport-Explain: a Dictionary of RFC 9651, one line, bounded.
//
//   listener="http", version=12, rule="Ingress shop/web a.example.com prefix /", at="web.yaml:12:spec.rules[0]…",
//   backend="http1 shop/web:80", beat="Ingress shop/all * prefix / (all.yaml:7): a more specific host", more=2

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/parts.hpp"
#include "routing/explanation.hpp"
#include "syntax/address.hpp"

namespace sallyport::proxy {

// The way that the request took, as far as it went; a filter may have answered it or sent it elsewhere.
struct Taken {
  const model::Rule* rule = nullptr;
  std::string_view prefix;
  bool rerouted = false;  // the explanation is of the first choice, and this rule another
  std::string_view backend;
  std::optional<syntax::SocketAddress> endpoint;
};

std::string explain_field(const routing::Explanation& explanation, const Taken& taken);

}  // namespace sallyport::proxy
