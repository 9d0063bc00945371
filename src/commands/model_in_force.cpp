// SPDX-License-Identifier: Apache-2.0
#include "commands/model_in_force.hpp"

namespace sallyport::commands {
namespace {

template <class ById, class Part>
void change(ById& all, const model::Changes<Part>& changes) {
  for (const model::Id& id : changes.removed) all.erase(id);
  for (const auto& part : changes.changed) {
    all.erase(part->id);  // with the key that is a view of the former part
    all.emplace(part->id, part);
  }
}

}  // namespace

void ModelInForce::apply(const model::Delta& delta) {
  version_ = delta.version;
  change(listeners_, delta.listeners);
  change(endpoint_sets_, delta.endpoint_sets);
  change(backends_, delta.backends);
  change(rules_, delta.rules);
  change(certificates_, delta.certificates);
  change(server_names_, delta.server_names);
}

ConfigReport ModelInForce::report() const {
  ConfigReport report{.version = version_};
  report.rules.reserve(rules_.size());
  for (const auto& [id, listener] : listeners_) report.listeners.push_back(listener);
  for (const auto& [id, rule] : rules_) report.rules.push_back(rule);
  for (const auto& [id, certificate] : certificates_) report.certificates.push_back(certificate);
  for (const auto& [id, name] : server_names_) report.server_names.push_back(name);
  for (const auto& [id, backend] : backends_) {
    const auto set = endpoint_sets_.find(backend->endpoint_set);
    report.backends.push_back({backend, set == endpoint_sets_.end() ? nullptr : set->second});
  }
  return report;
}

}  // namespace sallyport::commands
