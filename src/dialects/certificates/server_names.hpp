// SPDX-License-Identifier: Apache-2.0
// How dialects ask for server names and for Secrets: which claims meet, and under which ids.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/object_ref.hpp"
#include "dialects/claim.hpp"
#include "kube/object.hpp"
#include "model/certificate.hpp"

namespace sallyport::dialects::certificates {

// "shop/web-tls": unambiguous, as names of objects hold no '/'.
model::Id certificate_id(const ObjectRef& secret);

// Names of every listener that speaks TLS: the first object that asks for one has it.
GroupKey server_name_group(const model::HostPattern& host);
Claim claim_server_name(const model::HostPattern& host, const model::TlsPolicy& policy,
                        std::vector<model::Id> certificates, const kube::Object& owner, std::string_view field,
                        std::uint32_t index);

// All that refer to this Secret for what clients see or are judged by, and would use it.
GroupKey secret_uses(const ObjectRef& secret);
Claim claim_use(const ObjectRef& secret, const kube::Object& by, std::string_view field);
// Those of them that want its certificate shown to clients: a bundle's Secret may have the key of an authority in it.
GroupKey certificate_uses(const ObjectRef& secret);
Claim claim_certificate(const ObjectRef& secret, const kube::Object& by, std::string_view field);

// All that refer to this Secret or ConfigMap for connections to endpoints.
GroupKey upstream_uses(const ObjectRef& object);
Claim claim_upstream_use(const ObjectRef& object, const kube::Object& by, std::string_view field);

}  // namespace sallyport::dialects::certificates
