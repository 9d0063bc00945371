// SPDX-License-Identifier: Apache-2.0
// Objects of which a cluster has many and a gateway uses few, Secrets above all: their names and versions are listed
// and watched, and of those that somebody refers to, each is fetched alone whenever its version moves. What nobody
// refers to never comes into this process.
//
// An object that cannot be fetched is awaited for some tries, since whatever refers to it waits meanwhile; then nobody
// waits for it, and it comes when it can be had. Belongs to the control thread.

#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/object_ref.hpp"
#include "kube/object.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/list_watch.hpp"
#include "sources/api_server/objects.hpp"
#include "sources/source.hpp"

namespace sallyport::sources::api_server {

class ByName {
 public:
  // Whoever takes what was fetched.
  class Taker {
   public:
    virtual void fetched(kube::ObjectPtr object) = 0;
    // It is not there.
    virtual void is_absent(const ObjectRef& ref) = 0;
    // It is there, was not given, and cannot be had: whoever waits for it need not wait any longer.
    virtual void is_unavailable(const ObjectRef& ref) = 0;
    virtual void troubles_changed() = 0;

   protected:
    ~Taker() = default;
  };
  // The version that there is, by the list of names; null: there is no such object, as far as is known.
  using VersionOf = std::function<const std::string*(const ObjectRef&)>;

  ByName(net::Loop& loop, Api& api, Chance& chance, const Pace& pace, Taker& taker, VersionOf version_of);
  ByName(const ByName&) = delete;
  ByName& operator=(const ByName&) = delete;

  void want(const Wanted& wanted);
  // Its version is another, or it came or went.
  void moved(const ObjectRef& ref);
  // Fetches what is not there, again.
  void reload();

  // It is there and was not given, nor was it given up.
  bool is_awaited(const ObjectRef& ref) const;
  const std::map<ObjectRef, Trouble>& troubles() const { return troubles_; }

 private:
  static constexpr std::size_t at_once = 8;
  static constexpr unsigned tries = 4;  // before nobody waits for it
  // Of one try, so that one object that does not come holds up those who wait for it for some seconds and no longer.
  static constexpr net::Duration patience{5'000};

  struct Want {
    std::string version;       // that was given, or found to be unusable
    bool is_given = false;     // the taker has a version of it
    bool is_queued = false;    // or being fetched
    bool is_given_up = false;  // nobody waits for it
    unsigned failures = 0;
  };

  void enqueue(const ObjectRef& ref, Want& want);
  // Null: nobody wants it any more, or it went meanwhile, of which moved() has told.
  Want* still_wanted(const ObjectRef& ref);
  net::Task<void> work(std::size_t worker);
  net::Task<void> fetch(ObjectRef ref);
  void take(const ObjectRef& ref, Want& want, const Cut& body);
  // Nobody waits for it; whether anybody has to be told so.
  static bool give_up(Want& want);
  void try_later(const ObjectRef& ref);
  net::Task<void> look_again();
  void set_trouble(const ObjectRef& ref, Trouble trouble);

  net::Loop& loop_;
  Api& api_;
  Chance& chance_;
  const Pace& pace_;
  Taker& taker_;
  VersionOf version_of_;
  std::map<ObjectRef, Want> wanted_;
  std::map<ObjectRef, Trouble> troubles_;
  std::deque<ObjectRef> queue_;
  std::set<ObjectRef> later_;
  std::array<net::Task<void>, at_once> workers_;
  std::array<bool, at_once> is_working_{};
  net::Task<void> looking_again_;
  bool is_looking_again_ = false;
};

}  // namespace sallyport::sources::api_server
