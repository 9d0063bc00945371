// SPDX-License-Identifier: Apache-2.0
// inotify on a folder: directories, linked files, and the root's parent (to see the root itself replaced).
//
// Says what to look at again, never what is there. Files are looked at when a writer closes them or when they are moved
// in, so that half-written ones are not read; whatever touches directories or links asks for a whole scan. Files that
// are written to and not closed yet are remembered, for such a scan to leave them alone. For each scan: begin_round(),
// watch() of every path before it is read, end_round().

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "net/fd.hpp"
#include "net/timer_wheel.hpp"
#include "sources/folder_reader.hpp"
#include "sources/source.hpp"

struct inotify_event;

namespace sallyport::sources {

class FolderWatch {
 public:
  struct Events {
    bool wants_scan = false;
    Edits edits;

    bool empty() const { return !wants_scan && edits.written.empty() && edits.gone.empty(); }
  };

  // A writer that wrote nothing for so long is not waited for.
  static constexpr net::Duration patience{5000};

  explicit FolderWatch(std::string root);

  // Readable when there are events; -1 if inotify is not to be had (problems() says so).
  int descriptor() const { return inotify_.get(); }

  void begin_round();
  void watch(const std::string& path);
  void end_round();

  // All that are there now.
  Events read_events();

  // Until when to wait for the file's writer, by the events that were read; none if nobody is known to write it.
  std::optional<net::Time> written_until(const std::string& path) const;

  // Why changes may go unseen; empty when all is watched.
  std::vector<Problem> problems() const;

 private:
  struct Watched {
    std::set<std::string> paths;  // relative to the root; several when links lead to one file
    bool is_directory = false;
    unsigned round = 0;
  };

  int add(const std::string& full_path, std::uint32_t mask);
  void watch_parent();
  void take(const inotify_event& event, Events& into);
  void take_in_directory(const inotify_event& event, const std::string& directory, Events& into) const;
  void note_writer(const inotify_event& event, const Watched& watched);
  void forget_writers(int watch);
  std::string full_path(const std::string& path) const;

  std::string root_;
  net::Fd inotify_;
  int parent_ = -1;  // its watch
  std::map<int, Watched> watched_;
  std::unordered_set<std::string> directories_;  // their paths, since the last round; some may be gone
  // When a file that is still open was last written to. By watch and name ("" for a linked file), not by path: the
  // directory may be renamed, and the link led elsewhere, before it is closed.
  std::map<std::pair<int, std::string>, net::Time> written_;
  unsigned round_ = 0;
  int failure_ = 0;          // the first errno of the round
  std::string failed_path_;  // what it befell
};

}  // namespace sallyport::sources
