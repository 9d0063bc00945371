// SPDX-License-Identifier: Apache-2.0
// What one worker knows of the addresses of hosts that endpoints are named by: asked for when somebody needs them, kept
// for their time to live, and used a little longer while they are asked for anew. Once DNS has failed they last for
// `stale`, and nobody waits for it meanwhile (RFC 8767 5); that there is no such name ends them. Where DNS answers for
// one family only, that is said of the addresses of the other.
//
// Belongs to its worker's thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/task.hpp"
#include "net/waiters.hpp"
#include "syntax/address.hpp"

namespace sallyport::proxy {

struct NameSettings {
  net::ResolverSettings resolver;
  net::Duration wait{5'000};       // for an answer
  net::Duration late{10'000};      // that old addresses may be while new ones are asked for the first time
  net::Duration stale{3'600'000};  // and once DNS did not say
};

class Names;

// One host. Shared by all pools that have it.
class Name final : public std::enable_shared_from_this<Name>, private net::Deferred {
 public:
  enum class State : std::uint8_t {
    usable,   // there are addresses; they may be asked for anew meanwhile
    waiting,  // it is being asked
    failed,   // the error says why
  };

  Name(Names& names, std::string host);
  Name(const Name&) = delete;
  Name& operator=(const Name&) = delete;
  ~Name() override;

  const std::string& host() const { return host_; }
  // Asks, if it is time to.
  State look();
  // Told when it was answered, or could not be.
  net::Waiters& answered() { return waiters_; }
  // The last ones known, in order; none when there is no such name.
  const std::vector<syntax::IpAddress>& addresses() const { return addresses_; }
  // They were right too long ago: whatever becomes of a question, nothing is to be connected to by them. Never while
  // the name is usable.
  bool is_over() const;
  // Of the addresses: grows when they change.
  std::uint64_t version() const { return version_; }
  const Error& error() const { return error_; }

 private:
  // When what was last said of each family is out of date.
  struct Expiry {
    net::Time v4{};
    net::Time v6{};
  };

  void ask();
  net::Task<void> ask_once();
  void take(const Result<net::Resolved>& answer);
  void note_failure(const Error& error);
  std::vector<syntax::IpAddress> kept_beside(const net::Resolved& answer) const;
  void set(std::vector<syntax::IpAddress> addresses);
  void at_turn_end() override;

  Names& names_;
  std::string host_;
  std::vector<syntax::IpAddress> addresses_;
  std::uint64_t version_ = 0;
  net::Time answered_{};  // an answer serves those who waited for it, however short its time to live
  net::Time expires_{};
  Expiry of_family_;
  bool was_partial_ = false;  // one family was not answered for
  bool has_failed_ = false;   // the last time that it was asked for
  net::Time next_try_{};
  Error error_{.code = Code::name_unresolved, .retry_safe = true};
  net::Task<void> asking_;
  bool is_asking_ = false;
  std::optional<Result<net::Resolved>> answer_;  // that waits for the end of the turn
  net::Waiters waiters_;
};

class Names {
 public:
  Names(net::Loop& loop, const NameSettings& settings)
      : loop_(loop), settings_(settings), resolver_(loop, settings.resolver) {}
  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;

  // It lives as long as somebody holds it. All of them go before this.
  std::shared_ptr<Name> name(const std::string& host);
  std::size_t size() const { return by_host_.size(); }
  net::Loop& loop() const { return loop_; }

 private:
  friend class Name;

  net::Loop& loop_;
  const NameSettings& settings_;
  net::Resolver resolver_;
  std::map<std::string_view, Name*> by_host_;  // the keys are the names' own
};

}  // namespace sallyport::proxy
