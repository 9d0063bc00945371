// SPDX-License-Identifier: Apache-2.0
#include "control/control.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace sallyport::control {
namespace {

// A line that moved is no change of verdict.
bool says_the_same(const sources::Verdict& one, const sources::Verdict& other) {
  return one.kind == other.kind && one.field == other.field && one.reason == other.reason &&
         one.message == other.message;
}

}  // namespace

Control::Control(sources::Source& source, sources::StatusSink& sink, Settings settings, Apply apply, Log log)
    : source_(source), sink_(sink), engine_(std::move(settings)), apply_(std::move(apply)), log_(std::move(log)) {}

Result<void> Control::start() {
  return source_.start([this](sources::Changes changes) { take(std::move(changes)); });
}

// Half of the objects would give half of the truth (a Service that is not there yet), so the first reading counts as
// one.
void Control::take(sources::Changes changes) {
  if (changes.problems) take_problems(std::move(*changes.problems));
  if (complete_) return run_engine(changes);
  std::ranges::move(changes.changed, std::back_inserter(early_.changed));
  for (ObjectRef& ref : changes.removed) {
    std::erase_if(early_.changed, [&](const kube::ObjectPtr& object) { return object->ref == ref; });
  }
  if (!changes.complete) return;
  complete_ = true;
  run_engine(std::exchange(early_, {}));
  first_version_ = engine_.version();
}

void Control::take_problems(std::vector<sources::Problem> problems) {
  for (const sources::Problem& problem : problems) {
    const auto same = [&](const sources::Problem& former) {
      return former.kind == problem.kind && former.file == problem.file && former.message == problem.message;
    };
    if (std::ranges::none_of(problems_, same)) log_(to_line(problem));
  }
  problems_ = std::move(problems);
}

void Control::run_engine(const sources::Changes& changes) {
  Outcome outcome = engine_.apply(changes);
  pending_.push_back({outcome.delta.version, std::move(outcome.changed), std::move(outcome.gone)});
  if (!outcome.delta.empty()) apply_(std::move(outcome.delta));
  publish_adopted();
}

void Control::adopted(model::Adopted report) {
  adopted_ = std::max(adopted_, report.version);
  publish_adopted();
}

// Of several changes to one object only the last is told.
void Control::publish_adopted() {
  std::map<ObjectRef, ObjectStatus> latest;
  for (; !pending_.empty() && pending_.front().version <= adopted_; pending_.pop_front()) {
    for (ObjectStatus& status : pending_.front().changed) {
      const ObjectRef ref = status.origin.object;
      latest.insert_or_assign(ref, std::move(status));
    }
    for (const ObjectRef& ref : pending_.front().gone) {
      latest.erase(ref);
      published_.erase(ref);
    }
  }
  for (const auto& [ref, status] : latest) publish(status);
}

void Control::publish(const ObjectStatus& status) {
  const sources::Verdict verdict = verdict_of(status);
  const auto former = published_.find(status.origin.object);
  const bool is_known = former != published_.end() &&
                        (says_the_same(verdict_of(former->second), verdict) || says_the_same(former->second, status));
  if (!is_known) sink_.write(verdict);
  published_.insert_or_assign(status.origin.object, status);
}

void Control::bound(const model::Bound& report) {
  std::string& former = bind_problems_[{report.listener, report.address}];
  if (!report.problem.empty() && report.problem != former) {
    log_(text::cat("listener ", report.listener, " on ", report.address.text(), ": ", report.problem));
  }
  former = report.problem;
}

std::string to_line(const sources::Problem& problem) {
  using Kind = sources::Problem::Kind;
  std::string_view word = "broken ";
  if (problem.kind == Kind::duplicate) word = "duplicate ";
  if (problem.kind == Kind::ignored) word = "ignored ";
  if (problem.kind == Kind::watch) word = "watch: ";
  std::string line(word);
  if (problem.ref) line += text::cat(to_text(*problem.ref), " ");
  if (!problem.file.empty()) {
    line += text::cat("(", problem.file);
    if (problem.line != 0) line += text::cat(":", problem.line);
    line += ")";
  }
  while (line.ends_with(' ')) line.pop_back();
  return text::cat(line, line.ends_with(':') ? " " : ": ", problem.message);
}

}  // namespace sallyport::control
