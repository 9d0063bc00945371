// SPDX-License-Identifier: Apache-2.0
// Ties a source to the engine, the engine's deltas to the serving side, and what that reports to statuses and lines.
//
// Status is true: what an object's status says is published only after every worker has adopted the version that holds
// it. One line for each object whose verdict changed, for each new problem of a file and of a listener; none when
// nothing changed. Belongs to the control thread: every call is made there.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "control/engine.hpp"
#include "model/delta.hpp"
#include "sources/source.hpp"

namespace sallyport::control {

class Control {
 public:
  using Apply = std::move_only_function<void(model::Delta)>;
  using Log = std::move_only_function<void(std::string)>;

  // `source` and `sink` outlive it. `log` gets lines about files and listeners; `sink` gets the verdicts about objects.
  Control(sources::Source& source, sources::StatusSink& sink, Settings settings, Apply apply, Log log);
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  Result<void> start();
  void reload() { source_.reload(); }

  void adopted(model::Adopted report);
  void bound(const model::Bound& report);

  // Everything was read once, and all workers serve the model that came of it.
  bool is_ready() const { return complete_ && engine_.version() != 0 && adopted_ >= first_version_; }

  const std::map<ObjectRef, ObjectStatus>& statuses() const { return published_; }
  const std::vector<sources::Problem>& problems() const { return problems_; }
  const Parts& parts() const { return engine_.parts(); }
  std::uint64_t version() const { return engine_.version(); }

 private:
  // What may be said once a version is adopted.
  struct Pending {
    std::uint64_t version;
    std::vector<ObjectStatus> changed;
    std::vector<ObjectRef> gone;
  };

  void take(sources::Changes changes);
  void take_problems(std::vector<sources::Problem> problems);
  void run_engine(const sources::Changes& changes);
  void publish_adopted();
  void publish(const ObjectStatus& status);

  sources::Source& source_;
  sources::StatusSink& sink_;
  Engine engine_;
  Apply apply_;
  Log log_;

  bool complete_ = false;
  sources::Changes early_;  // that came before the first reading was complete
  std::uint64_t first_version_ = 0;
  std::uint64_t adopted_ = 0;
  std::deque<Pending> pending_;
  std::map<ObjectRef, ObjectStatus> published_;
  std::vector<sources::Problem> problems_;
  std::map<std::pair<model::Id, syntax::SocketAddress>, std::string> bind_problems_;
};

std::string to_line(const sources::Problem& problem);

// Writes each verdict as one line: what a folder has instead of a cluster's status.
class LineSink final : public sources::StatusSink {
 public:
  explicit LineSink(Control::Log log) : log_(std::move(log)) {}

  void write(const sources::Verdict& verdict) override { log_(to_line(verdict)); }

 private:
  Control::Log log_;
};

}  // namespace sallyport::control
