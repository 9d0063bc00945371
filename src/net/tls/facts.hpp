// SPDX-License-Identifier: Apache-2.0
// What a handshake settled, for logs, headers and policies. Belongs to the Stream that it is of.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::net::tls {

// Of a client whose certificate was verified; there is none of any other.
struct ClientCertificate {
  std::string subject;             // as RFC 2253 writes it
  std::string issuer;              // likewise
  std::string serial;              // hex digits, upper case
  std::string fingerprint;         // SHA-256, hex digits, lower case
  std::vector<std::string> names;  // its DNS names, URIs and mail addresses (SAN), in its order
};

struct Facts {
  std::string_view version;  // "TLSv1.3"
  std::string_view cipher;   // as the IANA calls it: "TLS_AES_128_GCM_SHA256"
  std::string_view alpn;     // "h2", "http/1.1"; empty: nothing was agreed
  std::string server_name;   // canonical; empty: none was given
  std::string_view policy;   // ServerContext::id(); empty on an upstream's side
  bool resumed = false;
  std::unique_ptr<const ClientCertificate> client;  // null: none was asked for, or given
};

}  // namespace sallyport::net::tls
