// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/store.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "base/text.hpp"

namespace sallyport::fake_api {
namespace {

Labels labels_of(const Json& json) {
  Labels labels;
  const Json* const written = json.at({"metadata", "labels"});
  if (written == nullptr) return labels;
  for (const Json::Member& label : written->members()) labels.emplace(label.name, label.value.text());
  return labels;
}

}  // namespace

Store::Store() {
  for (Kind& kind : built_in_kinds()) serve(std::move(kind));
}

std::vector<KindPtr> Store::kinds() const {
  std::vector<KindPtr> all;
  for (const auto& [key, collection] : collections_) all.push_back(collection.kind);
  return all;
}

KindPtr Store::find(std::string_view group, std::string_view version, std::string_view plural) const {
  const auto found = collections_.find({std::string(group), std::string(plural)});
  return found == collections_.end() || found->second.kind->version != version ? nullptr : found->second.kind;
}

KindPtr Store::find_named(std::string_view api_version, std::string_view name) const {
  for (const auto& [key, collection] : collections_) {
    if (collection.kind->name == name && collection.kind->api_version() == api_version) return collection.kind;
  }
  return nullptr;
}

void Store::serve(Kind kind) {
  const std::pair key(kind.group, kind.plural);
  collections_[key].kind = std::make_shared<const Kind>(std::move(kind));
  tell();
}

bool Store::drop(std::string_view group, std::string_view plural) {
  if (collections_.erase({std::string(group), std::string(plural)}) == 0) return false;
  tell();
  return true;
}

const Store::Collection* Store::collection(const Kind& kind) const {
  const auto found = collections_.find({kind.group, kind.plural});
  return found == collections_.end() ? nullptr : &found->second;
}

ObjectPtr Store::get(const Kind& kind, std::string_view namespace_, std::string_view name) const {
  const Collection* const all = collection(kind);
  if (all == nullptr) return nullptr;
  const auto found = all->objects.find({std::string(namespace_), std::string(name)});
  return found == all->objects.end() ? nullptr : found->second;
}

ObjectPtr Store::put(KindPtr kind, Json json, std::string raw, Owners owners) {
  Collection& all = collections_[{kind->group, kind->plural}];
  auto made = std::make_shared<Object>();
  made->kind = std::move(kind);
  made->namespace_ = json.text_at({"metadata", "namespace"});
  made->name = json.text_at({"metadata", "name"});
  made->revision = ++revision_;
  made->labels = labels_of(json);
  made->raw = std::move(raw);
  made->owners = std::move(owners);
  made->json = std::move(json);
  made->json["metadata"]["resourceVersion"] = std::to_string(made->revision);
  ObjectPtr& place = all.objects[{made->namespace_, made->name}];
  all.events.push_back({.revision = revision_, .before = place, .after = made});
  place = std::move(made);
  const ObjectPtr put = place;
  tell();
  return put;
}

ObjectPtr Store::remove(const Kind& kind, std::string_view namespace_, std::string_view name) {
  const auto found = collections_.find({kind.group, kind.plural});
  if (found == collections_.end()) return nullptr;
  const auto node = found->second.objects.extract({std::string(namespace_), std::string(name)});
  if (!node) return nullptr;
  found->second.events.push_back({.revision = ++revision_, .before = node.mapped(), .after = nullptr});
  tell();
  return node.mapped();
}

// Watches that are under way have seen them.
void Store::expire() {
  expired_ = revision_;
  listings_.clear();
  for (auto& [key, collection] : collections_) {
    collection.forgotten += collection.events.size();
    collection.events.clear();
  }
}

std::vector<ObjectPtr> Store::list(const Kind& kind, const Scope& scope) const {
  std::vector<ObjectPtr> items;
  const Collection* const all = collection(kind);
  if (all == nullptr) return items;
  for (const auto& [key, object] : all->objects) {
    if (object->fits(scope)) items.push_back(object);
  }
  return items;
}

Page Store::first_page(const Kind& kind, const Scope& scope, std::size_t limit) {
  Listing listing{.items = list(kind, scope), .revision = revision_};
  if (limit == 0 || listing.items.size() <= limit) return {.items = std::move(listing.items), .revision = revision_};
  const std::string name = std::to_string(++listed_);
  return page(name, listings_[name] = std::move(listing), 0, limit);
}

std::optional<Page> Store::next_page(std::string_view token, std::size_t limit) {
  const auto dash = token.find('-');
  const auto listing = listings_.find(token.substr(0, dash));
  const auto from =
      dash == token.npos ? std::nullopt : parse_decimal<std::size_t>(token.substr(std::min(dash + 1, token.size())));
  if (listing == listings_.end() || !from || *from > listing->second.items.size()) return std::nullopt;
  return page(listing->first, listing->second, *from, limit);
}

Page Store::page(const std::string& name, const Listing& listing, std::size_t from, std::size_t limit) {
  const std::size_t left = listing.items.size() - from;
  const std::size_t size = limit == 0 ? left : std::min(limit, left);
  const auto first = listing.items.begin() + static_cast<std::ptrdiff_t>(from);
  Page page{.items = {first, first + static_cast<std::ptrdiff_t>(size)}, .revision = listing.revision};
  page.remaining = left - size;
  if (page.remaining != 0) page.rest = text::cat(name, "-", from + size);
  return page;
}

std::size_t Store::events_so_far(const Kind& kind) const {
  const Collection* const all = collection(kind);
  return all == nullptr ? 0 : all->forgotten + all->events.size();
}

std::vector<Event> Store::events(const Kind& kind, std::size_t number) const {
  const Collection* const all = collection(kind);
  if (all == nullptr) return {};
  const std::size_t skipped = std::min(number - std::min(number, all->forgotten), all->events.size());
  return {all->events.begin() + static_cast<std::ptrdiff_t>(skipped), all->events.end()};
}

std::size_t Store::first_after(const Kind& kind, std::uint64_t revision) const {
  const Collection* const all = collection(kind);
  if (all == nullptr) return 0;
  const auto known = std::find_if(all->events.rbegin(), all->events.rend(),
                                  [revision](const Event& event) { return event.revision <= revision; });
  return all->forgotten + static_cast<std::size_t>(all->events.rend() - known);
}

void Store::tell() {
  const std::vector<StoreListener*> all = listeners_;
  for (StoreListener* const one : all) one->store_changed();
}

}  // namespace sallyport::fake_api
