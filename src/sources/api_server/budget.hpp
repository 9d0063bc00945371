// SPDX-License-Identifier: Apache-2.0
// How much a client asks of an API server: so many requests a second with a burst, so many at a time, and none for as
// long as the server said (Retry-After). Who has to wait does so in turn; leases and watches go first, for on them
// hangs that the rest is right.
//
// Objects that are asked for one by one have a rate of their own: at a start there are as many as there are Secrets in
// use, and nothing is served before they are there. What spares the server is that few are under way at a time, which
// is for whoever asks to see to.
//
// Belongs to one loop's thread. Must outlive who waits and what it gave.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "net/loop.hpp"
#include "net/task.hpp"
#include "net/waiters.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/token_bucket.hpp"

namespace sallyport::sources::api_server {

enum class Urgency : std::uint8_t { lease, watch, usual, one_of_many };  // in this order

class Budget {
 public:
  struct Settings {
    net::Duration interval{20};  // 50 a second
    unsigned burst = 100;
    net::Duration interval_of_many{2};  // 500 a second
    unsigned burst_of_many = 1000;
    std::size_t at_once = 32;
    net::Duration longest_hold = longest_asked;
  };

  // One of those at a time, until it goes.
  class Place {
   public:
    Place(Place&& other) noexcept : budget_(std::exchange(other.budget_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(budget_, other.budget_);
      return *this;
    }
    ~Place() {
      if (budget_ != nullptr) budget_->give_back();
    }

   private:
    friend class Budget;
    explicit Place(Budget& budget) : budget_(&budget) {}
    Budget* budget_;
  };

  Budget(net::Loop& loop, const Settings& settings);
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Nothing: its turn had not come by the deadline.
  net::Task<std::optional<Place>> admit(Urgency urgency, net::Time deadline);
  // The server wants no more requests of this urgency for so long.
  void hold(Urgency urgency, net::Duration time);

  std::uint64_t waits() const { return waits_; }  // requests that had to
  std::size_t at_once() const { return at_once_; }

 private:
  static constexpr std::size_t urgencies = 4;

  // Stands in its line as long as it lives.
  class Waiting {
   public:
    Waiting(Budget& budget, Urgency urgency) : budget_(budget), line_(budget.line(urgency)) { line_.push_back(this); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    // Who is behind is first now.
    ~Waiting() {
      std::erase(line_, this);
      budget_.changed_.wake();
    }

    bool is_first() const { return line_.front() == this; }

   private:
    Budget& budget_;
    std::vector<const Waiting*>& line_;
  };

  std::vector<const Waiting*>& line(Urgency urgency) { return lines_[static_cast<std::size_t>(urgency)]; }
  TokenBucket& bucket(Urgency urgency) { return urgency == Urgency::one_of_many ? bucket_of_many_ : bucket_; }
  net::Time next_at(Urgency urgency);
  bool is_its_turn(Urgency urgency, const Waiting& waiting);
  void give_back();

  net::Loop& loop_;
  const Settings settings_;
  std::array<std::vector<const Waiting*>, urgencies> lines_;
  std::array<net::Time, urgencies> held_until_{};
  TokenBucket bucket_;
  TokenBucket bucket_of_many_;
  std::size_t at_once_ = 0;
  std::uint64_t waits_ = 0;
  net::DeferredWaiters changed_;
};

}  // namespace sallyport::sources::api_server
