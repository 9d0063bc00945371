// SPDX-License-Identifier: Apache-2.0
// Events of events.k8s.io/v1 about what is wrong with an object: its leading finding, for those who ask `kubectl
// describe`. One that is accepted without a word has none, and nor has one that is not ours.
//
// An Event's name follows from what it says: the same finding at a restart, at a retry or of another replica is the
// same Event, and its creation is refused (409) rather than repeated. What comes back after it was gone counts up the
// Event's series. Few are written, of one object and in all; of what changes meanwhile only the last counts.
//
// A replica that does not lead keeps what it would write, so that it can when it does: of each object that is there the
// last, and of so many objects. Of an object that is gone nothing is written any more.
//
// No I/O and no clock (outgoing.hpp). Belongs to the control thread.

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "net/timer_wheel.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/event_text.hpp"
#include "sources/api_server/outgoing.hpp"
#include "sources/api_server/schedule.hpp"
#include "sources/api_server/token_bucket.hpp"
#include "sources/source.hpp"

namespace sallyport::sources::api_server {

class EventWriter final : public EventSink, public Outgoing {
 public:
  static constexpr net::Duration between_events{10'000};  // of one object
  static constexpr net::Duration interval{1'000};         // in all, once a burst is used up
  static constexpr unsigned burst = 25;
  static constexpr net::Duration first_retry{1'000};
  static constexpr net::Duration longest_retry{30'000};  // and the one where we have no right to
  static constexpr unsigned most_tries = 5;
  static constexpr std::size_t most_waiting = 4096;     // objects; about more no Event is written
  static constexpr std::size_t most_remembered = 4096;  // names of Events that are there

  struct Counts {
    std::uint64_t created = 0;
    std::uint64_t repeated = 0;  // series that were counted up
    std::uint64_t known = 0;     // that were there already
    std::uint64_t dropped = 0;
  };

  using Log = std::move_only_function<void(const std::string& line)>;
  using Wall = std::function<std::chrono::system_clock::time_point()>;

  // `instance` is who reports: this process.
  EventWriter(std::string instance, Wall wall, Log log, Chance chance = Chance());

  void tell(const Published& published) override;
  void gone(const ObjectRef& ref) override;

  std::optional<Write> next(net::Time now) override;
  void answered(const ObjectRef& ref, const Result<Answer>& answer, net::Time now) override;
  std::optional<net::Time> due() const override;
  void lead() override;

  const Counts& counts() const { return counts_; }
  // Objects of which something is known: that is waiting or under way, or was written lately.
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    explicit Entry(Chance& chance) : backoff(first_retry, chance) {}

    std::optional<ObjectEvent> waiting;
    std::optional<ObjectEvent> sent;  // under way
    bool is_series = false;           // what is under way counts up
    bool is_outdated = false;         // what is under way is not what is to be said any more
    net::Time not_before{};           // the least there is: nothing was written yet
    Backoff backoff;
  };

  bool is_due(const Entry& entry) const { return entry.waiting && !entry.sent; }
  void look_at(const ObjectRef& ref, Entry& entry);
  void forget_if_unwritten(const ObjectRef& ref, const Entry& entry);
  static void say_again(Entry& entry, ObjectEvent event);
  void try_again(Entry& entry, ObjectEvent event, std::optional<net::Duration> least, net::Time now);
  void tell_refusal(const ObjectRef& ref, const Answer& answer);
  void remember(const std::string& name, std::uint32_t count);
  void drop_quiet(net::Time now);
  Ask creation(const ObjectEvent& event) const;
  Ask repetition(const ObjectEvent& event, std::uint32_t count) const;

  std::string instance_;
  Wall wall_;
  Log log_;
  Chance chance_;
  std::unordered_map<ObjectRef, Entry> entries_;
  Schedule schedule_;
  TokenBucket bucket_{interval, burst};
  std::unordered_map<std::string, std::uint32_t> counts_of_;  // by name: how often it was told
  std::deque<std::string> remembered_;                        // those names, the oldest first
  bool told_refusal_ = false;
  Counts counts_;
};

}  // namespace sallyport::sources::api_server
