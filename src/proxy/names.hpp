// SPDX-License-Identifier: Apache-2.0
// What one worker knows of the addresses of hosts that endpoints are named by: asked for when somebody needs them, kept
// for their time to live, and used a little longer while they are asked for anew. Where DNS fails they last for
// `stale`; that there is no such name ends them.
//
// Belongs to its worker's thread.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/loop.hpp"
#include "net/resolver.hpp"
#include "net/signal.hpp"
#include "net/task.hpp"
#include "syntax/address.hpp"

namespace sallyport::proxy {

struct NameSettings {
  net::ResolverSettings resolver;
  net::Duration wait{5'000};       // for an answer
  net::Duration late{10'000};      // that old addresses may be while new ones are asked for
  net::Duration stale{3'600'000};  // and while DNS does not say
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
  // Until it is answered; false: the deadline came first.
  net::Task<bool> answered(net::Time deadline);
  // The last ones known, in order; none when there is no such name.
  const std::vector<syntax::IpAddress>& addresses() const { return addresses_; }
  // Of the addresses: grows when they change.
  std::uint64_t version() const { return version_; }
  const Error& error() const { return error_; }

 private:
  class Waiter;

  void ask();
  net::Task<void> ask_once();
  void take(const Result<net::Resolved>& answer);
  void at_turn_end() override;

  Names& names_;
  std::string host_;
  std::vector<syntax::IpAddress> addresses_;
  std::uint64_t version_ = 0;
  net::Time answered_{};  // an answer serves those who waited for it, however short its time to live
  net::Time expires_{};
  net::Time next_try_{};
  Error error_{.code = Code::name_unresolved, .retry_safe = true};
  net::Task<void> asking_;
  bool is_asking_ = false;
  std::optional<Result<net::Resolved>> answer_;  // that waits for the end of the turn
  std::vector<Waiter*> waiters_;
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

 private:
  friend class Name;

  net::Loop& loop_;
  const NameSettings& settings_;
  net::Resolver resolver_;
  std::map<std::string_view, Name*> by_host_;  // the keys are the names' own
};

}  // namespace sallyport::proxy
