// SPDX-License-Identifier: Apache-2.0
// The source that is a folder of Kubernetes YAML and JSON.
//
// Lives on the control thread's loop. A file that is whole is read within a millisecond or two; pending.hpp says what
// waits longer, so that an editor's rename and write are one Changes. Without enough inotify watches it reads the
// folder again every `poll_interval`. A file that somebody writes to is not read before it is closed, or
// `FolderWatch::patience` is over.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/loop.hpp"
#include "sources/folder_reader.hpp"
#include "sources/folder_watch.hpp"
#include "sources/pending.hpp"
#include "sources/source.hpp"

namespace sallyport::sources {

class Folder final : public Source, private net::Watcher, private net::Timer {
 public:
  static constexpr net::Duration poll_interval{5000};
  static constexpr net::Duration retry_interval{2000};  // after something could not be read, for the moment
  static constexpr net::Duration poll_age{1000};  // of a changed file that is read when no event tells of its closing

  Folder(net::Loop& loop, const std::string& root);
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() override;

  // Reads the folder before it returns. A folder that is not there is a problem in the first Changes, not a failure.
  Result<void> start(OnChanges on_changes) override;
  void reload() override;
  // What is not in any file may be in one that is broken.
  bool has_read(const ObjectRef&) const override { return !has_broken_; }

 private:
  void on_events(std::uint32_t events) override;
  void fire() override;
  void gather();
  void arm_next();
  bool is_written_to(const FolderReader::Found& file);
  bool is_too_young(const FolderReader::Found& file);
  void look_again_at(net::Time time);
  void scan(bool even_if_empty);
  void deliver(Changes changes, bool even_if_empty);

  net::Loop& loop_;
  FolderWatch watch_;
  FolderReader reader_;
  OnChanges on_changes_;
  Pending pending_;
  std::optional<net::Time> look_again_;  // at a file that was left alone
  bool is_registered_ = false;
  bool is_complete_ = false;  // as told last
  bool has_broken_ = false;   // among the problems that were told last
};

}  // namespace sallyport::sources
