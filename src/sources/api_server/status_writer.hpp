// SPDX-License-Identifier: Apache-2.0
// Statuses on their way into the objects themselves: what each shall be, against what the watch says that it is. A
// status is written only where the two differ, one write an object at a time; of what changes meanwhile only the last
// counts. docs/decisions/0028-status.md tells why it is done so.
//
// What stands there is learned from the source and from the answer to each write, never asked for. Each write names the
// version that it was made from: where the API server has a newer one, it refuses (409), and the next try is made from
// what the watch tells then. A write that can never succeed is parked until the object, what we want of it or the
// leader changes; one that we have no right to is tried again, later and later. Whoever rewrites what we write is
// answered more and more slowly, and named once.
//
// No I/O and no clock (outgoing.hpp). Belongs to the control thread.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "kube/digest.hpp"
#include "kube/object.hpp"
#include "net/timer_wheel.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/load_balancer_status.hpp"
#include "sources/api_server/outgoing.hpp"
#include "sources/api_server/schedule.hpp"
#include "sources/api_server/token_bucket.hpp"
#include "sources/source.hpp"

namespace sallyport::sources::api_server {

class StatusWriter final : public StatusSink, public Outgoing {
 public:
  static constexpr net::Duration between_writes{1'000};   // of one object
  static constexpr net::Duration longest_between{4'000};  // where somebody else writes back
  static constexpr net::Duration first_retry{500};
  static constexpr net::Duration longest_retry{30'000};
  static constexpr net::Duration longest_refused{120'000};  // we may not: a right of many objects is missing
  static constexpr net::Duration interval{20};              // in all, once a burst is used up
  static constexpr unsigned burst = 100;

  struct Counts {
    std::uint64_t written = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t refused = 0;
  };

  // Lines of what is refused and of who writes back.
  using Log = std::move_only_function<void(const std::string& line)>;

  explicit StatusWriter(Log log, Chance chance = Chance()) : log_(std::move(log)), chance_(chance) {}

  void seen(const kube::ObjectPtr& object) override;
  void gone(const ObjectRef& ref) override;
  void write(const Published& published) override;

  std::optional<Write> next(net::Time now) override;
  void answered(const ObjectRef& ref, const Result<Answer>& answer, net::Time now) override;
  std::optional<net::Time> due() const override;
  void lead() override;

  const Counts& counts() const { return counts_; }
  // Objects with a status that is ours to keep.
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    explicit Entry(Chance& chance) : backoff(first_retry, chance) {}

    kube::ObjectPtr object;  // the newest that is known
    StatusFields wanted;
    std::optional<Addresses> ours;  // what stood there when it was last as we want it
    bool is_under_way = false;
    std::string
        outdated;  // the version that a write was made from which may have changed it: nothing is made from it again
    bool is_parked = false;
    kube::Digest parked_at;  // what the object said then
    net::Time sent{};        // the last write
    net::Time not_before{};
    Backoff backoff;
    unsigned rewrites = 0;  // times in a row that what we wrote did not stay
    bool was_written = false;
    Addresses writing;  // by the last write
  };

  // What has to stand there instead; nothing: it is right, or not ours to say.
  static std::optional<Addresses> due_in(const Entry& entry);
  static bool has_new_version(const Entry& entry);
  void look_at(const ObjectRef& ref, Entry& entry);
  // What we wrote, in the newest version that is known.
  void look_whether_it_stays(const ObjectRef& ref, Entry& entry);
  void note_rewrite(const ObjectRef& ref, Entry& entry);
  void was_done(const ObjectRef& ref, Entry& entry, const Answer& answer);
  void was_refused(const ObjectRef& ref, Entry& entry, const Answer& answer);
  // Whether it was forgotten.
  bool forget_if_settled(const ObjectRef& ref, Entry& entry);

  Log log_;
  Chance chance_;
  std::unordered_map<ObjectRef, Entry> entries_;
  Schedule schedule_;
  TokenBucket bucket_{interval, burst};
  bool told_refusal_ = false;  // one that may pass
  Counts counts_;
};

}  // namespace sallyport::sources::api_server
