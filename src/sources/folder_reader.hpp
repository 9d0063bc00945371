// SPDX-License-Identifier: Apache-2.0
// A folder of object files on disk, read whole or file by file; every reading gives the Changes since the one before.
//
// Knows nothing of watching: it tells a Visitor of each directory and linked file before it reads it, so that whoever
// watches misses nothing in between. What cannot be read removes nothing; only what is seen to be gone is removed. A
// file that is being written is left as it was.

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sources/file_table.hpp"
#include "sources/source.hpp"

namespace sallyport::sources {

inline constexpr std::size_t max_files = 100'000;
inline constexpr std::size_t max_directories = 20'000;
inline constexpr std::size_t max_directory_depth = 32;

// Names of files, relative to the root.
struct Edits {
  std::set<std::string> written;
  std::set<std::string> gone;  // at least for a moment, and not written since
};

class FolderReader {
 public:
  // Gets a path relative to the root ("" is the root itself), of a directory or of a symlink to a file.
  using Visitor = std::function<void(const std::string& path)>;

  explicit FolderReader(std::string root, Visitor visitor = {}) : root_(std::move(root)), visit_(std::move(visitor)) {}

  const std::string& root() const { return root_; }

  using Problems = std::function<std::vector<Problem>()>;

  struct Found {
    const std::string& path;
    std::chrono::system_clock::time_point modified;
    bool gives_objects;  // by what was read before
  };
  // True if the file may be half written: it keeps what it gave, and whoever says so has it read later. Asked when its
  // bytes were read and before they count, so that a write between the two is not missed.
  using LeaveAlone = std::function<bool(const Found& file)>;

  // Reads everything. `watch_problems` is asked when all directories were visited; its answer is told with the rest.
  Changes scan(const Problems& watch_problems = {}, const LeaveAlone& leave_alone = {});
  // Reads the files that were written, and looks which of the gone ones are. Costs what the edits cost, however large
  // the folder is. One that was written and is gone meanwhile stays until it is among the gone.
  Changes update(const Edits& edits, const LeaveAlone& leave_alone = {});

  const FileTable::Work& work() const { return table_.work(); }
  // Something could not be read since the last scan began for want of a descriptor, memory or a working disk: another
  // scan may find more, though nothing in the folder changes.
  bool another_scan_may_help() const { return another_scan_may_help_; }

 private:
  struct Walk {
    std::set<std::string> files;
    std::set<std::string> unreadable;                                  // directories; what lay in them stays
    bool is_cut_short = false;                                         // by a cap: nothing is removed
    std::set<std::pair<unsigned long long, unsigned long long>> seen;  // device and inode of directories
  };

  void walk(Walk& walk, const std::string& directory, std::size_t depth);
  void walk_entry(Walk& walk, const std::string& path, const std::string& name, std::size_t depth);
  void cut_short(Walk& walk, const std::string& path);
  void complain(const std::string& path, std::string message);
  // False if the file is gone.
  bool read_file(const std::string& file, const LeaveAlone& leave_alone);
  bool root_is_readable();
  void note_failure(int error);
  bool is_to_be_removed(const Walk& walk, const std::string& file) const;
  Changes take();
  std::string full_path(const std::string& path) const;

  std::string root_;
  Visitor visit_;
  FileTable table_;
  std::vector<Problem> folder_problems_;  // of the root and of directories
  std::vector<Problem> watch_problems_;
  bool complete_ = false;
  bool another_scan_may_help_ = false;
};

}  // namespace sallyport::sources
