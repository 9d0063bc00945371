// SPDX-License-Identifier: Apache-2.0
// The objects of the fake API server, what happened to them, and one counter of revisions for all: what lists and
// watches are made of (Kubernetes API concepts, "Resource versions").
//
// No I/O. Belongs to one thread; who listens is called from within a change and must not change the store in it.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fake_api_server/object.hpp"

namespace sallyport::fake_api {

struct Event {
  std::uint64_t revision = 0;
  ObjectPtr before;  // null: it is new
  ObjectPtr after;   // null: it is gone
};

// Hears of every change of objects and of kinds.
class StoreListener {
 public:
  virtual void store_changed() = 0;

 protected:
  ~StoreListener() = default;
};

// A part of a list as it was when its first part was asked for.
struct Page {
  std::vector<ObjectPtr> items;
  std::uint64_t revision = 0;
  std::string rest;  // the token of the next part; empty: there is none
  std::size_t remaining = 0;
};

class Store {
 public:
  Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Kinds. Of a group and a plural there is one at a time.
  std::vector<KindPtr> kinds() const;
  KindPtr find(std::string_view group, std::string_view version, std::string_view plural) const;
  KindPtr find_named(std::string_view api_version, std::string_view name) const;
  void serve(Kind kind);
  // With all its objects. False: there is none.
  bool drop(std::string_view group, std::string_view plural);

  // Objects. The name and the namespace are those of the metadata.
  ObjectPtr get(const Kind& kind, std::string_view namespace_, std::string_view name) const;
  // Gives it the next revision.
  ObjectPtr put(KindPtr kind, Json json, std::string raw, Owners owners);
  // As it was; null if there is none.
  ObjectPtr remove(const Kind& kind, std::string_view namespace_, std::string_view name);

  // Revisions.
  std::uint64_t revision() const { return revision_; }
  // Also backwards, as after a restore from a backup: what a server should never do.
  void set_revision(std::uint64_t revision) { revision_ = revision; }
  // Nothing before today's revision is known any more: neither events nor the rest of lists.
  void expire();

  // Lists and watches.
  std::vector<ObjectPtr> list(const Kind& kind, const Scope& scope) const;
  Page first_page(const Kind& kind, const Scope& scope, std::size_t limit);
  // Nothing: the token has expired, or never was one.
  std::optional<Page> next_page(std::string_view token, std::size_t limit);
  // False: not all events after that revision are known.
  bool knows_since(std::uint64_t revision) const { return revision >= expired_; }
  // The number of events of a kind so far, and those from the `number`-th on.
  std::size_t events_so_far(const Kind& kind) const;
  std::vector<Event> events(const Kind& kind, std::size_t number) const;
  // The number of the first event behind the last one that is not after that revision.
  std::size_t first_after(const Kind& kind, std::uint64_t revision) const;

  void listen(StoreListener& listener) { listeners_.push_back(&listener); }
  void forget(StoreListener& listener) { std::erase(listeners_, &listener); }

 private:
  using Key = std::pair<std::string, std::string>;  // namespace and name
  struct Collection {
    KindPtr kind;
    std::map<Key, ObjectPtr> objects;
    std::deque<Event> events;
    std::size_t forgotten = 0;  // events before those
  };
  struct Listing {
    std::vector<ObjectPtr> items;
    std::uint64_t revision = 0;
  };

  const Collection* collection(const Kind& kind) const;
  Page page(const std::string& name, const Listing& listing, std::size_t from, std::size_t limit);
  void tell();

  std::map<std::pair<std::string, std::string>, Collection> collections_;  // by group and plural
  std::map<std::string, Listing, std::less<>> listings_;  // of lists that are not at their end, by a name
  std::vector<StoreListener*> listeners_;
  std::uint64_t revision_ = 1000;
  std::uint64_t expired_ = 0;
  std::uint64_t listed_ = 0;
};

}  // namespace sallyport::fake_api
