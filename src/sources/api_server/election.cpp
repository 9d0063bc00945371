// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/election.hpp"

#include <utility>

#include "kube/timestamp.hpp"

namespace sallyport::sources::api_server {

std::optional<Election::Step> Election::next(net::Time now, Wall wall) {
  if (now < next_try_) return std::nullopt;
  if (must_read_) return Step{};
  if (is_absent_) return Step{.what = Do::create, .record = claim(wall)};
  if (is_mine() || may_be_taken(now)) return Step{.what = Do::update, .record = claim(wall)};
  must_read_ = true;
  return Step{};
}

// Somebody's lease ends when nothing was seen of it for as long as it says.
bool Election::may_be_taken(net::Time now) const {
  if (observed_->holder.empty()) return true;
  const std::chrono::seconds said(observed_->duration_seconds);
  return now >= observed_at_ + (said.count() != 0 ? said : settings_.lease_duration);
}

LeaseRecord Election::claim(Wall wall) const {
  LeaseRecord record;
  record.holder = settings_.identity;
  record.duration_seconds = static_cast<std::uint32_t>(settings_.lease_duration.count());
  record.renew_time = kube::format_micro_time(wall);
  record.acquire_time = record.renew_time;
  if (!observed_ || is_absent_) return record;
  record.resource_version = observed_->resource_version;
  record.transitions = observed_->transitions + (is_mine() ? 0 : 1);
  if (is_mine()) record.acquire_time = observed_->acquire_time;
  return record;
}

void Election::observe(LeaseRecord record, net::Time now) {
  if (!observed_ || *observed_ != record) observed_at_ = now;
  observed_ = std::move(record);
  is_absent_ = false;
  must_read_ = false;
  if (!is_mine()) renewed_.reset();
}

void Election::was_read(LeaseRecord record, net::Time now) {
  observe(std::move(record), now);
  if (!is_mine() && !may_be_taken(now)) pause(now);
}

// Somebody whose lease was deleted need not know it yet: it counts as if it were there.
void Election::was_absent(net::Time now) {
  if (observed_ && !is_mine() && !may_be_taken(now)) return failed(now);
  observed_.reset();
  renewed_.reset();
  is_absent_ = true;
  must_read_ = false;
}

void Election::was_written(LeaseRecord record, net::Time sent, net::Time now) {
  observe(std::move(record), now);
  if (is_mine()) renewed_ = sent;
  pause(now);
}

void Election::was_refused(net::Time now) { failed(now); }

void Election::failed(net::Time now) {
  must_read_ = true;
  pause(now);
}

std::optional<net::Time> Election::held_until(net::Time now) const {
  if (!renewed_) return std::nullopt;
  const net::Time until = *renewed_ + settings_.renew_deadline;
  return now < until ? std::optional(until) : std::nullopt;
}

const std::string& Election::holder() const {
  static const std::string nobody;
  return observed_ ? observed_->holder : nobody;
}

std::optional<LeaseRecord> Election::release(Wall wall) {
  renewed_.reset();
  if (!is_mine()) return std::nullopt;
  LeaseRecord record = *observed_;
  record.holder.clear();
  record.duration_seconds = 1;
  record.renew_time = kube::format_micro_time(wall);
  record.acquire_time = record.renew_time;
  return record;
}

}  // namespace sallyport::sources::api_server
