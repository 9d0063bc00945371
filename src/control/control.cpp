// SPDX-License-Identifier: Apache-2.0
#include "control/control.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <tuple>

#include "base/text.hpp"

namespace sallyport::control {
namespace {

using Kind = sources::Problem::Kind;

// The same words about the same place, which may have moved to another line.
auto words(const sources::Problem& problem) {
  return std::tuple(problem.kind, std::string_view(problem.file), problem.ref, std::string_view(problem.message));
}

// What is mended once nothing of it is left.
auto subject(const sources::Problem& problem) {
  return std::tuple(problem.kind, std::string_view(problem.file), problem.ref);
}

// " Ingress shop/web (b.yaml:3)", as far as it is known.
std::string place(const sources::Problem& problem) {
  std::string place;
  if (problem.ref) place += text::cat(" ", to_text(*problem.ref));
  if (problem.file.empty()) return place;
  place += text::cat(" (", problem.file);
  if (problem.line != 0) place += text::cat(":", problem.line);
  return place + ")";
}

}  // namespace

Control::Control(sources::Source& source, sources::EventSink& events, Settings settings, Apply apply, Log log, Now now)
    : source_(source),
      events_(events),
      engine_(std::move(settings)),
      apply_(std::move(apply)),
      log_(std::move(log)),
      now_(now) {
  engine_.set_awaited([this](const ObjectRef& ref) { return source_answered_ && source_.is_awaited(ref); });
}

Result<void> Control::start() {
  return source_.start([this](sources::Changes changes) { take(std::move(changes)); });
}

void Control::restore(const std::vector<kube::ObjectPtr>& last_good, bool has_secrets) {
  sources::Changes all;
  all.changed = last_good;
  for (const kube::ObjectPtr& object : last_good) unconfirmed_.insert(object->ref);
  run_engine(all, now_());
  first_version_ = engine_.version();
  lacks_secrets_ = !has_secrets && engine_.lacks_secrets();
}

void Control::take(sources::Changes changes) {
  const net::Time taken = now_();
  if (statuses_ != nullptr) {
    for (const kube::ObjectPtr& object : changes.changed) statuses_->seen(object);
    for (const ObjectRef& ref : changes.removed) statuses_->gone(ref);
  }
  may_confirm_ = may_confirm_ || changes.problems || changes.has_read_more;
  if (changes.problems) take_problems(std::move(*changes.problems));
  if (!source_answered_) {
    auto all = first_reading_.take(std::move(changes));
    if (!all) return;
    changes = *std::move(all);
    source_answered_ = true;
    if (lacks_secrets_) engine_.gather_anew();
  }
  confirm(changes);
  run_engine(changes, taken);
}

// What could not be read, or is not fetched yet, may be one of those that seem to be missing: a failed reading is never
// an empty one. All of them are gone through only where the source has read more, or nobody refers to one any more.
void Control::confirm(sources::Changes& changes) {
  if (unconfirmed_.empty()) return;
  for (const kube::ObjectPtr& object : changes.changed) unconfirmed_.erase(object->ref);
  for (const ObjectRef& ref : changes.removed) unconfirmed_.erase(ref);
  if (!std::exchange(may_confirm_, false)) return;
  std::erase_if(unconfirmed_, [&](const ObjectRef& ref) {
    if (!source_.has_read(ref) || (source_.is_awaited(ref) && engine_.refers_to(ref))) return false;
    changes.removed.push_back(ref);
    return true;
  });
}

// A document that is not ours to read is no fault, so nobody mends it.
void Control::take_problems(std::vector<sources::Problem> problems) {
  if (problems == problems_) return;
  std::set<decltype(words(problems_.front()))> former;
  for (const sources::Problem& problem : problems_) former.insert(words(problem));
  std::set<decltype(subject(problems_.front()))> left;
  for (const sources::Problem& problem : problems) {
    if (!former.contains(words(problem))) log_(to_line(problem));
    left.insert(subject(problem));
  }
  for (const sources::Problem& problem : problems_) {
    if (problem.kind != Kind::ignored && left.insert(subject(problem)).second) log_(to_mended_line(problem));
  }
  problems_ = std::move(problems);
  changed();
}

void Control::run_engine(const sources::Changes& changes, net::Time taken) {
  const std::uint64_t former = engine_.version();
  Outcome outcome = engine_.apply(changes);
  pending_.push_back({outcome.delta.version, outcome.delta.version != former, taken, std::move(outcome.changed),
                      std::move(outcome.gone)});
  if (!outcome.delta.empty()) apply_(std::move(outcome.delta));
  const bool is_first = !first_version_ || lacks_secrets_;
  if (source_answered_ && is_first && !engine_.is_gathering()) {
    first_version_ = engine_.version();
    lacks_secrets_ = false;
  }
  if (publish_adopted()) changed();
  if (outcome.wanted.empty()) return;
  const auto is_unconfirmed = [this](const ObjectRef& ref) { return unconfirmed_.contains(ref); };
  may_confirm_ = may_confirm_ || std::ranges::any_of(outcome.wanted.dropped, is_unconfirmed);
  source_.want(outcome.wanted);
}

// Before the first reading there is nobody to be told.
void Control::reached_at(std::optional<std::vector<std::string>> addresses) {
  engine_.set_addresses(std::move(addresses));
  if (first_version_) run_engine(sources::Changes(), now_());
}

void Control::adopted(model::Adopted report) {
  const std::uint64_t former = std::exchange(adopted_, std::max(adopted_, report.version));
  const bool news = publish_adopted();
  if (news || adopted_ != former) changed();
}

// Of several changes to one object only the last is told.
bool Control::publish_adopted() {
  std::map<ObjectRef, StatusPtr> latest;  // null: it is gone
  for (; !pending_.empty() && pending_.front().version <= adopted_; pending_.pop_front()) {
    Pending& pending = pending_.front();
    if (pending.is_new) propagation_.add(now_() - pending.taken);
    for (StatusPtr& status : pending.changed) latest.insert_or_assign(status->origin.object, std::move(status));
    for (const ObjectRef& ref : pending.gone) latest.insert_or_assign(ref, nullptr);
  }
  for (const auto& [ref, status] : latest) status ? publish(status) : withdraw(ref);
  if (is_ready() && !untold_.empty()) tell_what_stayed();
  return !latest.empty();
}

void Control::tell_what_stayed() {
  for (const ObjectRef& ref : std::exchange(untold_, {})) events_.tell(to_be_told(*published_.at(ref)));
}

void Control::publish(const StatusPtr& status) {
  StatusPtr& published = published_[status->origin.object];
  const bool was_told = published && !untold_.contains(status->origin.object);
  const bool is_news = !was_told || !says_the_same(*published, *status);
  const bool is_early = is_news && !is_ready() && status->verdict == dialects::Verdict::rejected;
  if (is_early) untold_.insert(status->origin.object);
  if (is_news && !is_early) untold_.erase(status->origin.object);
  if (is_news || statuses_ != nullptr) {
    const sources::Published told = to_be_told(*status);
    if (is_news && !is_early) events_.tell(told);
    if (statuses_ != nullptr) statuses_->write(told);
  }
  if (published) {
    totals_.take_away(*published);
  } else {
    ++members_;
  }
  totals_.add(*status);
  published = status;
}

sources::Published Control::to_be_told(const ObjectStatus& status) const {
  return {.verdict = verdict_of(status),
          .object = engine_.newest(status.origin.object),
          .generation = status.generation,
          .fields = status.fields};
}

void Control::withdraw(const ObjectRef& ref) {
  if (statuses_ != nullptr) statuses_->gone(ref);
  const auto found = published_.find(ref);
  if (found == published_.end()) return;  // it came and went before anybody was told
  totals_.take_away(*found->second);
  published_.erase(found);
  untold_.erase(ref);
  ++members_;
  events_.gone(ref);
  const bool is_unused = source_.gives_by_name() && sources::is_given_by_name(ref) && !engine_.refers_to(ref);
  log_(is_unused ? to_unused_line(ref) : to_gone_line(ref));
}

void Control::bound(const model::Bound& report) {
  std::string& former = bind_problems_[{report.listener, report.address}];
  if (report.problem == former) return;
  log_(text::cat("listener ", report.listener, " on ", report.address.text(), ": ",
                 report.problem.empty() ? std::string_view("listening again") : std::string_view(report.problem)));
  former = report.problem;
}

std::string_view word(sources::Problem::Kind kind) {
  switch (kind) {
    case Kind::broken:
      return "broken";
    case Kind::duplicate:
      return "duplicate";
    case Kind::ignored:
      return "ignored";
    case Kind::watch:
      return "watch";
  }
  return "";
}

std::string to_line(const sources::Problem& problem) {
  const std::string where = place(problem);
  const bool is_watch = problem.kind == Kind::watch && where.empty();
  return text::cat(word(problem.kind), is_watch ? ":" : "", where, is_watch ? " " : ": ", problem.message);
}

std::string to_mended_line(const sources::Problem& problem) {
  return text::cat("mended", place(problem), ": was ", word(problem.kind), ": ", problem.message);
}

std::string to_gone_line(const ObjectRef& ref) { return text::cat("removed ", to_text(ref)); }

std::string to_unused_line(const ObjectRef& ref) {
  return text::cat("unused ", to_text(ref), ": nothing refers to it any more");
}

}  // namespace sallyport::control
