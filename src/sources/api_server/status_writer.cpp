// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/status_writer.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "kube/kinds.hpp"
#include "kube/reader.hpp"
#include "sources/api_server/refusal.hpp"
#include "sources/api_server/resource.hpp"
#include "sources/api_server/versions.hpp"

namespace sallyport::sources::api_server {
namespace {

constexpr net::Duration calm{60'000};  // what was written back before is forgotten after so long
constexpr unsigned rewrites_to_tell = 3;

bool is_written_here(const kube::Object& object) { return kube::as<kube::Ingress>(object) != nullptr; }

std::string status_target(const ObjectRef& ref) {
  return path_of(*kube::find_kind(ref.group, ref.kind), ref) + "/status";
}

}  // namespace

std::optional<Addresses> StatusWriter::due_in(const Entry& entry) {
  if (entry.object == nullptr) return std::nullopt;
  const auto there = addresses_in(*entry.object);
  if (const auto* const wanted = std::get_if<LoadBalancer>(&entry.wanted)) {
    Addresses all = sorted(wanted->addresses);
    return there && *there == all ? std::nullopt : std::optional(std::move(all));
  }
  const bool is_withdrawn = std::holds_alternative<Withdrawn>(entry.wanted);
  if (!is_withdrawn || !there || there->empty() || there != entry.ours) return std::nullopt;
  return Addresses();
}

// A patch is made from a version, so that the API server can refuse it. One of an object that was kept on a disk may
// have none.
bool StatusWriter::has_new_version(const Entry& entry) {
  const std::string& version = entry.object->meta.resource_version;
  return !version.empty() && version != entry.outdated;
}

// Puts it where it belongs: under those that are due, or not.
void StatusWriter::look_at(const ObjectRef& ref, Entry& entry) {
  const bool is_due = due_in(entry).has_value();
  if (!is_due && entry.object != nullptr && std::holds_alternative<LoadBalancer>(entry.wanted)) {
    entry.ours = addresses_in(*entry.object);
  }
  if (entry.is_under_way) return;
  if (!is_due || entry.is_parked || !has_new_version(entry)) return schedule_.take_out(ref);
  schedule_.put(ref, entry.not_before);
  tell_news();
}

bool StatusWriter::forget_if_settled(const ObjectRef& ref, Entry& entry) {
  const bool is_settled =
      entry.object == nullptr || (std::holds_alternative<Withdrawn>(entry.wanted) && !due_in(entry));
  if (!is_settled || entry.is_under_way) return false;
  schedule_.take_out(ref);
  entries_.erase(ref);
  return true;
}

void StatusWriter::seen(const kube::ObjectPtr& object) {
  const auto found = entries_.find(object->ref);
  if (found == entries_.end()) return;
  auto& [ref, entry] = *found;
  if (entry.object == nullptr || entry.object->meta.uid != object->meta.uid) entry.ours.reset();
  entry.object = object;
  if (entry.is_parked && entry.parked_at != object->meaning) entry.is_parked = false;
  if (entry.was_written) look_whether_it_stays(ref, entry);
  look_at(ref, entry);
  forget_if_settled(ref, entry);
}

void StatusWriter::gone(const ObjectRef& ref) {
  const auto found = entries_.find(ref);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.object = nullptr;
  entry.ours.reset();
  entry.was_written = false;
  schedule_.take_out(ref);
  forget_if_settled(ref, entry);
}

void StatusWriter::write(const Published& published) {
  const ObjectRef& ref = published.verdict.ref;
  if (published.object == nullptr || !is_written_here(*published.object)) return;
  if (!std::holds_alternative<LoadBalancer>(published.fields) && !entries_.contains(ref)) return;
  Entry& entry = entries_.try_emplace(ref, chance_).first->second;
  if (entry.object == nullptr) entry.object = published.object;
  if (entry.wanted != published.fields) {
    entry.wanted = published.fields;
    entry.is_parked = false;
    entry.was_written = false;
    entry.rewrites = 0;
    entry.backoff.reset();
  }
  look_at(ref, entry);
  forget_if_settled(ref, entry);
}

void StatusWriter::look_whether_it_stays(const ObjectRef& ref, Entry& entry) {
  entry.was_written = !due_in(entry);
  if (!entry.was_written) note_rewrite(ref, entry);
}

// Somebody else has another opinion. It may be one write of another version of ours; it may be for ever.
void StatusWriter::note_rewrite(const ObjectRef& ref, Entry& entry) {
  ++entry.rewrites;
  const unsigned doublings = std::min(entry.rewrites - 1, 8U);
  entry.not_before =
      std::max(entry.not_before, entry.sent + std::min(longest_between, between_writes * (1 << doublings)));
  if (entry.rewrites != rewrites_to_tell) return;
  log_(text::cat("status of ", to_text(ref), ": somebody else writes it too, and it is written back each time"));
}

std::optional<Outgoing::Write> StatusWriter::next(net::Time now) {
  if (now < bucket_.next()) return std::nullopt;
  const auto ref = schedule_.first(now);
  if (!ref) return std::nullopt;
  schedule_.take_out(*ref);
  Entry& entry = entries_.at(*ref);
  bucket_.take(now);
  if (now - entry.sent > calm) entry.rewrites = 0;
  entry.writing = due_in(entry).value_or(Addresses());
  entry.outdated = entry.object->meta.resource_version;
  entry.is_under_way = true;
  entry.sent = now;
  entry.not_before = now + between_writes;
  Write write;
  write.ref = *ref;
  write.ask.verb = Verb::patch;
  write.ask.target = status_target(*ref);
  write.ask.content_type = "application/merge-patch+json";
  write.ask.body = addresses_patch(entry.writing, entry.outdated);
  return write;
}

void StatusWriter::answered(const ObjectRef& ref, const Result<Answer>& answer, net::Time now) {
  const auto found = entries_.find(ref);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  entry.is_under_way = false;
  if (forget_if_settled(ref, entry)) return;
  const auto pause = [&](net::Duration longest) {
    const net::Duration wait = entry.backoff.next(longest, answer ? answer->retry_after : std::nullopt);
    entry.not_before = std::max(entry.not_before, now + wait);
  };
  if (may_pass(answer)) {
    entry.outdated.clear();
    pause(longest_retry);
  } else if (answer->status < 300) {
    was_done(ref, entry, *answer);
  } else if (answer->status == 409) {
    ++counts_.conflicts;
    pause(longest_between);
  } else if (answer->status != 404 && answer->status != 410) {
    was_refused(ref, entry, *answer);
    if (!entry.is_parked) pause(longest_refused);
  }
  look_at(ref, entry);
  forget_if_settled(ref, entry);
}

// The answer has the new version, so nothing waits for the watch to tell of it; but the watch may have told of it, and
// of one after it, before the answer came. What the API server did not take as it was written is not written again.
void StatusWriter::was_done(const ObjectRef& ref, Entry& entry, const Answer& answer) {
  ++counts_.written;
  entry.backoff.reset();
  const auto contents = kube::read_objects("answer.json", answer.body);
  const bool is_read = contents.objects.size() == 1 && contents.objects.front()->ref == ref;
  const kube::ObjectPtr written = is_read ? contents.objects.front() : nullptr;
  if (written != nullptr && written->meta.uid != entry.object->meta.uid) return;  // it was made anew since
  entry.was_written = true;
  entry.ours = entry.writing;
  if (written == nullptr) return;
  const std::string& known = entry.object->meta.resource_version;
  const std::string& answered = written->meta.resource_version;
  if (known != entry.outdated && known != answered && !is_older(known, answered)) {
    return look_whether_it_stays(ref, entry);
  }
  entry.object = written;
  if (due_in(entry) != entry.writing) return;
  entry.is_parked = true;
  entry.parked_at = entry.object->meaning;
}

// What is wrong with this write is told of each object, what is wrong with us once.
void StatusWriter::was_refused(const ObjectRef& ref, Entry& entry, const Answer& answer) {
  ++counts_.refused;
  entry.is_parked = is_final(answer);
  entry.parked_at = entry.object->meaning;
  entry.outdated.clear();
  if (!entry.is_parked && std::exchange(told_refusal_, true)) return;
  log_(text::cat("status of ", to_text(ref), " is not written: ", refusal_text(answer),
                 is_forbidden(answer) ? " (it needs the right to patch ingresses/status)" : ""));
}

std::optional<net::Time> StatusWriter::due() const {
  const auto earliest = schedule_.earliest();
  return earliest ? std::optional(std::max(*earliest, bucket_.next())) : std::nullopt;
}

void StatusWriter::lead() {
  told_refusal_ = false;
  for (auto& [ref, entry] : entries_) {
    entry.is_parked = false;
    entry.rewrites = 0;
    entry.backoff.reset();
    entry.not_before = {};
    look_at(ref, entry);
  }
}

}  // namespace sallyport::sources::api_server
