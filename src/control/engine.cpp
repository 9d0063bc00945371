// SPDX-License-Identifier: Apache-2.0
#include "control/engine.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>
#include <variant>

#include "control/publish_service.hpp"
#include "control/resolve.hpp"
#include "dialects/precedence.hpp"

namespace sallyport::control {
namespace {

using dialects::Level;
using dialects::Translation;

struct Acquire {
  Counted<model::Rule>& rules;
  Counted<model::ServerName>& server_names;

  void operator()(const std::shared_ptr<const model::Rule>& rule) const { rules.acquire(rule); }
  void operator()(const std::shared_ptr<const model::ServerName>& name) const { server_names.acquire(name); }
  void operator()(const std::shared_ptr<const dialects::Use>&) const {}
};

struct Release {
  Counted<model::Rule>& rules;
  Counted<model::ServerName>& server_names;

  void operator()(const std::shared_ptr<const model::Rule>& rule) const { rules.release(rule); }
  void operator()(const std::shared_ptr<const model::ServerName>& name) const { server_names.release(name); }
  void operator()(const std::shared_ptr<const dialects::Use>&) const {}
};

// Objects tell of their rules.
std::uint32_t rules_in(const dialects::ClaimValue& value) {
  return std::holds_alternative<std::shared_ptr<const model::Rule>>(value) ? 1 : 0;
}

bool is_server_name(const dialects::ClaimValue& value) {
  return std::holds_alternative<std::shared_ptr<const model::ServerName>>(value);
}

// Nothing that a loser is told of it; losers of a server name hear nothing where the winner says what they say.
bool is_same_winner(const std::optional<dialects::ClaimValue>& former, const HeldClaim* now) {
  if (!former || now == nullptr) return !former && now == nullptr;
  return dialects::origin_of(*former) == dialects::origin_of(now->value) &&
         dialects::rank_of(*former) == dialects::rank_of(now->value) &&
         (!is_server_name(*former) || dialects::same_effect(*former, now->value));
}

// Only what is told back to the cluster is another: a status, who wrote it.
bool says_nothing_new(const kube::Object& former, const kube::Object& now) {
  return former.meaning == now.meaning && former.file == now.file && former.lines == now.lines &&
         former.complaints == now.complaints;
}

}  // namespace

Engine::Engine(Settings settings) : Engine(settings, dialects::all(dialect_settings(settings))) {}

Engine::Engine(Settings settings, dialects::Dialects dialects)
    : settings_(std::move(settings)), dialects_(std::move(dialects)), store_(dialects_) {
  if (!settings_.publish_addresses.empty()) addresses_ = settings_.publish_addresses;
  if (settings_.default_certificate) reads_.pin(*settings_.default_certificate);
}

Outcome Engine::apply(const sources::Changes& changes) {
  Outcome outcome;
  take_in(changes, outcome);
  settle();
  outcome.wanted = reads_.take_wanted();
  outcome.delta.version = version_;
  std::ranges::move(std::exchange(outcome.gone, {}), std::back_inserter(gone_));
  if (is_gathering_ && is_waiting()) return outcome;
  is_gathering_ = false;
  outcome.gone = std::exchange(gone_, {});
  std::erase_if(outcome.gone, [this](const ObjectRef& ref) { return store_.find(ref) != nullptr; });
  make_statuses(outcome);
  make_delta(outcome);
  return outcome;
}

// Whoever read them when they could not be had reads them again.
void Engine::gather_anew() {
  is_gathering_ = true;
  for (const ObjectRef& ref : reads_.missing_by_name()) {
    if (lookup_.is_awaited(ref)) reads_.object_known(ref);
  }
}

bool Engine::lacks_secrets() const {
  return std::ranges::any_of(reads_.missing_by_name(), [](const ObjectRef& ref) { return ref.kind == "Secret"; });
}

void Engine::take_in(const sources::Changes& changes, Outcome& outcome) {
  std::unordered_map<ObjectRef, kube::ObjectPtr> before;  // the good versions
  for (const ObjectRef& ref : changes.removed) {
    const ObjectStore::Entry* entry = store_.find(ref);
    if (entry == nullptr) {
      reads_.object_known(ref);
      continue;
    }
    before.try_emplace(ref, entry->good);
    forget(*entry);
    store_.remove(ref);
    outcome.gone.push_back(ref);
  }
  for (const ObjectRef& ref : changes.unavailable) {
    if (store_.find(ref) == nullptr) reads_.object_known(ref);
  }
  for (const kube::ObjectPtr& object : changes.changed) {
    if (held_back_ != 0 && store_.find(object->ref) == nullptr) reads_.object_known(object->ref);
    before.try_emplace(object->ref, store_.good(object->ref));
    if (const auto* entry = store_.find(object->ref); entry != nullptr && says_nothing_new(*entry->newest, *object)) {
      store_.put(object);
      continue;
    }
    KnownObject& known = know(store_.put(object));
    for (const auto& root : known.roots) reads_.mark(*root);
    mark_stale(known);
  }
  for (const auto& [ref, former] : before) {
    reads_.object_changed(ref, former.get(), store_.good(ref).get());
  }
  read_addresses(changes);
}

void Engine::read_addresses(const sources::Changes& changes) {
  const auto& service = settings_.publish_service;
  if (!service || !settings_.publish_addresses.empty()) return;
  const bool is_among = std::ranges::find(changes.removed, *service) != changes.removed.end() ||
                        std::ranges::any_of(changes.changed, [&](const auto& one) { return one->ref == *service; });
  if (!is_among) return;
  const kube::ObjectPtr object = store_.newest(*service);
  set_addresses(object == nullptr ? std::nullopt : addresses_of(*object));
}

void Engine::set_addresses(std::optional<std::vector<std::string>> addresses) {
  if (addresses == addresses_) return;
  addresses_ = std::move(addresses);
  for (auto& [entry, known] : objects_) {
    if (std::ranges::any_of(known.roots, &Root::wants_addresses)) mark_stale(known);
  }
}

KnownObject& Engine::know(const ObjectStore::Entry& entry) {
  const auto [at, fresh] = objects_.try_emplace(&entry);
  KnownObject& object = at->second;
  if (!fresh) return object;
  object.entry = &entry;
  for (const dialects::Dialect* dialect : store_.dialects_of(entry.newest->ref)) {
    object.roots.push_back(std::make_unique<Root>(object, *dialect));
  }
  return object;
}

void Engine::forget(const ObjectStore::Entry& entry) {
  const auto at = objects_.find(&entry);
  KnownObject& object = at->second;
  object.is_leaving = true;
  for (const auto& root : object.roots) {
    hold_back(*root, false);
    reads_.forget(*root);
    update(*root, std::nullopt);
  }
  if (object.is_stale) std::erase(stale_, &object);  // from before the first delta
  objects_.erase(at);
}

void Engine::settle() {
  translate_dirty();
  for (const Level level : dialects::levels) {
    resolve_dirty(level);
    translate_dirty();
  }
  resolve_dirty(dialects::levels.back());
}

void Engine::translate_dirty() {
  for (Reads::Reader* reader : reads_.take_dirty()) translate(static_cast<Root&>(*reader));
}

void Engine::translate(Root& root) {
  reads_.begin();
  std::optional<Translation> translation = ask(root);
  reads_.end(root);
  const bool was_held_back = root.is_held_back;
  hold_back(root, lookup_.take_unknown());
  if (root.is_held_back) return;
  if (update(root, std::move(translation)) || was_held_back) mark_stale(*root.object);
}

void Engine::hold_back(Root& root, bool is_held_back) {
  if (root.is_held_back == is_held_back) return;
  root.is_held_back = is_held_back;
  is_held_back ? ++held_back_ : --held_back_;
}

// Half of the truth would be served: hosts without their certificates.
bool Engine::is_waiting() const {
  const auto& certificate = settings_.default_certificate;
  return held_back_ != 0 || (certificate && store_.find(*certificate) == nullptr && lookup_.is_awaited(*certificate));
}

// An object that went over to somebody else is not held back by its faults: they are not ours to judge. One with faults
// is never translated: what is wrong with it may be its size.
std::optional<Translation> Engine::ask(const Root& root) {
  const ObjectStore::Entry& entry = *root.object->entry;
  if (!entry.faults.empty()) {
    if (auto why = root.dialect->foreign(*entry.newest, lookup_)) return not_ours(*std::move(why));
  }
  if (!entry.good) return std::nullopt;
  ++work_.translate;
  return root.dialect->translate(*entry.good, lookup_);
}

bool Engine::update(Root& root, std::optional<Translation> translation) {
  const bool is_translated = translation.has_value();
  Translation now = std::move(translation).value_or(Translation());
  update_parts(endpoint_sets_, root.endpoint_sets, std::move(now.endpoint_sets));
  update_parts(backends_, root.backends, std::move(now.backends));
  update_parts(certificates_, root.certificates, std::move(now.certificates));
  const bool claims_differ = update_claims(root, std::move(now.claims));
  const bool is_same = root.is_translated == is_translated && root.ours == now.ours &&
                       root.wants_addresses == now.wants_addresses && root.findings == now.findings;
  root.is_translated = is_translated;
  root.ours = now.ours;
  root.wants_addresses = now.wants_addresses;
  root.findings = std::move(now.findings);
  root.findings.shrink_to_fit();
  return claims_differ || !is_same;
}

bool Engine::update_claims(Root& root, std::vector<dialects::Claim> claims) {
  FormerClaims former(std::exchange(root.claims, {}));
  root.claims.reserve(claims.size());
  std::vector<HeldClaim*> fresh;
  for (dialects::Claim& claim : claims) {
    Group& group = groups_.at(claim.group);
    auto held = former.take(root.claims.size(), group, claim.value);
    if (!held) {
      held = std::make_unique<HeldClaim>(std::move(claim.value), &group, root.object);
      fresh.push_back(held.get());
    }
    root.claims.push_back(std::move(held));
  }
  const auto gone = former.rest();
  for (const auto& claim : gone) {
    if (claim->wins) unwin(*claim);
    groups_.erase(*claim);
  }
  for (HeldClaim* claim : fresh) groups_.insert(*claim);
  return !fresh.empty() || !gone.empty();
}

// The new ones first, so that what stays is never gone in between.
template <class Part>
void Engine::update_parts(Counted<Part>& all, std::vector<std::shared_ptr<const Part>>& of_root,
                          std::vector<Part> parts) {
  std::vector<std::shared_ptr<const Part>> former = std::exchange(of_root, {});
  std::ranges::sort(parts, {}, &Part::id);
  const auto repeated = std::ranges::unique(parts, {}, &Part::id);
  parts.erase(repeated.begin(), repeated.end());
  of_root.reserve(parts.size());
  for (Part& part : parts) of_root.push_back(all.acquire(std::make_shared<const Part>(std::move(part))));
  for (const auto& part : former) all.release(part);
}

void Engine::resolve_dirty(Level up_to) {
  for (const Groups::Dirty& dirty : groups_.take_dirty(up_to)) {
    resolve(dirty);
    reads_.verdict_changed(*dirty.group->key, verdict_of(*dirty.group));
    groups_.drop_if_empty(*dirty.group);
  }
}

void Engine::resolve(const Groups::Dirty& dirty) {
  ++work_.resolve;
  Group& group = *dirty.group;
  HeldClaim* winner = control::resolve(group);
  if (winner != group.winner) {
    if (group.winner != nullptr) unwin(*group.winner);
    if (winner != nullptr) win(*winner);
    group.winner = winner;
  }
  if (is_same_winner(dirty.former, winner)) return;
  for (HeldClaim* claim : group.claims) mark_stale(*claim->owner);
}

void Engine::win(HeldClaim& claim) {
  claim.wins = true;
  claim.owner->won += rules_in(claim.value);
  std::visit(Acquire{rules_, server_names_}, claim.value);
  mark_stale(*claim.owner);
}

void Engine::unwin(HeldClaim& claim) {
  claim.wins = false;
  claim.owner->won -= rules_in(claim.value);
  std::visit(Release{rules_, server_names_}, claim.value);
  mark_stale(*claim.owner);
}

void Engine::mark_stale(KnownObject& object) {
  if (object.is_leaving || std::exchange(object.is_stale, true)) return;
  stale_.push_back(&object);
}

void Engine::make_statuses(Outcome& outcome) {
  for (KnownObject* object : std::exchange(stale_, {})) {
    object->is_stale = false;
    if (std::ranges::any_of(object->roots, [](const auto& root) { return root->is_held_back; })) continue;
    ++work_.compose;
    ObjectStatus status = status_of(*object, addresses_);
    if (object->status && *object->status == status) continue;
    object->status = std::make_shared<const ObjectStatus>(std::move(status));
    outcome.changed.push_back(object->status);
  }
  std::ranges::sort(outcome.changed, {},
                    [](const StatusPtr& status) -> const ObjectRef& { return status->origin.object; });
}

void Engine::make_delta(Outcome& outcome) {
  model::Delta& delta = outcome.delta;
  if (version_ == 0)
    delta.listeners.changed.push_back(std::make_shared<const model::Listener>(http_listener(settings_)));
  const bool wants_tls = server_names_.size() != 0 || certificates_.size() != 0;
  if (wants_tls != has_tls_) {
    model::Listener listener = https_listener(settings_);
    if (wants_tls) {
      delta.listeners.changed.push_back(std::make_shared<const model::Listener>(std::move(listener)));
    } else {
      delta.listeners.removed.push_back(std::move(listener.id));
    }
    has_tls_ = wants_tls;
  }
  delta.endpoint_sets = endpoint_sets_.take();
  delta.backends = backends_.take();
  delta.rules = rules_.take();
  delta.certificates = certificates_.take();
  delta.server_names = server_names_.take();
  if (!delta.empty()) ++version_;
  delta.version = version_;
}

StatusPtr Engine::status(const ObjectRef& ref) const {
  const ObjectStore::Entry* entry = store_.find(ref);
  return entry == nullptr ? nullptr : objects_.at(entry).status;
}

std::vector<std::shared_ptr<const model::Rule>> Engine::shadowed_by(const model::Rule& rule) const {
  const dialects::Matching matching{.host = rule.host, .path = rule.path, .predicates = rule.predicates};
  std::vector<std::shared_ptr<const model::Rule>> losers;
  const Group* const group = groups_.find(packed(dialects::rule_group(rule.rank.tier, matching)));
  if (group == nullptr) return losers;
  for (const HeldClaim* const claim : group->claims) {
    const auto* const loser = std::get_if<std::shared_ptr<const model::Rule>>(&claim->value);
    if (loser != nullptr && !claim->wins) losers.push_back(*loser);
  }
  return losers;
}

Parts Engine::parts() const {
  Parts parts{.listeners = {},
              .endpoint_sets = endpoint_sets_.all(),
              .backends = backends_.all(),
              .rules = rules_.all(),
              .certificates = certificates_.all(),
              .server_names = server_names_.all()};
  const auto add = [&](const model::Listener& listener) {
    parts.listeners.emplace(listener.id, std::make_shared<const model::Listener>(listener));
  };
  if (version_ != 0) add(http_listener(settings_));
  if (has_tls_) add(https_listener(settings_));
  return parts;
}

Statuses Engine::statuses() const {
  Statuses statuses;
  for (const auto& [entry, object] : objects_) {
    if (object.status) statuses.emplace(entry->newest->ref, object.status);
  }
  return statuses;
}

std::vector<kube::ObjectPtr> Engine::chosen() const {
  std::vector<kube::ObjectPtr> chosen;
  chosen.reserve(objects_.size());
  for (const auto& [entry, object] : objects_) {
    if (!entry->good) continue;
    const bool went_over = !entry->faults.empty() && std::ranges::any_of(object.roots, [](const auto& root) {
      return root->is_translated && !root->ours;
    });
    if (!went_over) chosen.push_back(entry->good);
  }
  return chosen;
}

}  // namespace sallyport::control
