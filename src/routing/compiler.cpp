// SPDX-License-Identifier: Apache-2.0
#include "routing/compiler.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "filters/make.hpp"

namespace sallyport::routing {
namespace {

// Two scopes have two texts.
std::string text_of(const std::vector<model::Id>& scope) {
  std::string all;
  for (const model::Id& id : scope) all += text::cat(id.size(), ":", id);
  return all;
}

const std::shared_ptr<const model::EndpointSet>& no_endpoints() {
  static const auto none = std::make_shared<const model::EndpointSet>();
  return none;
}

}  // namespace

// The table of every listener is always there, so that its first rule touches no listener.
Compiler::Compiler(std::function<void()> on_retired) : retired_(std::make_shared<Retired>(std::move(on_retired))) {
  const SlotRef slot = table_slots_->hold(text_of({}));
  scopes_.emplace(Scope(), ScopeState{.slot = slot});
  next_.tables.set(slot->slot(), make_counted<Table>(slot));
}

Compiler::~Compiler() {
  retired_->set_silent();
  current_ = nullptr;
  retired_->free_all();
}

Change Compiler::apply(const model::Delta& delta) {
  Change change{.snapshot = nullptr, .freed = free_retired()};
  Touched touched;
  apply_listeners(delta.listeners, touched);
  apply_endpoint_sets(delta.endpoint_sets, touched);
  apply_backends(delta.backends, touched);
  apply_rules(delta.rules, touched);
  apply_certificates(delta.certificates);
  apply_server_names(delta.server_names);
  for (const model::Id& id : touched.listeners) link(id);
  next_.version = delta.version;
  current_ = retired_->share(std::make_unique<const Snapshot>(next_));
  change.snapshot = current_;
  change.backends.assign(touched.backends.begin(), touched.backends.end());
  change.listeners_changed = touched.listeners_changed;
  change.certificates_changed = !delta.certificates.empty();
  return change;
}

std::vector<Slot> Compiler::free_retired() {
  retired_->free_all();
  listener_slots_->take_freed();  // nobody keeps anything by these that needs to be told
  table_slots_->take_freed();
  certificate_slots_->take_freed();  // who keeps something of a certificate compares its part
  return backend_slots_->take_freed();
}

CompilerCounts Compiler::counts() const {
  const NodeCounts& nodes = node_counts();
  return {.snapshots = retired_->alive(),
          .nodes = nodes.alive,
          .bytes = nodes.bytes,
          .nodes_made = nodes.made,
          .rules = rules_.size(),
          .rules_outside_index = outside_index_.size()};
}

std::vector<std::shared_ptr<const model::Rule>> Compiler::outside_index() const {
  std::vector<std::shared_ptr<const model::Rule>> all;
  for (const auto& [id, rule] : outside_index_) all.push_back(rule->part);
  return all;
}

void Compiler::apply_listeners(const model::Changes<model::Listener>& changes, Touched& touched) {
  touched.listeners_changed = !changes.empty();
  for (const model::Id& id : changes.removed) {
    const Slot* const slot = next_.listener_slots.find(id);
    if (slot == nullptr) continue;
    next_.listeners.erase(*slot);
    next_.listener_slots.erase(id);
  }
  for (const auto& part : changes.changed) {
    SlotRef slot = listener_slots_->hold(part->id);
    next_.listener_slots.set(part->id, slot->slot());
    const Slot at = slot->slot();
    Ref<Listener> listener = make_counted<Listener>(part, std::move(slot));
    listener->chain = filters::make(part->chain);
    if (!part->default_certificate.empty()) {
      listener->default_certificate = certificate_slots_->hold(part->default_certificate);
    }
    next_.listeners.set(at, std::move(listener));
    touched.listeners.insert(part->id);
  }
}

// Gives the listener the tables of the scopes that it is in.
void Compiler::link(const model::Id& id) {
  const Slot* const slot = next_.listener_slots.find(id);
  if (slot == nullptr) return;
  std::vector<SlotRef> tables{scopes_.at({}).slot};
  if (const auto scopes = scopes_of_.find(id); scopes != scopes_of_.end()) {
    for (const Scope* const scope : scopes->second) tables.push_back(scopes_.at(*scope).slot);
  }
  std::ranges::sort(tables, {}, [](const SlotRef& table) { return table->slot(); });
  next_.listeners.change(*slot).tables = std::move(tables);
}

void Compiler::apply_endpoint_sets(const model::Changes<model::EndpointSet>& changes, Touched& touched) {
  const auto put = [&](const model::Id& id, std::shared_ptr<const model::EndpointSet> set) {
    Endpoints& endpoints = endpoint_sets_[id];
    endpoints.set = std::move(set);
    for (const model::Id& backend : endpoints.backends) put_backend(backends_.at(backend), touched);
    if (endpoints.set == nullptr && endpoints.backends.empty()) endpoint_sets_.erase(id);
  };
  for (const model::Id& id : changes.removed) put(id, nullptr);
  for (const auto& set : changes.changed) put(set->id, set);
}

void Compiler::apply_backends(const model::Changes<model::Backend>& changes, Touched& touched) {
  for (const model::Id& id : changes.removed) remove_backend(id, touched);
  for (const auto& part : changes.changed) {
    remove_backend(part->id, touched);
    backends_.emplace(part->id, part);
    endpoint_sets_[part->endpoint_set].backends.insert(part->id);
    put_backend(part, touched);
  }
}

// What keeps its slot is replaced there by put_backend().
void Compiler::remove_backend(const model::Id& id, Touched& touched) {
  const auto known = backends_.find(id);
  if (known == backends_.end()) return;
  const auto endpoints = endpoint_sets_.find(known->second->endpoint_set);
  endpoints->second.backends.erase(id);
  if (endpoints->second.set == nullptr && endpoints->second.backends.empty()) endpoint_sets_.erase(endpoints);
  backends_.erase(known);
  const Slot slot = backend_slots_->find(id)->slot();
  touched.backends.insert(slot);
  next_.backends.erase(slot);
}

void Compiler::put_backend(const std::shared_ptr<const model::Backend>& part, Touched& touched) {
  SlotRef slot = backend_slots_->hold(part->id);
  const auto& set = endpoint_sets_.at(part->endpoint_set).set;
  const Slot at = slot->slot();
  touched.backends.insert(at);
  next_.backends.set(at, make_counted<Backend>(part, set != nullptr ? set : no_endpoints(), std::move(slot)));
}

void Compiler::apply_rules(const model::Changes<model::Rule>& changes, Touched& touched) {
  for (const model::Id& id : changes.removed) remove_rule(id, touched);
  for (const auto& part : changes.changed) {
    remove_rule(part->id, touched);
    add_rule(part, touched);
  }
}

void Compiler::remove_rule(const model::Id& id, Touched& touched) {
  const auto known = rules_.find(id);
  if (known == rules_.end()) return;
  const RuleRef rule = known->second;
  rules_.erase(known);
  outside_index_.erase(id);
  const auto scope = scopes_.find(rule->model.listeners);
  const Slot table = scope->second.slot->slot();
  next_.tables.change(table).remove(*rule);
  if (--scope->second.rules != 0 || scope->first.empty()) return;
  next_.tables.erase(table);
  touch_scope(scope->first, touched);
  for (const model::Id& listener : scope->first) {
    const auto scopes = scopes_of_.find(listener);
    if (scopes == scopes_of_.end()) continue;  // named twice
    scopes->second.erase(&scope->first);
    if (scopes->second.empty()) scopes_of_.erase(scopes);
  }
  scopes_.erase(scope);
}

void Compiler::add_rule(const std::shared_ptr<const model::Rule>& part, Touched& touched) {
  const RuleRef rule = compile(part);
  rules_.emplace(rule->model.id, rule);
  if (!rule->is_indexed) outside_index_.emplace(rule->model.id, rule);
  const auto [scope, is_new] = scopes_.try_emplace(part->listeners);
  if (is_new) {
    scope->second.slot = table_slots_->hold(text_of(scope->first));
    next_.tables.set(scope->second.slot->slot(), make_counted<Table>(scope->second.slot));
    for (const model::Id& listener : scope->first) scopes_of_[listener].insert(&scope->first);
    touch_scope(scope->first, touched);
  }
  ++scope->second.rules;
  next_.tables.change(scope->second.slot->slot()).add(rule);
}

void Compiler::touch_scope(const Scope& scope, Touched& touched) const {
  touched.listeners.insert(scope.begin(), scope.end());
}

void Compiler::apply_certificates(const model::Changes<model::Certificate>& changes) {
  for (const model::Id& id : changes.removed) remove_certificate(id);
  for (const auto& part : changes.changed) {
    remove_certificate(part->id);
    SlotRef slot = certificate_slots_->hold(part->id);
    const Slot at = slot->slot();
    const Ref<Certificate> made = make_counted<Certificate>(part, std::move(slot));
    certificates_.emplace(made->model.id, made);
    next_.certificates.set(at, made);
    next_.certificate_names.add(made);
  }
}

void Compiler::remove_certificate(const model::Id& id) {
  const auto known = certificates_.find(id);
  if (known == certificates_.end()) return;
  const Ref<const Certificate> certificate = known->second;
  certificates_.erase(known);
  next_.certificate_names.remove(*certificate);
  next_.certificates.erase(certificate->slot());
}

template <class Call>
void Compiler::in_scopes(const model::ServerName& name, Call call) {
  if (name.listeners.empty()) return call(next_.server_names);
  for (const model::Id& listener : name.listeners) call(next_.server_names_of.change(listener));
}

void Compiler::apply_server_names(const model::Changes<model::ServerName>& changes) {
  for (const model::Id& id : changes.removed) remove_server_name(id);
  for (const auto& part : changes.changed) {
    remove_server_name(part->id);
    std::vector<SlotRef> shown;
    for (const model::Id& id : part->certificates) shown.push_back(certificate_slots_->hold(id));
    const Ref<const ServerName> made = make_counted<const ServerName>(part, std::move(shown));
    server_names_.emplace(made->model.id, made);
    in_scopes(*part, [&](ServerNames& scope) { scope.add(made); });
  }
}

void Compiler::remove_server_name(const model::Id& id) {
  const auto known = server_names_.find(id);
  if (known == server_names_.end()) return;
  const Ref<const ServerName> name = known->second;
  server_names_.erase(known);
  in_scopes(name->model, [&](ServerNames& scope) { scope.remove(*name); });
  for (const model::Id& listener : name->model.listeners) {
    const ServerNames* const scope = next_.server_names_of.find(listener);
    if (scope != nullptr && scope->empty()) next_.server_names_of.erase(listener);
  }
}

RuleRef Compiler::compile(const std::shared_ptr<const model::Rule>& part) {
  std::vector<Destination> destinations;
  std::uint64_t weight = 0;
  for (const model::Destination& from : part->destinations) {
    if (from.weight == 0) continue;
    weight += from.weight;
    Destination to{.weight_up_to = weight, .chain = filters::make(from.chain)};
    if (const auto* ref = std::get_if<model::BackendRef>(&from.target)) {
      to.hold = backend_slots_->hold(ref->backend);
      to.backend = to.hold->slot();
    } else {
      to.answer = std::get<model::FixedAnswer>(from.target).code;
    }
    destinations.push_back(std::move(to));
  }
  return make_counted<const Rule>(part, filters::make(part->chain), std::move(destinations), &regexes_);
}

}  // namespace sallyport::routing
