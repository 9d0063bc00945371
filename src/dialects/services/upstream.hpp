// SPDX-License-Identifier: Apache-2.0
// How the endpoints of one port of a Service are spoken to: its appProtocol, and our annotations of the Service.
//
// TLS verifies by default: against the certificate authorities of the system, for NAME.NAMESPACE.svc, or for the host
// that an external name is (reference: reliability-security.md T-6). What is written wrongly, or leads nowhere, closes
// the way: requests get 503 rather than go where nobody meant them to.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/object_ref.hpp"
#include "dialects/finding.hpp"
#include "dialects/lookup.hpp"
#include "dialects/services/service_facts.hpp"
#include "model/parts.hpp"

namespace sallyport::dialects::services {

// What is wrong with an annotation, or strange about it.
struct UpstreamProblem {
  Verdict verdict;
  std::string_view annotation;
  std::string_view reason;
  std::string message;
};

struct Upstream {
  model::Protocol protocol = model::Protocol::http1;
  std::optional<model::UpstreamTls> tls;
  model::ProxyProtocol proxy_protocol = model::ProxyProtocol::none;
  bool knows_app_protocol = true;  // false: spoken to by HTTP/1.1, as if none was written
  // Those with the verdict `rejected` close the way.
  std::vector<UpstreamProblem> problems;

  const UpstreamProblem* closed_by() const;
};

// The Secret that an annotation names; none: something else is written.
std::optional<ObjectRef> client_certificate_ref(std::string_view written, std::string_view namespace_);

Upstream read_upstream(const ObjectRef& service, std::string_view app_protocol, const ServiceFacts& facts,
                       const Lookup& lookup);

// "http1", "http2", "http1+tls", "http2+tls 5f0c…": what the id of a backend begins with, a key of all that was read.
std::string upstream_key(const Upstream& upstream);

// Puts into the list what is to be said to the author of the Service, each thing once however many ports it has.
std::vector<UpstreamProblem> upstream_problems(const ObjectRef& service, const ServiceFacts& facts,
                                               const Lookup& lookup);

}  // namespace sallyport::dialects::services
