// SPDX-License-Identifier: Apache-2.0
#include "routing/compiler.hpp"

#include <algorithm>
#include <ranges>
#include <variant>

#include "filters/make.hpp"

namespace sallyport::routing {

SnapshotPtr Compiler::apply(const model::Delta& delta) {
  for (const auto& id : delta.listeners.removed) listeners_.erase(id);
  for (const auto& one : delta.listeners.changed) listeners_[one->id] = *one;
  for (const auto& id : delta.endpoint_sets.removed) endpoint_sets_.erase(id);
  for (const auto& one : delta.endpoint_sets.changed) {
    endpoint_sets_[one->id] = one;
  }
  for (const auto& id : delta.backends.removed) backends_.erase(id);
  for (const auto& one : delta.backends.changed) backends_[one->id] = *one;
  for (const auto& id : delta.rules.removed) rules_.erase(id);
  for (const auto& one : delta.rules.changed) rules_[one->id] = compile(*one);

  auto next = std::make_shared<Snapshot>();
  next->version = delta.version;
  rebuild_backends(*next);
  if (delta.listeners.empty() && delta.rules.empty()) {
    next->listeners = current_->listeners;
  } else {
    rebuild_listeners(*next);
  }
  current_ = std::move(next);
  return current_;
}

// Slots are not given out again: an old snapshot may still be served from beside the new one.
Slot Compiler::slot_of(const model::Id& backend) {
  return slots_.try_emplace(backend, static_cast<Slot>(slots_.size())).first->second;
}

std::shared_ptr<const Rule> Compiler::compile(const model::Rule& rule) {
  auto compiled = std::make_shared<Rule>();
  compiled->model = rule;
  compiled->chain = filters::make(rule.chain);
  std::uint64_t weight = 0;
  for (const model::Destination& from : rule.destinations) {
    if (from.weight == 0) continue;
    weight += from.weight;
    Destination to{.weight_up_to = weight, .chain = filters::make(from.chain)};
    if (const auto* ref = std::get_if<model::BackendRef>(&from.target)) {
      to.backend = slot_of(ref->backend);
    } else {
      to.answer = std::get<model::FixedAnswer>(from.target).code;
    }
    compiled->destinations.push_back(std::move(to));
  }
  return compiled;
}

// One that did not change stays the same object: that is how a worker sees what it need not touch.
void Compiler::rebuild_backends(Snapshot& next) {
  static const auto no_endpoints = std::make_shared<const model::EndpointSet>();
  for (const auto& [id, backend] : backends_) {
    const Slot slot = slot_of(id);
    if (slot >= next.backends.size()) next.backends.resize(slot + 1);
    const auto found = endpoint_sets_.find(backend.endpoint_set);
    const auto& endpoints = found == endpoint_sets_.end() ? no_endpoints : found->second;
    const auto& old = slot < current_->backends.size() ? current_->backends[slot] : nullptr;
    const bool same = old != nullptr && old->endpoints == endpoints && old->model == backend;
    next.backends[slot] = same ? old : std::make_shared<const Backend>(backend, endpoints);
  }
}

void Compiler::rebuild_listeners(Snapshot& next) {
  std::map<std::vector<const Rule*>, std::shared_ptr<const Table>> tables;
  for (const auto& [id, listener] : listeners_) {
    Rules rules;
    std::vector<const Rule*> key;
    for (const auto& rule : rules_ | std::views::values) {
      const auto& scope = rule->model.listeners;
      if (!scope.empty() && std::ranges::find(scope, id) == scope.end()) continue;
      rules.push_back(rule);
      key.push_back(rule.get());
    }
    std::shared_ptr<const Table>& table = tables[key];
    if (table == nullptr) table = std::make_shared<const Table>(rules);
    auto compiled = std::make_shared<Listener>();
    compiled->model = listener;
    compiled->chain = filters::make(listener.chain);
    compiled->table = table;
    next.listeners.push_back(std::move(compiled));
  }
}

}  // namespace sallyport::routing
