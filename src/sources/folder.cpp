// SPDX-License-Identifier: Apache-2.0

#include "sources/folder.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.hpp"

namespace sallyport::sources {

Folder::Folder(net::Loop& loop, const std::string& root)
    : loop_(loop), watch_(root), reader_(root, [this](const std::string& path) { watch_.watch(path); }) {}

Folder::~Folder() {
  if (is_registered_) loop_.remove(watch_.descriptor(), *this);
}

Result<void> Folder::start(OnChanges on_changes) {
  on_changes_ = std::move(on_changes);
  if (watch_.descriptor() >= 0) {
    is_registered_ = loop_.add(watch_.descriptor(), EPOLLIN, *this);
    if (!is_registered_) return fail(Code::internal, "", text::cat("cannot watch the folder ", reader_.root()));
  }
  scan(true);
  return {};
}

void Folder::reload() { scan(true); }

void Folder::on_events(std::uint32_t) {
  gather();
  if (!pending_.empty()) arm_next();
}

// The clock of the loop may be a whole scan old; Clock::now() is not.
void Folder::gather() { pending_.add(watch_.read_events(), net::Clock::now()); }

void Folder::arm_next() {
  if (reader_.another_scan_may_help()) look_again_at(net::Clock::now() + retry_interval);
  if (!pending_.empty()) return loop_.timers().arm(*this, pending_.due());
  std::optional<net::Time> next = look_again_;
  if (!watch_.problems().empty()) {
    const net::Time poll = net::Clock::now() + poll_interval;
    next = std::min(next.value_or(poll), poll);
  }
  if (next) loop_.timers().arm(*this, *next);
}

// Events are read up to now, for the file's bytes were: a file that was closed meanwhile was perhaps read half, and is
// read again with the pending ones.
bool Folder::is_written_to(const FolderReader::Found& file) {
  gather();
  if (pending_.was_written(file.path)) return true;
  const std::optional<net::Time> until = watch_.written_until(file.path);
  if (!until || *until <= net::Clock::now()) return false;
  look_again_at(*until);
  return true;
}

// A file that nothing is known of yet is read: half of it removes nothing.
bool Folder::is_too_young(const FolderReader::Found& file) {
  if (watch_.problems().empty() || !file.gives_objects) return false;
  const auto age = std::chrono::system_clock::now() - file.modified;
  if (age < age.zero() || age >= poll_age) return false;
  look_again_at(net::Clock::now() + poll_age);
  return true;
}

void Folder::look_again_at(net::Time time) { look_again_ = std::min(look_again_.value_or(time), time); }

void Folder::fire() {
  gather();
  const bool is_late = look_again_ && *look_again_ <= net::Clock::now();
  if (!is_late && !pending_.empty() && net::Clock::now() < pending_.due()) return arm_next();  // a half came just now
  if (is_late || pending_.wants_scan() || pending_.empty()) return scan(false);
  const FolderWatch::Events events = pending_.take();
  deliver(reader_.update(events.edits, [this](const FolderReader::Found& file) { return is_written_to(file); }), false);
  arm_next();
}

void Folder::scan(bool even_if_empty) {
  gather();
  pending_.take();  // the scan sees to them
  look_again_.reset();
  net::TimerWheel::disarm(*this);
  watch_.begin_round();
  Changes changes = reader_.scan(
      [this] {
        watch_.end_round();
        return watch_.problems();
      },
      [this](const FolderReader::Found& file) { return is_written_to(file) || is_too_young(file); });
  deliver(std::move(changes), even_if_empty);
  arm_next();
}

void Folder::deliver(Changes changes, bool even_if_empty) {
  if (changes.problems) {
    has_broken_ = std::ranges::any_of(*changes.problems,
                                      [](const Problem& problem) { return problem.kind == Problem::Kind::broken; });
  }
  const bool became_complete = changes.complete && !std::exchange(is_complete_, changes.complete);
  if (even_if_empty || became_complete || !changes.empty()) on_changes_(std::move(changes));
}

}  // namespace sallyport::sources
