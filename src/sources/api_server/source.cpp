// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/source.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "net/sleep.hpp"

namespace sallyport::sources::api_server {
namespace {

bool is_by_name(const kube::Kind& kind) {
  return is_given_by_name({std::string(kind.group), std::string(kind.name), {}, {}});
}

// Namespaces are not read by anybody but the selector.
std::vector<const kube::Kind*> watched_kinds() {
  std::vector<const kube::Kind*> kinds;
  for (const kube::Kind& kind : kube::all_kinds()) {
    if (kind.name != "Endpoints" && kind.name != "Namespace") kinds.push_back(&kind);
  }
  return kinds;
}

bool is_of(const kube::Kind& kind, const ObjectRef& ref) { return kind.group == ref.group && kind.name == ref.kind; }

std::string not_served(const Presence& presence) {
  std::string message = "not served by the API server: there will be none of them until it is";
  if (!presence.other_versions.empty()) {
    message += text::cat(" (it has ", text::join(presence.other_versions, ", "), ", which is not read)");
  }
  return message;
}

KindState state_of(const ListWatch& watch) {
  switch (watch.trouble().kind) {
    case Trouble::Kind::none:
      return watch.is_listed() ? KindState::live : KindState::waiting;
    case Trouble::Kind::unreachable:
    case Trouble::Kind::unavailable:
      return watch.is_listed() ? KindState::stale : KindState::waiting;
    case Trouble::Kind::forbidden:
    case Trouble::Kind::refused:
      return KindState::forbidden;
    case Trouble::Kind::not_served:
      return KindState::not_served;
  }
  return KindState::live;
}

// What is said of one resource. The server as a whole is no resource's.
Problem problem_of(const Resource& resource, const Trouble& trouble, bool is_anything_known) {
  if (trouble.kind == Trouble::Kind::unreachable) {
    const std::string_view then = is_anything_known ? "; what is known stays in force" : "";
    return {Problem::Kind::broken, "", 0, {}, text::cat(trouble.message, then)};
  }
  const auto kind = trouble.kind == Trouble::Kind::not_served ? Problem::Kind::watch : Problem::Kind::broken;
  return {kind, text_of(resource), 0, {}, trouble.message};
}

}  // namespace

ApiServerSource::Watch::Watch(ApiServerSource& of, Resource resource)
    : source(of), list_watch(of.loop_, of.api_, of.chance_, of.settings_.pace, std::move(resource), *this) {}

void ApiServerSource::Watch::objects_changed(const std::vector<ObjectRef>& changed,
                                             const std::vector<ObjectRef>& removed) {
  source.take(*this, changed, removed);
}

ApiServerSource::ApiServerSource(net::Loop& loop, Api& api, SourceSettings settings)
    : loop_(loop),
      api_(api),
      settings_(std::move(settings)),
      by_name_(loop, api, chance_, settings_.pace, *this, [this](const ObjectRef& ref) { return version_of(ref); }) {}

ApiServerSource::~ApiServerSource() = default;

Result<void> ApiServerSource::start(OnChanges on_changes) {
  on_changes_ = std::move(on_changes);
  must_give_ = true;
  loop_.defer(*this);
  beginning_ = begin();
  beginning_.start();
  return {};
}

void ApiServerSource::reload() {
  must_give_ = true;
  loop_.defer(*this);
  if (!has_begun_) return;
  if (namespaces_) namespaces_->list_watch.reload();
  for (const auto& watch : watches_) watch->list_watch.reload();
  by_name_.reload();
  beginning_ = look_for_missing(net::Duration(0));
  beginning_.start();
}

net::Task<void> ApiServerSource::begin() {
  const std::vector<const kube::Kind*> kinds = watched_kinds();
  const Presences presences = co_await discover(api_, kinds);
  has_begun_ = true;
  if (!settings_.namespace_selector.empty()) {
    Resource resource;
    resource.kind = kube::find_kind("", "Namespace");
    resource.selector = settings_.namespace_selector;
    resource.is_metadata_only = true;
    namespaces_ = std::make_unique<Watch>(*this, std::move(resource));
    namespaces_->list_watch.start();
  }
  for (const kube::Kind* const kind : kinds) {
    const Presence& presence = presences.at(kind);
    if (presence.is_served) {
      watch_kind(*kind);
    } else {
      missing_.emplace(kind, not_served(presence));
    }
  }
  problems_changed();
  co_await look_for_missing(settings_.pace.second_look);
}

// What a server that has just begun does not serve yet is there at the second look.
net::Task<void> ApiServerSource::look_for_missing(net::Duration wait) {
  while (!missing_.empty()) {
    if (wait != net::Duration(0)) co_await net::Sleep(loop_, wait);
    std::vector<const kube::Kind*> kinds;
    for (const auto& [kind, message] : missing_) kinds.push_back(kind);
    const Presences presences = co_await discover(api_, kinds);
    bool is_certain = true;
    for (const auto& [kind, presence] : presences) {
      is_certain = is_certain && presence.is_certain;
      if (presence.is_served && presence.is_certain && missing_.erase(kind) != 0) watch_kind(*kind);
    }
    is_missing_decided_ = is_missing_decided_ || is_certain;
    problems_changed();
    const Pace& pace = settings_.pace;
    wait = is_missing_decided_ ? chance_.between(pace.refused_wait / 2, pace.refused_wait) : pace.second_look;
  }
}

void ApiServerSource::watch_kind(const kube::Kind& kind) {
  if (!kind.is_namespaced || settings_.namespaces.empty()) return watch(kind, {});
  for (const std::string& namespace_ : settings_.namespaces) watch(kind, namespace_);
}

void ApiServerSource::watch(const kube::Kind& kind, std::string namespace_) {
  Resource resource;
  resource.kind = &kind;
  resource.namespace_ = std::move(namespace_);
  resource.is_metadata_only = is_by_name(kind);
  watches_.push_back(std::make_unique<Watch>(*this, std::move(resource)));
  watches_.back()->list_watch.start();
}

void ApiServerSource::take(const Watch& from, const std::vector<ObjectRef>& changed,
                           const std::vector<ObjectRef>& removed) {
  loop_.defer(*this);
  if (&from == namespaces_.get()) return take_namespaces();
  const bool is_metadata_only = from.list_watch.resource().is_metadata_only;
  for (const ObjectRef& ref : changed) {
    if (!is_ours(ref)) continue;
    if (is_metadata_only) {
      by_name_.moved(ref);
    } else {
      batch_.insert_or_assign(ref, from.list_watch.objects().at(ref).object);
    }
  }
  for (const ObjectRef& ref : removed) {
    if (!is_ours(ref)) continue;
    if (is_metadata_only) {
      by_name_.moved(ref);
    } else {
      batch_.insert_or_assign(ref, nullptr);
    }
  }
}

void ApiServerSource::take_namespaces() {
  std::set<std::string> now;
  for (const auto& [ref, held] : namespaces_->list_watch.objects()) now.insert(ref.name);
  const std::set<std::string> former = std::exchange(selected_, now);
  for (const std::string& name : former) {
    if (!now.contains(name)) give_namespace(name, false);
  }
  for (const std::string& name : now) {
    if (!former.contains(name)) give_namespace(name, true);
  }
}

void ApiServerSource::give_namespace(const std::string& name, bool is_ours) {
  for (const auto& watch : watches_) {
    const bool is_metadata_only = watch->list_watch.resource().is_metadata_only;
    for (const auto& [ref, held] : watch->list_watch.objects()) {
      if (ref.namespace_ != name) continue;
      if (is_metadata_only) {
        by_name_.moved(ref);
      } else {
        batch_.insert_or_assign(ref, is_ours ? held.object : nullptr);
      }
    }
  }
}

bool ApiServerSource::is_ours(const ObjectRef& ref) const {
  return settings_.namespace_selector.empty() || ref.namespace_.empty() || selected_.contains(ref.namespace_);
}

template <class Call>
void ApiServerSource::for_each_watch_of(const ObjectRef& ref, const Call& call) const {
  for (const auto& watch : watches_) {
    const Resource& resource = watch->list_watch.resource();
    if (!is_of(*resource.kind, ref)) continue;
    if (resource.namespace_.empty() || resource.namespace_ == ref.namespace_) call(watch->list_watch);
  }
}

const std::string* ApiServerSource::version_of(const ObjectRef& ref) const {
  const std::string* version = nullptr;
  if (!is_ours(ref)) return version;
  for_each_watch_of(ref, [&](const ListWatch& watch) {
    const auto found = watch.objects().find(ref);
    if (found != watch.objects().end()) version = &found->second.version;
  });
  return version;
}

bool ApiServerSource::has_read(const ObjectRef& ref) const {
  const bool is_missing = std::ranges::any_of(missing_, [&](const auto& kind) { return is_of(*kind.first, ref); });
  if (!has_begun_ || is_missing || by_name_.troubles().contains(ref)) return false;
  if (namespaces_ && !ref.namespace_.empty() && !namespaces_->list_watch.is_listed()) return false;
  bool is_read = true;
  for_each_watch_of(ref, [&](const ListWatch& watch) {
    const auto& unreadable = watch.unreadable();
    is_read = is_read && watch.is_listed() && !unreadable.contains(ref) && !unreadable.contains(std::nullopt);
  });
  return is_read;
}

std::vector<KindFigures> ApiServerSource::figures() const {
  std::vector<KindFigures> all;
  for (const kube::Kind& kind : kube::all_kinds()) {
    KindFigures figures{.kind = name_of(kind)};
    bool is_read = false;
    const auto add = [&](const ListWatch& watch) {
      if (watch.resource().kind != &kind) return;
      is_read = true;
      figures.state = std::max(figures.state, state_of(watch));
      if (const auto proven = watch.proven()) {
        const auto age = std::chrono::duration_cast<net::Duration>(loop_.now() - *proven);
        figures.age = std::max(figures.age.value_or(age), age);
      }
      figures.objects += watch.objects().size();
      figures.lists += watch.lists();
      figures.lost_events += watch.lost_events();
    };
    if (namespaces_) add(namespaces_->list_watch);
    for (const auto& watch : watches_) add(watch->list_watch);
    if (missing_.contains(&kind)) figures.state = KindState::not_served;
    if (is_read || missing_.contains(&kind)) all.push_back(std::move(figures));
  }
  return all;
}

void ApiServerSource::fetched(kube::ObjectPtr object) {
  const ObjectRef ref = object->ref;
  batch_.insert_or_assign(ref, std::move(object));
  loop_.defer(*this);
}

void ApiServerSource::is_absent(const ObjectRef& ref) {
  batch_.insert_or_assign(ref, nullptr);
  loop_.defer(*this);
}

void ApiServerSource::is_unavailable(const ObjectRef& ref) {
  unavailable_.insert(ref);
  loop_.defer(*this);
}

void ApiServerSource::problems_changed() {
  has_problem_news_ = true;
  loop_.defer(*this);
}

bool ApiServerSource::is_complete() const {
  const bool is_missing_known = missing_.empty() || is_missing_decided_;
  if (!has_begun_ || !is_missing_known || (namespaces_ && !namespaces_->list_watch.is_decided())) return false;
  return std::ranges::all_of(watches_, [](const auto& watch) { return watch->list_watch.is_decided(); });
}

void ApiServerSource::at_turn_end() {
  Changes changes;
  changes.complete = was_complete_ || is_complete();
  for (const ObjectRef& ref : std::exchange(unavailable_, {})) {
    if (!batch_.contains(ref)) changes.unavailable.push_back(ref);
  }
  for (auto& [ref, object] : std::exchange(batch_, {})) {
    if (object) {
      changes.changed.push_back(std::move(object));
    } else {
      changes.removed.push_back(ref);
    }
  }
  if (std::exchange(has_problem_news_, false)) {
    changes.has_read_more = changes.complete;
    std::vector<Problem> now = problems();
    if (now != given_problems_) {
      given_problems_ = now;
      changes.problems = std::move(now);
    }
  }
  const bool became_complete = changes.complete && !std::exchange(was_complete_, changes.complete);
  const bool must_give = std::exchange(must_give_, false);
  if (must_give || became_complete || !changes.empty()) on_changes_(std::move(changes));
}

// A server that does not answer is one problem, however many kinds it does not answer for.
std::vector<Problem> ApiServerSource::problems() const {
  std::vector<Problem> all;
  std::set<std::string> told;
  const auto add_watch = [&](const ListWatch& watch) {
    if (watch.trouble().kind != Trouble::Kind::none) {
      Problem problem = problem_of(watch.resource(), watch.trouble(), was_complete_);
      if (!problem.file.empty() || told.insert(problem.message).second) all.push_back(std::move(problem));
    }
    for (const auto& [ref, message] : watch.unreadable()) {
      if (ref && !is_ours(*ref)) continue;
      const std::string place = ref ? std::string() : text_of(watch.resource());
      all.push_back(
          {Problem::Kind::broken, place, 0, ref, text::cat("cannot be read: ", message, "; what it was stays")});
    }
  };
  if (namespaces_) add_watch(namespaces_->list_watch);
  for (const auto& watch : watches_) add_watch(watch->list_watch);
  for (const auto& [kind, message] : missing_) all.push_back({Problem::Kind::watch, name_of(*kind), 0, {}, message});
  for (const auto& [ref, trouble] : by_name_.troubles()) {
    all.push_back({Problem::Kind::broken, "", 0, ref, trouble.message});
  }
  return all;
}

}  // namespace sallyport::sources::api_server
