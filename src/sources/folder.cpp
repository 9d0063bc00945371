// SPDX-License-Identifier: Apache-2.0

#include "sources/folder.hpp"

#include <sys/epoll.h>

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

void Folder::reload() {
  pending_ = {};
  scan(true);
}

void Folder::on_events(std::uint32_t) {
  const bool is_first = pending_.empty();
  FolderWatch::Events events = watch_.read_events();
  pending_.wants_scan = pending_.wants_scan || events.wants_scan;
  pending_.edits.written.merge(events.edits.written);
  pending_.edits.gone.merge(events.edits.gone);
  if (is_first && !pending_.empty()) arm(settle);
}

// The clock of the loop may be a whole scan old; Clock::now() is not.
void Folder::arm(net::Duration after) { loop_.timers().arm(*this, net::Clock::now() + after); }

void Folder::fire() {
  const FolderWatch::Events events = std::exchange(pending_, {});
  if (events.wants_scan || events.empty()) return scan(false);
  deliver(reader_.update(events.edits), false);
  if (!watch_.problems().empty()) arm(poll_interval);
}

void Folder::scan(bool even_if_empty) {
  watch_.begin_round();
  Changes changes = reader_.scan([this] {
    watch_.end_round();
    return watch_.problems();
  });
  deliver(std::move(changes), even_if_empty);
  if (!watch_.problems().empty()) arm(poll_interval);
}

void Folder::deliver(Changes changes, bool even_if_empty) {
  const bool became_complete = changes.complete && !std::exchange(is_complete_, changes.complete);
  if (even_if_empty || became_complete || !changes.empty()) on_changes_(std::move(changes));
}

}  // namespace sallyport::sources
