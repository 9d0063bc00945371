// SPDX-License-Identifier: Apache-2.0
// One resource of an API server, kept up to date: listed once, then watched; listed again when the server has forgotten
// where we were (410), when somebody asks for it, and from time to time, to find what a watch never told.
//
// What it holds is what was last known, without limit of time. Only a list that came whole removes what it does not
// name, and only an event removes an object else; a list or an object that cannot be read removes nothing. A list is
// told in one piece, when it is whole, as what differs from what was told before.
//
// Versions (metadata.resourceVersion) are sent back as they came. Where they are decimal numbers they tell old news
// from new: duplicates and what comes in a wrong order change nothing.
//
// Belongs to the control thread; the keeper is called from its coroutine, and must not destroy it, nor reload() it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/object_ref.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/objects.hpp"
#include "sources/api_server/resource.hpp"

namespace sallyport::sources::api_server {

// Times of one resource. A watch is over after `watch` at the latest; whoever dies in silence is found out by
// `watch` + `margin`.
struct Pace {
  net::Duration watch_least{30'000};  // asked for as timeoutSeconds, by chance between the two
  net::Duration watch_most{40'000};
  net::Duration margin{5'000};
  net::Duration list_silence{45'000};       // between two pieces of a list
  net::Duration longest_list{300'000};      // of a list by watch, and of a page; `margin` more is waited for its end
  net::Duration compare{3'600'000};         // from one list to the next, a quarter more or less by chance
  net::Duration first_wait{100};            // after a failure; then twice as long each time
  net::Duration longest_wait{30'000};       // where the server answers
  net::Duration longest_unanswered{1'500};  // where it does not: so that its return is seen at once
  net::Duration refused_wait{15'000};       // where it says that there is no such resource, or none for us
  net::Duration second_look{1'000};         // the first time, at the start: it may have begun only now itself
  std::size_t page = 500;                   // objects
};

// Why a resource is not up to date.
struct Trouble {
  enum class Kind : std::uint8_t {
    none,
    unreachable,  // no answer, or a broken one
    unavailable,  // answers that promise better ones: 429, 5xx, 401
    forbidden,
    not_served,
    refused,  // any other answer
  };

  Kind kind = Kind::none;
  std::string message;  // a sentence without its subject, which is the resource

  bool operator==(const Trouble&) const = default;
};

class ListWatch {
 public:
  struct Held {
    std::string version;
    kube::ObjectPtr object;  // null where only metadata is asked for, or a summary is made
    std::string summary;     // Resource::summarise
  };
  using Objects = std::unordered_map<ObjectRef, Held>;

  // Whoever is told.
  class Keeper {
   public:
    // `changed` are in objects() already, `removed` are not any more.
    virtual void objects_changed(const std::vector<ObjectRef>& changed, const std::vector<ObjectRef>& removed) = 0;
    // is_listed(), trouble() or unreadable() may have changed.
    virtual void state_changed() = 0;

   protected:
    ~Keeper() = default;
  };

  // All of them outlive it.
  ListWatch(net::Loop& loop, Api& api, Chance& chance, const Pace& pace, Resource resource, Keeper& keeper);
  ListWatch(const ListWatch&) = delete;
  ListWatch& operator=(const ListWatch&) = delete;

  void start();
  // Lists again at once, however long it waited for something.
  void reload();

  const Resource& resource() const { return resource_; }
  const Objects& objects() const { return objects_; }
  // It was listed once, whole.
  bool is_listed() const { return is_listed_; }
  // It was listed, or the server has said twice that this cannot be: nothing is to be waited for.
  bool is_decided() const;
  const Trouble& trouble() const { return trouble_; }
  // Objects that are there and cannot be read; what they were before stays. Without a reference: of those that do not
  // say which they are, the last.
  const std::map<std::optional<ObjectRef>, std::string>& unreadable() const { return unreadable_; }
  // When the server last said something about it, be it that there is nothing new: an event, a bookmark, the end of a
  // watch in time, a whole list. Nothing: it was never listed.
  std::optional<net::Time> proven() const { return is_listed_ ? std::optional(proven_) : std::nullopt; }
  // That came whole.
  std::uint64_t lists() const { return lists_; }
  // Objects that a list had and no event had told of: the watch lost them.
  std::uint64_t lost_events() const { return lost_events_; }

 private:
  // How a list or a watch came to its end.
  struct End {
    enum class Why : std::uint8_t {
      whole,
      gone,      // where we were is not known any more: to be listed anew
      unserved,  // this form of it: to be asked for in another
      failed,
    };

    Why why = Why::whole;
    Trouble trouble;  // of `failed`
    std::optional<net::Duration> retry_after;
  };
  // A list while it comes.
  struct Gathered {
    Objects objects;
    std::map<std::optional<ObjectRef>, std::string> unreadable;
    std::string version;
  };

  net::Task<void> run();
  net::Task<void> wait_after(End end);
  net::Duration wait_of_refusal();

  net::Task<End> list();
  net::Task<Result<std::string_view>> piece_of(Stream& stream, net::Time until);
  net::Task<End> list_by_watch(Gathered& list);
  net::Task<End> list_by_pages(Gathered& list);
  net::Task<End> read_page(Gathered& list, std::string target, std::string& proceed);
  void adopt(Gathered list);

  net::Task<End> watch();
  net::Task<End> follow(Stream& stream, net::Time until);
  std::optional<End> obey(const Cut& line);
  bool is_out_of_order(const Item& item) const;
  void change(Item item);
  void remove(const Removed& removed);
  void note(Unreadable unreadable);
  void advance(const std::string& version);

  static net::Task<End> refusal(Stream& stream, net::Time until);
  static End end_of(const Status& status);
  End broken(const Error& error) const;
  void set_trouble(Trouble trouble);

  net::Loop& loop_;
  Api& api_;
  const Pace& pace_;
  Chance& chance_;
  Backoff backoff_;     // of answers that promise better ones
  Backoff unanswered_;  // of its own: how long the server was away says nothing about what it answers then
  const Resource resource_;
  Keeper& keeper_;

  Objects objects_;
  std::map<std::optional<ObjectRef>, std::string> unreadable_;
  std::string version_;  // where a watch goes on
  Trouble trouble_;
  net::Time compare_at_{};
  net::Time proven_{};
  std::uint64_t lists_ = 0;
  std::uint64_t lost_events_ = 0;
  unsigned refusals_ = 0;            // final ones, before the first list
  unsigned unfinished_streams_ = 0;  // lists by watch that did not come to their end, since one did
  bool lists_by_watch_ = true;       // until the server refuses
  bool is_listed_ = false;
  bool wants_list_ = true;
  bool has_news_ = false;  // the watch that is under way told something
  net::Task<void> running_;
};

}  // namespace sallyport::sources::api_server
