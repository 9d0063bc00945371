// SPDX-License-Identifier: Apache-2.0
// What can go wrong while a request is served, or a text is read, as a value.
//
// The code says whose fault it is: http/gateway_answer.hpp has the one table that gives status, body, log reason and
// metric the same word for each code. The error says whether a retry is safe.

#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace sallyport {

enum class Fault : std::uint8_t { client, upstream, gateway };

enum class Code : std::uint8_t {
  // The client's.
  bad_request,
  bad_path,
  uri_too_long,
  header_too_large,
  method_not_allowed,
  not_implemented,
  version_not_supported,
  expectation_failed,
  client_timeout,
  client_gone,
  body_too_slow,
  no_host,
  no_path,
  misdirected,
  outdated_connection,
  // The upstream's.
  connect_failed,
  no_route,
  connect_timeout,
  upstream_timeout,
  upstream_reset,
  upstream_malformed,
  upstream_truncated,
  upstream_untrusted,
  upstream_tls,
  upstream_no_websocket,
  name_not_found,
  name_unresolved,
  address_refused,
  // The gateway's, or its configuration's.
  no_service,
  no_endpoints,
  overloaded,
  internal,
  // Reading texts outside a request (configuration, options).
  invalid,
};

struct Error {
  Code code = Code::internal;
  // Nothing of the request reached an upstream that could have acted on it.
  bool retry_safe = false;
  // The rule that refused, for the client and the log: "H1-3". Points at a literal; empty if no rule is named.
  const char* rule = "";
  // For people. Never holds a secret's value.
  std::string detail = {};
};

inline Error invalid(std::string detail) { return {.code = Code::invalid, .detail = std::move(detail)}; }

}  // namespace sallyport
