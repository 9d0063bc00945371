// SPDX-License-Identifier: Apache-2.0
// Names become addresses, by c-ares on one loop: /etc/hosts first, then the DNS servers of resolv.conf or those that
// are given, for A and AAAA at the same time.
//
// What a server says is hostile input (reliability-security.md D-1): it is bounded in time, number and time to live,
// and means no more than that an address was named. Whether one may be connected to is for whoever connects.
//
// Belongs to its loop's thread. Nothing is kept: who asks again is answered anew.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "syntax/address.hpp"

struct ares_channeldata;

namespace sallyport::net {

struct Resolved {
  std::vector<syntax::IpAddress> addresses;  // in order, each once; at least one
  Duration ttl{};                            // the least of all that were said, between ResolverSettings' bounds
  // That family was asked for and not answered, so there may be more. Where search domains count nobody can tell.
  bool lacks_v4 = false;
  bool lacks_v6 = false;
};

struct ResolverSettings {
  std::vector<syntax::SocketAddress> servers;    // empty: those of the file
  std::string resolv_conf = "/etc/resolv.conf";  // read again when it has changed
  bool search = false;                           // names without a final dot may be of a search domain of the file
  Duration first_wait{1'500};                    // for one server's answer; each round waits twice as long
  int rounds = 3;                                // of all servers
  Duration other_wait{250};                      // for the addresses of one family, once those of the other are here
  Duration least_ttl{5'000};                     // also of what /etc/hosts says
  Duration most_ttl{300'000};
  std::size_t most_addresses = 64;  // of one name; the first in order count
  std::size_t most_at_once = 512;   // names that somebody waits for
};

class Resolver final : private Timer, private Deferred {
 public:
  explicit Resolver(Loop& loop, ResolverSettings settings = {});
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  // REQUIRES: nobody waits.
  ~Resolver() override;

  // An address that is written as one is its own answer. Errors: name_not_found when there is no such name, or it has
  // no addresses; name_unresolved when that could not be learned in time; overloaded. The detail says what happened.
  Task<Result<Resolved>> resolve(std::string name, Time deadline);

 private:
  // What nobody waits for any more is asked until its servers had their time, which is a few times as long.
  static constexpr std::size_t most_left_behind = 8;  // for each of those that are waited for

  struct Lookup;
  struct Question;
  class Waiting;
  class Descriptor;
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    std::int64_t changed = 0;  // nanoseconds

    bool operator==(const Stamp&) const = default;
  };

  void fire() override { advance(-1, -1); }
  void at_turn_end() override;

  bool open();
  void close();
  Stamp stamp() const;
  bool ask_all(const std::shared_ptr<Lookup>& lookup, const std::string& name);
  void ask(const std::shared_ptr<Lookup>& lookup, const std::string& name, int family);
  bool ask_hosts(Lookup& lookup, const std::string& name);
  void advance(int readable, int writable);
  void arm();
  void watch(int fd, bool readable, bool writable);
  Result<Resolved> result_of(Lookup& lookup, std::string_view name) const;

  Loop& loop_;
  ResolverSettings settings_;
  ares_channeldata* channel_ = nullptr;
  Stamp stamp_;                // of the file that the channel was made by
  std::size_t waiting_ = 0;    // lookups that somebody waits for
  std::size_t questions_ = 0;  // that c-ares is at
  std::vector<std::unique_ptr<Descriptor>> descriptors_;
  std::vector<std::shared_ptr<Lookup>> answered_;  // who waits for them is told at the end of the turn
};

}  // namespace sallyport::net
