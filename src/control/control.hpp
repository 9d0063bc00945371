// SPDX-License-Identifier: Apache-2.0
// Ties a source to the engine, the engine's deltas to the serving side, and what that reports to statuses and lines.
//
// Status is true: what an object's status says is published only after every worker has adopted the version that holds
// it. One line for each object whose verdict changed or that is gone, for each new problem of a file and of a listener
// and for each that was mended; none when nothing changed. Belongs to the control thread: every call is made there.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "control/engine.hpp"
#include "control/first_reading.hpp"
#include "control/propagation.hpp"
#include "model/delta.hpp"
#include "net/timer_wheel.hpp"
#include "sources/source.hpp"

namespace sallyport::control {

class Control {
 public:
  using Apply = std::move_only_function<void(model::Delta)>;
  using Log = std::move_only_function<void(std::string)>;
  using Now = net::Time (*)();

  // `source` and `events` outlive it. `log` gets lines about files and listeners and about objects that are gone;
  // `events` gets the verdicts about objects. `now` is for propagation() only.
  Control(sources::Source& source, sources::EventSink& events, Settings settings, Apply apply, Log log,
          Now now = net::Clock::now);
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  // Before start(): serves these, which were in force once, until the source has given everything. What it does not
  // give is gone then, unless something of it could not be read. Without the Secrets that they refer to it is not ready
  // until the source has given those too, and takes over with all of them at once; what is rejected until then, mostly
  // for want of them, is in statuses() and told nobody.
  void restore(const std::vector<kube::ObjectPtr>& last_good, bool has_secrets);
  // Before start(): what the objects' own statuses shall be goes there. `statuses` outlives it.
  void send_statuses_to(sources::StatusSink& statuses) { statuses_ = &statuses; }
  Result<void> start();
  void reload() { source_.reload(); }
  // What statuses of Ingresses list from now on, where the settings do not say it; nothing: it is not known.
  void reached_at(std::optional<std::vector<std::string>> addresses);

  void adopted(model::Adopted report);
  void bound(const model::Bound& report);

  // Called after statuses(), problems(), totals() or adopted_version() changed. Not from inside of it: ask for what
  // changed later.
  void on_change(std::move_only_function<void()> hook) { on_change_ = std::move(hook); }

  // Everything was read once or restored, and all workers serve the model that came of it.
  bool is_serving() const { return first_version_ && adopted_ >= *first_version_; }
  // So far that clients may be sent here: hosts with TLS have their certificates, if there are any.
  bool is_ready() const { return is_serving() && !lacks_secrets_; }

  // What is in force came from the source, and every worker serves it: worth to be kept as last good.
  bool is_settled() const {
    return source_answered_ && is_serving() && adopted_ == engine_.version() && engine_.held_back() == 0 &&
           !engine_.is_gathering();
  }
  std::vector<kube::ObjectPtr> chosen() const { return engine_.chosen(); }
  // Objects in force that were restored and that the source has not given.
  std::size_t unconfirmed() const { return unconfirmed_.size(); }

  // As published: each is true of what every worker serves.
  const Statuses& statuses() const { return published_; }
  // Grows when an object gets its first status or is gone: as long as it does not, statuses() has the same entries.
  std::uint64_t members() const { return members_; }
  const Totals& totals() const { return totals_; }
  const std::vector<sources::Problem>& problems() const { return problems_; }
  // As published; null if there is none.
  StatusPtr status(const ObjectRef& ref) const {
    const auto found = published_.find(ref);
    return found == published_.end() ? nullptr : found->second;
  }
  std::vector<std::shared_ptr<const model::Rule>> shadowed_by(const model::Rule& rule) const {
    return engine_.shadowed_by(rule);
  }
  std::uint64_t version() const { return engine_.version(); }
  std::uint64_t adopted_version() const { return adopted_; }

  const Work& work() const { return engine_.work(); }
  const Propagation& propagation() const { return propagation_; }

 private:
  // What may be said once a version is adopted.
  struct Pending {
    std::uint64_t version = 0;
    bool is_new = false;  // no earlier one has this version
    net::Time taken;
    std::vector<StatusPtr> changed;
    std::vector<ObjectRef> gone;
  };

  void take(sources::Changes changes);
  void take_problems(std::vector<sources::Problem> problems);
  void run_engine(const sources::Changes& changes, net::Time taken);
  void confirm(sources::Changes& changes);
  // Whether a status changed.
  bool publish_adopted();
  void publish(const StatusPtr& status);
  void tell_what_stayed();
  sources::Published to_be_told(const ObjectStatus& status) const;
  void withdraw(const ObjectRef& ref);
  void changed() {
    if (on_change_) on_change_();
  }

  sources::Source& source_;
  sources::EventSink& events_;
  sources::StatusSink* statuses_ = nullptr;
  Engine engine_;
  Apply apply_;
  Log log_;
  Now now_;
  std::move_only_function<void()> on_change_;

  FirstReading first_reading_;
  std::unordered_set<ObjectRef> unconfirmed_;   // that were restored and not given since
  bool may_confirm_ = true;                     // one of them may have turned out not to be there
  bool source_answered_ = false;                // the first reading is complete
  std::optional<std::uint64_t> first_version_;  // that was handed on: restored, or of the first reading
  bool lacks_secrets_ = false;                  // what was restored does, and the source has not taken over
  std::unordered_set<ObjectRef> untold_;        // that were rejected before it was ready
  std::uint64_t adopted_ = 0;
  std::deque<Pending> pending_;
  Statuses published_;
  std::uint64_t members_ = 0;
  Totals totals_;
  Propagation propagation_;
  std::vector<sources::Problem> problems_;
  std::map<std::pair<model::Id, syntax::SocketAddress>, std::string> bind_problems_;
};

// In lines, in JSON and in the metric: "broken".
std::string_view word(sources::Problem::Kind kind);
std::string to_line(const sources::Problem& problem);
// Once it is none any more: "mended (b.yaml:3): was broken: …".
std::string to_mended_line(const sources::Problem& problem);
std::string to_gone_line(const ObjectRef& ref);
// It may be there still: it is not read where nobody refers to it.
std::string to_unused_line(const ObjectRef& ref);

// Writes each verdict as one line.
class LineSink final : public sources::EventSink {
 public:
  explicit LineSink(Control::Log log) : log_(std::move(log)) {}

  void tell(const sources::Published& published) override { log_(to_line(published.verdict)); }
  void gone(const ObjectRef&) override {}  // control writes that line

 private:
  Control::Log log_;
};

}  // namespace sallyport::control
