// SPDX-License-Identifier: Apache-2.0
#include "routing/snapshot.hpp"

#include <array>

namespace sallyport::routing {
namespace {

// The narrowest name of both scopes that fits; at each width the listener's own comes first.
const ServerName* find(const std::array<const ServerNames*, 2>& scopes, std::string_view name) {
  for (const ServerNames* const scope : scopes) {
    if (scope == nullptr) continue;
    if (const ServerName* const found = scope->exact(name)) return found;
  }
  bool is_direct = true;
  for (std::size_t dot = name.find('.'); dot != name.npos; dot = name.find('.', dot + 1)) {
    for (const ServerNames* const scope : scopes) {
      if (scope == nullptr) continue;
      if (const ServerName* const found = scope->wildcard(name.substr(dot + 1), is_direct)) return found;
    }
    is_direct = false;
  }
  return nullptr;
}

}  // namespace

const ServerName* Snapshot::server_name_for(const Listener& listener, std::string_view name) const {
  return name.empty() ? nullptr : find({server_names_of.find(listener.model.id), &server_names}, name);
}

TlsChoice Snapshot::tls_choice_for(const Listener& listener, std::string_view name, std::int64_t now) const {
  TlsChoice choice{.name = server_name_for(listener, name)};
  if (choice.name != nullptr) {
    if (choice.name->model.policy.client.mode == model::ClientValidation::Mode::refuse) return choice;
    for (const SlotRef& hold : choice.name->certificates) {
      choice.certificate = certificates.get(hold->slot());
      if (choice.certificate != nullptr) return choice;
    }
  }
  if (!name.empty()) choice.certificate = certificate_names.find(name, now);
  if (choice.certificate != nullptr) return choice;
  const ServerNames* const own = server_names_of.find(listener.model.id);
  const bool demands = server_names.demanding() != 0 || (own != nullptr && own->demanding() != 0);
  if (!listener.default_certificate) return choice;
  choice.is_default_withheld = choice.name == nullptr && demands;
  if (!choice.is_default_withheld) choice.certificate = certificates.get(listener.default_certificate->slot());
  return choice;
}

const std::string& Snapshot::tls_policy_for(const Listener& listener, std::string_view host) const {
  return TlsChoice{.name = server_name_for(listener, host)}.policy();
}

}  // namespace sallyport::routing
