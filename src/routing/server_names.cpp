// SPDX-License-Identifier: Apache-2.0
#include "routing/server_names.hpp"

#include <algorithm>
#include <tuple>

namespace sallyport::routing {
namespace {

using Kind = model::HostPattern::Kind;

bool comes_first(const Ref<const ServerName>& one, const Ref<const ServerName>& other) {
  return std::tie(one->model.rank, one->model.id) < std::tie(other->model.rank, other->model.id);
}

bool lasts_longer(const Ref<const Certificate>& one, const Ref<const Certificate>& other) {
  return std::tie(other->model.not_after, one->model.id) < std::tie(one->model.not_after, other->model.id);
}

// Puts it in its place among those of the key.
template <class Part, class Before>
void put(HashTrie<std::vector<Ref<const Part>>>& all, std::string_view key, const Ref<const Part>& part,
         Before before) {
  auto& rivals = all.change(key);
  rivals.insert(std::ranges::upper_bound(rivals, part, before), part);
}

template <class Part>
void take(HashTrie<std::vector<Ref<const Part>>>& all, std::string_view key, const Part& part) {
  auto& rivals = all.change(key);
  std::erase_if(rivals, [&](const Ref<const Part>& one) { return one.get() == &part; });
  if (rivals.empty()) all.erase(key);
}

}  // namespace

ServerNames::Names& ServerNames::names_of(Kind kind) {
  if (kind == Kind::one_label) return one_label_;
  return kind == Kind::any_labels ? any_labels_ : exact_;
}

void ServerNames::add(const Ref<const ServerName>& name) {
  put(names_of(name->model.host.kind), name->model.host.name, name, comes_first);
  if (name->is_demanding()) ++demanding_;
}

void ServerNames::remove(const ServerName& name) {
  if (name.is_demanding()) --demanding_;
  take(names_of(name.model.host.kind), name.model.host.name, name);
}

const ServerName* ServerNames::wildcard(std::string_view parent, bool is_direct) const {
  if (is_direct) {
    if (const ServerName* const found = first_of(one_label_, parent)) return found;
  }
  return first_of(any_labels_, parent);
}

void CertificateNames::add(const Ref<const Certificate>& certificate) {
  for (const std::string& name : certificate->model.names) put(names_, name, certificate, lasts_longer);
}

void CertificateNames::remove(const Certificate& certificate) {
  for (const std::string& name : certificate.model.names) take(names_, name, certificate);
}

const CertificateNames::Certificates* CertificateNames::under_wildcard(std::string_view name) const {
  const std::size_t dot = name.find('.');
  if (dot == name.npos || dot == 0) return nullptr;
  std::string wildcard("*");
  wildcard += name.substr(dot);
  return names_.find(wildcard);
}

const Certificate* CertificateNames::find(std::string_view name, std::int64_t now) const {
  const auto valid_of = [now](const Certificates* all) -> const Certificate* {
    if (all == nullptr) return nullptr;
    const auto valid = std::ranges::find_if(*all, [now](const auto& one) { return one->model.is_valid_at(now); });
    return valid == all->end() ? nullptr : valid->get();
  };
  const Certificates* const exact = names_.find(name);
  if (const Certificate* const valid = valid_of(exact)) return valid;
  const Certificates* const wildcard = under_wildcard(name);
  if (const Certificate* const valid = valid_of(wildcard)) return valid;
  const Certificates* const any = exact != nullptr ? exact : wildcard;
  return any == nullptr ? nullptr : any->front().get();
}

}  // namespace sallyport::routing
