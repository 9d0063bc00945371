// SPDX-License-Identifier: Apache-2.0
#include "dialects/certificates/server_names.hpp"

#include <memory>
#include <utility>

#include "base/text.hpp"
#include "dialects/findings.hpp"

namespace sallyport::dialects::certificates {
namespace {

model::Rank rank_by_age(const kube::Object& owner, std::uint32_t index) {
  model::Rank rank;
  if (owner.meta.creation_timestamp) rank.created = owner.meta.creation_timestamp->seconds;
  rank.name = text::cat(owner.ref.namespace_, "/", owner.ref.name);
  rank.kind = owner.ref.kind;
  rank.index = index;
  return rank;
}

GroupKey uses(std::string what, const ObjectRef& secret) {
  return {
      .level = Level::attachment,
      .resolution = Resolution::all_counted,
      .place = {std::move(what), secret.namespace_, secret.name},
  };
}

Claim claim(GroupKey group, const kube::Object& by, std::string_view field) {
  auto use = std::make_shared<Use>();
  use->rank = rank_by_age(by, 0);
  use->origin = origin_of(by, field);
  return {.group = std::move(group), .value = std::move(use)};
}

}  // namespace

model::Id certificate_id(const ObjectRef& secret) { return text::cat(secret.namespace_, "/", secret.name); }

GroupKey server_name_group(const model::HostPattern& host) {
  return {
      .level = Level::listeners,
      .resolution = Resolution::first_wins,
      .place = {"server name", text::cat(static_cast<unsigned>(host.kind)), host.name},
  };
}

Claim claim_server_name(const model::HostPattern& host, const model::TlsPolicy& policy,
                        std::vector<model::Id> certificates, const kube::Object& owner, std::string_view field,
                        std::uint32_t index) {
  auto name = std::make_shared<model::ServerName>();
  name->id = text::cat(sallyport::to_text(owner.ref), " ", to_text(host));
  name->host = host;
  name->certificates = std::move(certificates);
  name->policy = policy;
  name->rank = rank_by_age(owner, index);
  name->origin = origin_of(owner, field);
  return {.group = server_name_group(host), .value = std::move(name)};
}

GroupKey secret_uses(const ObjectRef& secret) { return uses("uses of a Secret", secret); }

Claim claim_use(const ObjectRef& secret, const kube::Object& by, std::string_view field) {
  return claim(secret_uses(secret), by, field);
}

GroupKey certificate_uses(const ObjectRef& secret) { return uses("uses of a Secret's certificate", secret); }

Claim claim_certificate(const ObjectRef& secret, const kube::Object& by, std::string_view field) {
  return claim(certificate_uses(secret), by, field);
}

GroupKey upstream_uses(const ObjectRef& object) {
  GroupKey group = uses("uses towards upstreams", object);
  group.place.insert(group.place.begin() + 1, object.kind);
  return group;
}

Claim claim_upstream_use(const ObjectRef& object, const kube::Object& by, std::string_view field) {
  return claim(upstream_uses(object), by, field);
}

}  // namespace sallyport::dialects::certificates
