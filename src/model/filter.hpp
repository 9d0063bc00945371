// SPDX-License-Identifier: Apache-2.0
// What may happen around a request, as plain settings. filters/make.cpp turns each into the filter of the same name;
// one that stands here and not there does not compile.

#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "syntax/address.hpp"
#include "syntax/substitution.hpp"

namespace sallyport::model {

// Tells upstreams who the client is: X-Forwarded-For, -Proto, -Host, -Port. A client's own values are dropped unless
// its address is in one of `trusted` (reference: reliability-security.md A-1).
struct ForwardedHeaders {
  std::vector<syntax::Cidr> trusted;

  bool operator==(const ForwardedHeaders&) const = default;
};

// Gives every request an X-Request-Id; a trusted client's own is kept.
struct RequestId {
  std::vector<syntax::Cidr> trusted;

  bool operator==(const RequestId&) const = default;
};

struct HeaderChanges {
  struct Field {
    std::string name;
    std::string value;

    bool operator==(const Field&) const = default;
  };

  std::vector<std::string> remove;  // first; every field of the name
  std::vector<Field> set;           // in place of every field of the name
  std::vector<Field> add;           // beside them

  bool empty() const { return remove.empty() && set.empty() && add.empty(); }
  bool operator==(const HeaderChanges&) const = default;
};

// Changes header fields on the way up and on the way down.
struct ModifyHeaders {
  HeaderChanges request;
  HeaderChanges response;

  bool operator==(const ModifyHeaders&) const = default;
};

struct KeepPath {
  bool operator==(const KeepPath&) const = default;
};

// In place of the part of the path that the rule's path stands for; the rest stays. A canonical path; for a rule whose
// prefix is one of elements without its trailing slash, so that "/" is "".
struct ReplacePrefix {
  std::string value;

  bool operator==(const ReplacePrefix&) const = default;
};

// In place of the whole path: a canonical one.
struct ReplacePath {
  std::string value;

  bool operator==(const ReplacePath&) const = default;
};

// Changes the URL under which the upstream is asked. The query stays.
struct UrlRewrite {
  std::string hostname = {};  // of the Host that the upstream gets; empty: as the client named it
  std::variant<KeepPath, ReplacePrefix, ReplacePath, syntax::Substitution> path = KeepPath();

  bool operator==(const UrlRewrite&) const = default;
};

// Sends who came without TLS to the same URL with https. Users call 443; but who named the port that is bound for 80
// (--port-map) called that one himself, and is sent to the one that is bound for 443.
struct HttpsRedirect {
  std::uint16_t bound_http = 80;
  std::uint16_t bound_https = 443;

  bool operator==(const HttpsRedirect&) const = default;
};

// Serves only requests of connections that were made under this TLS policy (model/certificate.hpp), whatever name they
// were made for: others are misdirected (reference: reliability-security.md T-2, T-3).
struct TlsGuard {
  std::string policy;  // id

  bool operator==(const TlsGuard&) const = default;
};

// Lets browsers call a gRPC service: gRPC-Web on the client's side, gRPC on the upstream's.
struct GrpcWeb {
  bool operator==(const GrpcWeb&) const = default;
};

using Filter = std::variant<ForwardedHeaders, RequestId, ModifyHeaders, UrlRewrite, HttpsRedirect, TlsGuard, GrpcWeb>;

}  // namespace sallyport::model
