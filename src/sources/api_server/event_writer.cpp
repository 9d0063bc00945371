// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/event_writer.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "sources/api_server/refusal.hpp"
#include "sources/api_server/resource.hpp"

namespace sallyport::sources::api_server {
namespace {

// It is written, never read.
constexpr kube::Kind event_kind{"events.k8s.io", "v1", "Event", "events", true, nullptr};

}  // namespace

EventWriter::EventWriter(std::string instance, Wall wall, Log log, Chance chance)
    : instance_(std::move(instance)), wall_(std::move(wall)), log_(std::move(log)), chance_(chance) {}

void EventWriter::tell(const Published& published) {
  auto event = event_of(published);
  const ObjectRef& ref = published.verdict.ref;
  const auto found = entries_.find(ref);
  if (!event && found == entries_.end()) return;
  const bool is_waiting = found != entries_.end() && found->second.waiting;
  if (event && !is_waiting && schedule_.size() >= most_waiting) {
    ++counts_.dropped;
    return;
  }
  Entry& entry = entries_.try_emplace(ref, chance_).first->second;
  entry.waiting = std::move(event);
  entry.is_outdated = entry.sent.has_value();
  entry.backoff.reset();
  look_at(ref, entry);
  forget_if_unwritten(ref, entry);
}

void EventWriter::gone(const ObjectRef& ref) {
  const auto found = entries_.find(ref);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.waiting.reset();
  entry.is_outdated = true;
  look_at(ref, entry);
  forget_if_unwritten(ref, entry);
}

// One of which something was written is kept for a while, since the next has to wait so long.
void EventWriter::forget_if_unwritten(const ObjectRef& ref, const Entry& entry) {
  if (!entry.waiting && !entry.sent && entry.not_before == net::Time()) entries_.erase(ref);
}

void EventWriter::look_at(const ObjectRef& ref, Entry& entry) {
  if (!is_due(entry)) return schedule_.take_out(ref);
  schedule_.put(ref, entry.not_before);
  tell_news();
}

std::optional<Outgoing::Write> EventWriter::next(net::Time now) {
  drop_quiet(now);
  if (now < bucket_.next()) return std::nullopt;
  const auto ref = schedule_.first(now);
  if (!ref) return std::nullopt;
  schedule_.take_out(*ref);
  bucket_.take(now);
  Entry& entry = entries_.at(*ref);
  entry.sent = std::exchange(entry.waiting, std::nullopt);
  entry.is_outdated = false;
  entry.not_before = now + between_events;
  const auto known = counts_of_.find(entry.sent->name);
  entry.is_series = known != counts_of_.end();
  Write write;
  write.ref = *ref;
  write.ask = entry.is_series ? repetition(*entry.sent, known->second + 1) : creation(*entry.sent);
  return write;
}

void EventWriter::say_again(Entry& entry, ObjectEvent event) {
  if (!entry.is_outdated) entry.waiting = std::move(event);
}

Ask EventWriter::creation(const ObjectEvent& event) const {
  Ask ask;
  ask.verb = Verb::post;
  ask.target = collection(event_kind, event.namespace_);
  ask.content_type = "application/json";
  ask.body = new_event_text(event, instance_, wall_());
  return ask;
}

Ask EventWriter::repetition(const ObjectEvent& event, std::uint32_t count) const {
  Ask ask;
  ask.verb = Verb::patch;
  ask.target = path_of(event_kind, event.namespace_, event.name);
  ask.content_type = "application/merge-patch+json";
  ask.body = series_patch_text(count, wall_());
  return ask;
}

void EventWriter::answered(const ObjectRef& ref, const Result<Answer>& answer, net::Time now) {
  const auto found = entries_.find(ref);
  if (found == entries_.end() || !found->second.sent) return;
  Entry& entry = found->second;
  ObjectEvent event = *std::exchange(entry.sent, std::nullopt);
  if (may_pass(answer)) {
    try_again(entry, std::move(event), answer ? answer->retry_after : std::nullopt, now);
  } else if (is_of_ending_namespace(*answer)) {  // what it is about goes too
    ++counts_.dropped;
  } else if (is_forbidden(*answer)) {
    tell_refusal(ref, *answer);
    try_again(entry, std::move(event), longest_retry, now);
  } else if (answer->status < 300) {
    ++(entry.is_series ? counts_.repeated : counts_.created);
    remember(event.name, entry.is_series ? counts_of_[event.name] + 1 : 1);
  } else if (answer->status == 409 && !entry.is_series) {
    ++counts_.known;
    remember(event.name, 1);
  } else if (answer->status == 404 && entry.is_series) {  // it has expired
    counts_of_.erase(event.name);
    std::erase(remembered_, event.name);
    entry.not_before = now;
    say_again(entry, std::move(event));
  } else {
    ++counts_.dropped;
    tell_refusal(ref, *answer);
  }
  look_at(ref, entry);
}

// A few times.
void EventWriter::try_again(Entry& entry, ObjectEvent event, std::optional<net::Duration> least, net::Time now) {
  if (!entry.is_outdated && entry.backoff.failures() + 1 >= most_tries) {
    ++counts_.dropped;
    return;
  }
  entry.not_before = now + entry.backoff.next(longest_retry, least);
  say_again(entry, std::move(event));
}

void EventWriter::tell_refusal(const ObjectRef& ref, const Answer& answer) {
  if (std::exchange(told_refusal_, true)) return;
  log_(text::cat("Event about ", to_text(ref), " is not written: ", refusal_text(answer)));
}

void EventWriter::remember(const std::string& name, std::uint32_t count) {
  const auto [at, is_new] = counts_of_.insert_or_assign(name, count);
  if (!is_new) return;
  remembered_.push_back(name);
  if (remembered_.size() <= most_remembered) return;
  counts_of_.erase(remembered_.front());
  remembered_.pop_front();
}

// Nothing is to be said of them, and nothing was for a while.
void EventWriter::drop_quiet(net::Time now) {
  if (entries_.size() <= schedule_.size() + burst) return;
  std::erase_if(entries_, [now](const auto& of) {
    const Entry& entry = of.second;
    return !entry.waiting && !entry.sent && entry.not_before <= now;
  });
}

std::optional<net::Time> EventWriter::due() const {
  const auto earliest = schedule_.earliest();
  return earliest ? std::optional(std::max(*earliest, bucket_.next())) : std::nullopt;
}

void EventWriter::lead() { told_refusal_ = false; }

}  // namespace sallyport::sources::api_server
