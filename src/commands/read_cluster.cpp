// SPDX-License-Identifier: Apache-2.0
#include "commands/read_cluster.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "control/control.hpp"
#include "control/first_reading.hpp"

namespace sallyport::commands {
namespace {

constexpr net::Duration longest_standstill{60'000};

// Changes until there is everything that the engine needs. However much that is, there is time for it as long as more
// comes: objects that were not there before, since others change all the time in a cluster.
class Gathering final : net::Timer {
 public:
  Gathering(net::Loop& loop, sources::Source& source, control::Engine& engine)
      : loop_(loop), source_(source), engine_(engine) {}

  Result<SourceReading> read(net::Duration patience) {
    engine_.set_awaited([this](const ObjectRef& ref) { return source_.is_awaited(ref); });
    patience_ = patience;
    wait();
    const auto started = source_.start([this](sources::Changes changes) { take(std::move(changes)); });
    if (!started) return Failure(started.error());
    if (!is_over_) loop_.run();
    engine_.set_awaited({});
    if (error_) return fail(invalid(*std::move(error_)));
    return std::move(reading_);
  }

 private:
  void take(sources::Changes changes) {
    if (is_over_) return;
    if (!changes.unavailable.empty() || has_new(changes)) wait();
    if (changes.problems) reading_.problems = std::move(*changes.problems);
    if (!is_read_) {
      auto all = first_reading_.take(std::move(changes));
      if (!all) {
        if (const std::string why = why_nothing(); !why.empty()) give_up(why);
        return;
      }
      changes = *std::move(all);
      is_read_ = true;
    }
    reading_.outcome = engine_.apply(changes);
    if (!reading_.outcome.wanted.empty()) source_.want(reading_.outcome.wanted);
    if (engine_.version() != 0) end();
  }

  // What is wrong with the source as a whole.
  std::string why_nothing() const {
    for (const sources::Problem& problem : reading_.problems) {
      if (problem.kind == sources::Problem::Kind::broken && problem.file.empty() && !problem.ref) {
        return problem.message;
      }
    }
    return {};
  }

  void wait() { loop_.timers().arm(*this, net::Clock::now() + patience_); }

  bool has_new(const sources::Changes& changes) const {
    return std::ranges::any_of(changes.changed, [this](const kube::ObjectPtr& object) {
      return !first_reading_.has(object->ref) && engine_.newest(object->ref) == nullptr;
    });
  }

  // Nobody waits for an object that is in trouble.
  void fire() override {
    std::vector<std::string> lines;
    for (const sources::Problem& problem : reading_.problems) {
      if (problem.kind == sources::Problem::Kind::broken && !problem.ref) lines.push_back(control::to_line(problem));
    }
    give_up(text::cat("not everything came in time", lines.empty() ? "" : ": ", text::join(lines, "; ")));
  }

  void give_up(std::string why) {
    error_ = std::move(why);
    end();
  }

  void end() {
    is_over_ = true;
    loop_.stop();
  }

  net::Loop& loop_;
  sources::Source& source_;
  control::Engine& engine_;
  SourceReading reading_;
  control::FirstReading first_reading_;
  net::Duration patience_{};
  std::optional<std::string> error_;
  bool is_read_ = false;  // the first reading is complete
  bool is_over_ = false;
};

}  // namespace

Result<SourceReading> read_source(net::Loop& loop, sources::Source& source, control::Engine& engine,
                                  net::Duration patience) {
  return Gathering(loop, source, engine).read(patience);
}

Result<SourceReading> read_cluster(const ClusterOptions& options, control::Engine& engine) {
  auto access = access_of(options);
  if (!access) return Failure(access.error());
  net::Loop loop;
  Cluster cluster(loop, *std::move(access), options);
  return read_source(loop, cluster.source(), engine, longest_standstill);
}

}  // namespace sallyport::commands
