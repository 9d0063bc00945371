// SPDX-License-Identifier: Apache-2.0
// Names of header fields that we know, as small numbers, so that the request path compares bytes, not texts.
//
// header_id() finds a name in any case, without allocation: one hash of five characters, one comparison. To add a name,
// add it here and to the table in header_name.cpp, which is in the same order (the compiler checks that).

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::syntax {

enum class HeaderId : std::uint8_t {
  other = 0,
  // Framing and the connection (RFC 9110 7.6.1, RFC 9112).
  host,
  content_length,
  transfer_encoding,
  connection,
  keep_alive,
  proxy_connection,
  te,
  trailer,
  upgrade,
  http2_settings,
  proxy_authenticate,
  proxy_authorization,
  // Who the client is and what it asked for, as a proxy before us may say.
  forwarded,
  x_forwarded_for,
  x_forwarded_proto,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_prefix,
  x_forwarded_server,
  x_forwarded_ssl,
  x_real_ip,
  x_request_id,
  x_envoy_external_address,
  x_original_url,
  x_rewrite_url,
  x_sallyport_explain,
  // Common ones.
  accept,
  accept_charset,
  accept_encoding,
  accept_language,
  accept_ranges,
  access_control_allow_origin,
  access_control_request_headers,
  access_control_request_method,
  age,
  allow,
  authorization,
  cache_control,
  content_disposition,
  content_encoding,
  content_language,
  content_location,
  content_range,
  content_type,
  cookie,
  date,
  dnt,
  etag,
  expect,
  expires,
  grpc_accept_encoding,
  grpc_encoding,
  grpc_message,
  grpc_status,
  grpc_timeout,
  if_match,
  if_modified_since,
  if_none_match,
  if_range,
  if_unmodified_since,
  last_modified,
  link,
  location,
  origin,
  pragma,
  priority,
  range,
  referer,
  retry_after,
  sec_fetch_dest,
  sec_fetch_mode,
  sec_fetch_site,
  sec_fetch_user,
  sec_websocket_accept,
  sec_websocket_extensions,
  sec_websocket_key,
  sec_websocket_protocol,
  sec_websocket_version,
  server,
  set_cookie,
  strict_transport_security,
  traceparent,
  tracestate,
  upgrade_insecure_requests,
  user_agent,
  vary,
  via,
  warning,
  www_authenticate,
  x_requested_with,
};

inline constexpr std::size_t header_id_count = static_cast<std::size_t>(HeaderId::x_requested_with) + 1;

// The id of a name in any case; `other` if it is not known.
HeaderId header_id(std::string_view name);

// The same with '_' read as '-': X_Forwarded_For is x-forwarded-for to many an upstream (CGI, WSGI).
HeaderId alias_id(std::string_view name);

// In lower case; empty for `other`.
std::string_view name_of(HeaderId id);

// As we write it where nobody else's spelling is kept: "X-Forwarded-For".
std::string_view spelling_of(HeaderId id);

// Meant for the next hop only; never forwarded as received.
bool is_hop_by_hop(HeaderId id);

// A Connection header may not name it (H1-14): host, framing, credentials, and all client claims.
bool is_managed(HeaderId id);

// A statement about the client or its request that only a trusted proxy may make; from others it is removed, in every
// spelling. Part of the managed ones; host, framing and credentials are not among them.
bool is_client_claim(HeaderId id);

// The two for names: every spelling with '_' counts, and so does every x-forwarded-… that has no id, and what tells of
// a client's certificate: ssl-client-…, x-ssl-client-…, client-cert and client-cert-….
bool is_managed_name(std::string_view name);
bool is_client_claim_name(std::string_view name);

}  // namespace sallyport::syntax
