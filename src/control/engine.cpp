// SPDX-License-Identifier: Apache-2.0
#include "control/engine.hpp"

#include <utility>
#include <variant>

#include "control/resolve.hpp"

namespace sallyport::control {
namespace {

using dialects::Claim;
using dialects::Translation;

using Groups = std::map<dialects::GroupKey, std::vector<const Claim*>>;

Groups grouped(const std::map<ObjectRef, Translated>& translated) {
  Groups groups;
  for (const auto& [ref, outcome] : translated) {
    for (const Translation& translation : outcome.translations) {
      for (const Claim& claim : translation.claims) groups[claim.group].push_back(&claim);
    }
  }
  return groups;
}

void add_parts(const Translation& translation, Parts& parts) {
  for (const auto& set : translation.endpoint_sets) parts.endpoint_sets.try_emplace(set.id, std::make_shared<const model::EndpointSet>(set));
  for (const auto& backend : translation.backends) parts.backends.try_emplace(backend.id, std::make_shared<const model::Backend>(backend));
}

struct AddWinner {
  Parts& parts;

  void operator()(const std::shared_ptr<const model::Rule>& rule) const { parts.rules.try_emplace(rule->id, rule); }
};

}  // namespace

Engine::Engine(Settings settings)
    : settings_(std::move(settings)), dialects_(dialects::all(dialect_settings(settings_))), store_(dialects_) {}

Outcome Engine::apply(const sources::Changes& changes) {
  for (const ObjectRef& ref : changes.removed) store_.remove(ref);
  for (const kube::ObjectPtr& object : changes.changed) store_.put(object);

  auto translated = translate();
  Parts parts = build(translated);
  auto statuses = judge(translated);

  Outcome outcome;
  outcome.delta = difference(parts_, parts);
  if (!outcome.delta.empty()) ++version_;
  outcome.delta.version = version_;
  for (const auto& [ref, status] : statuses) {
    const auto former = statuses_.find(ref);
    if (former == statuses_.end() || former->second != status) outcome.changed.push_back(status);
  }
  for (const auto& [ref, status] : statuses_) {
    if (!statuses.contains(ref)) outcome.gone.push_back(ref);
  }
  parts_ = std::move(parts);
  statuses_ = std::move(statuses);
  return outcome;
}

std::map<ObjectRef, Translated> Engine::translate() const {
  const StoreLookup lookup(store_);
  std::map<ObjectRef, Translated> translated;
  for (const auto& [ref, entry] : store_.entries()) {
    Translated& into = translated[ref];
    for (const dialects::Dialect* dialect : store_.dialects_of(ref)) {
      if (auto translation = translate(*dialect, entry, lookup)) into.translations.push_back(std::move(*translation));
    }
  }
  return translated;
}

// An object that went over to somebody else is not held back by its faults: they are not ours to judge.
std::optional<Translation> Engine::translate(const dialects::Dialect& dialect, const ObjectStore::Entry& entry,
                                             const dialects::Lookup& lookup) {
  if (!entry.faults.empty()) {
    Translation newest = dialect.translate(*entry.newest, lookup);
    if (!newest.ours) return newest;
  }
  if (!entry.good) return std::nullopt;
  return dialect.translate(*entry.good, lookup);
}

Parts Engine::build(std::map<ObjectRef, Translated>& translated) const {
  Parts parts;
  const model::Listener listener = http_listener(settings_);
  parts.listeners.emplace(listener.id, std::make_shared<const model::Listener>(listener));
  for (const auto& [ref, outcome] : translated) {
    for (const Translation& translation : outcome.translations) add_parts(translation, parts);
  }
  for (const auto& [key, claims] : grouped(translated)) {
    Resolved resolved = resolve(claims);
    for (const Claim* winner : resolved.winners) {
      std::visit(AddWinner{parts}, winner->value);
      ++translated[winner->owner()].won;
    }
    for (Resolved::Loser& loser : resolved.losers) {
      translated[loser.claim->owner()].lost.push_back(std::move(loser.finding));
    }
  }
  return parts;
}

std::map<ObjectRef, ObjectStatus> Engine::judge(const std::map<ObjectRef, Translated>& translated) const {
  std::map<ObjectRef, ObjectStatus> statuses;
  for (const auto& [ref, outcome] : translated) {
    statuses.emplace(ref, compose(store_.entries().at(ref), outcome, settings_.publish_addresses));
  }
  return statuses;
}

}  // namespace sallyport::control
