// SPDX-License-Identifier: Apache-2.0
// Who leads, by a Lease that all replicas read and one renews: the rules of client-go's leader election, without I/O
// and without a clock of its own.
//
// No two clocks are compared: another's lease counts as long as this replica has seen it change within the duration
// that it names, and what the record says of times is for people. The leader stops to lead when its last renewal that
// was answered began `renew_deadline` ago, which is earlier than anybody else may take over; so what it sends must be
// answered, or given up, by held_until().
//
// A write whose answer did not come may have happened: then the lease is read before anything else. Belongs to the
// control thread.

#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/timer_wheel.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/lease_record.hpp"

namespace sallyport::sources::api_server {

struct ElectionSettings {
  std::string identity;  // of this process, and no other's ever
  std::chrono::seconds lease_duration{15};
  net::Duration renew_deadline{10'000};
  net::Duration retry{2'000};
};

class Election {
 public:
  using Wall = std::chrono::system_clock::time_point;

  enum class Do : std::uint8_t { read, create, update };
  struct Step {
    Do what = Do::read;
    LeaseRecord record;  // to be written
  };

  explicit Election(ElectionSettings settings, Chance chance = Chance())
      : settings_(std::move(settings)), chance_(chance) {}

  // What to ask now; nothing before next_try().
  std::optional<Step> next(net::Time now, Wall wall);
  net::Time next_try() const { return next_try_; }

  // What became of it. `sent` is when it was asked for, `now` when it was answered.
  void was_read(LeaseRecord record, net::Time now);
  void was_absent(net::Time now);
  void was_written(LeaseRecord record, net::Time sent, net::Time now);
  // Somebody else was faster (409), or what was to be written is gone (404).
  void was_refused(net::Time now);
  // No answer, or one that says nothing about the lease.
  void failed(net::Time now);

  // What is known of it may be older than what it is: a write may have been done, or nothing was read yet.
  bool must_read() const { return must_read_; }
  // Until when this replica leads; nothing if it does not.
  std::optional<net::Time> held_until(net::Time now) const;
  // Whoever led last, as far as it is known; empty: nobody.
  const std::string& holder() const;

  // What gives the lease back, so that another need not wait for its end; nothing if it is not ours. It leads no more.
  std::optional<LeaseRecord> release(Wall wall);

 private:
  bool is_mine() const { return observed_ && observed_->holder == settings_.identity; }
  bool may_be_taken(net::Time now) const;
  LeaseRecord claim(Wall wall) const;
  void observe(LeaseRecord record, net::Time now);
  void pause(net::Time now) { next_try_ = now + chance_.between(settings_.retry, settings_.retry * 6 / 5); }

  ElectionSettings settings_;
  Chance chance_;
  std::optional<LeaseRecord> observed_;
  net::Time observed_at_{};  // when it was last seen to be another
  bool must_read_ = true;
  bool is_absent_ = false;
  std::optional<net::Time> renewed_;  // when the last renewal that was answered began
  net::Time next_try_{};
};

}  // namespace sallyport::sources::api_server
