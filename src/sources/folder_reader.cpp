// SPDX-License-Identifier: Apache-2.0

#include "sources/folder_reader.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "base/text.hpp"
#include "kube/tree.hpp"
#include "net/fd.hpp"
#include "sources/file_names.hpp"

namespace sallyport::sources {
namespace {

std::string why(int error) { return std::generic_category().message(error); }

// A file's bytes, zeroed when they go: they may be a Secret's.
struct FileBytes {
  std::string text;
  std::string failure;  // empty if it was read
  int error = 0;
  bool is_gone = false;
  std::chrono::system_clock::time_point modified;

  FileBytes() = default;
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes() { explicit_bzero(text.data(), text.size()); }
};

void read_bytes(const std::string& path, FileBytes& into) {
  const net::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) {
    const int error = errno;
    into.error = error;
    into.failure = text::cat("cannot be read: ", why(error));
    into.is_gone = error == ENOENT && ::lstat(path.c_str(), &status) != 0;  // a broken link is there
    return;
  }
  if (!S_ISREG(status.st_mode)) {
    into.failure = "cannot be read: it is not a regular file";
    return;
  }
  if (static_cast<std::size_t>(status.st_size) > kube::max_file_bytes) {
    into.failure = "cannot be read: it is larger than 16 MiB";
    return;
  }
  into.modified +=
      std::chrono::seconds(status.st_mtim.tv_sec) + std::chrono::microseconds(status.st_mtim.tv_nsec / 1000);
  into.text.resize(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < into.text.size()) {
    const ssize_t got = ::read(file.get(), into.text.data() + done, into.text.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      into.error = errno;
      into.failure = text::cat("cannot be read: ", why(into.error));
    }
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  into.text.resize(done);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

// Names in byte order; the error number if it cannot be read.
int list_directory(const std::string& path, std::vector<std::string>& names) {
  const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
  if (!directory) return errno;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    names.emplace_back(entry->d_name);
  }
  const int error = errno;
  std::ranges::sort(names);
  return error;
}

// The error number if it cannot be read. Reads a few of its names at most.
int try_directory(const std::string& path) {
  const net::Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  std::array<char, 1024> names;
  return directory && ::getdents64(directory.get(), names.data(), names.size()) >= 0 ? 0 : errno;
}

bool lies_in(const std::string& file, const std::string& directory) {
  return directory.empty() ||
         (file.starts_with(directory) && file.size() > directory.size() && file[directory.size()] == '/');
}

}  // namespace

std::string FolderReader::full_path(const std::string& path) const {
  return path.empty() ? root_ : text::cat(root_, "/", path);
}

void FolderReader::complain(const std::string& path, std::string message) {
  folder_problems_.push_back({Problem::Kind::broken, path, 0, std::nullopt, std::move(message)});
}

void FolderReader::note_failure(int error) {
  constexpr std::array passing = {EMFILE, ENFILE, ENOMEM, EIO, EAGAIN, EINTR};
  another_scan_may_help_ = another_scan_may_help_ || std::ranges::find(passing, error) != passing.end();
}

Changes FolderReader::scan(const Problems& watch_problems, const LeaveAlone& leave_alone) {
  another_scan_may_help_ = false;
  folder_problems_.clear();
  Walk found;
  walk(found, "", 0);
  if (watch_problems) watch_problems_ = watch_problems();
  for (const std::string& file : table_.files()) {
    if (is_to_be_removed(found, file)) table_.remove(file);
  }
  for (const std::string& file : found.files) {
    if (!read_file(file, leave_alone)) table_.remove(file);
  }
  complete_ = complete_ || !found.unreadable.contains("");
  return take();
}

bool FolderReader::is_to_be_removed(const Walk& found, const std::string& file) const {
  if (found.is_cut_short || found.files.contains(file)) return false;
  return std::ranges::none_of(found.unreadable, [&](const std::string& directory) { return lies_in(file, directory); });
}

Changes FolderReader::update(const Edits& edits, const LeaveAlone& leave_alone) {
  if (!root_is_readable()) return take();
  for (const std::string& file : edits.gone) {
    struct stat status{};
    const bool is_gone = ::lstat(full_path(file).c_str(), &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
    if (is_gone) table_.remove(file);
  }
  // The deletion of one that is gone by now is an event of its own, and may be half of a pair.
  for (const std::string& file : edits.written) read_file(file, leave_alone);
  return take();
}

bool FolderReader::root_is_readable() {
  const int error = try_directory(root_);
  std::erase_if(folder_problems_, [](const Problem& problem) { return problem.file.empty(); });
  if (error != 0) complain("", text::cat("the folder ", root_, " cannot be read: ", why(error)));
  note_failure(error);
  return error == 0;
}

void FolderReader::walk(Walk& found, const std::string& directory, std::size_t depth) {
  struct stat status{};
  const std::string path = full_path(directory);
  // A directory with several paths (by links, perhaps in a loop) is read by the first of them.
  if (::stat(path.c_str(), &status) == 0 && !found.seen.emplace(status.st_dev, status.st_ino).second) return;
  if (depth > max_directory_depth || found.seen.size() > max_directories) return cut_short(found, directory);
  if (visit_) visit_(directory);
  std::vector<std::string> names;
  if (const int error = list_directory(path, names); error != 0) {
    found.unreadable.insert(directory);
    note_failure(error);
    const std::string what = directory.empty() ? text::cat("the folder ", root_) : "the directory";
    return complain(directory, text::cat(what, " cannot be read: ", why(error)));
  }
  for (const std::string& name : names) {
    if (!is_ignored(name)) walk_entry(found, join_path(directory, name), name, depth);
  }
}

void FolderReader::walk_entry(Walk& found, const std::string& path, const std::string& name, std::size_t depth) {
  struct stat status{};
  if (::lstat(full_path(path).c_str(), &status) != 0) return note_failure(errno);  // gone meanwhile
  const bool is_link = S_ISLNK(status.st_mode);
  const bool leads_somewhere = !is_link || ::stat(full_path(path).c_str(), &status) == 0;
  if (leads_somewhere && S_ISDIR(status.st_mode)) return walk(found, path, depth + 1);
  if (!is_object_file(name)) return;
  if (found.files.size() >= max_files) return cut_short(found, path);
  if (visit_ && is_link && leads_somewhere) visit_(path);
  found.files.insert(path);
}

void FolderReader::cut_short(Walk& found, const std::string& path) {
  if (std::exchange(found.is_cut_short, true)) return;
  complain(path, text::cat("is left out, and perhaps more: the folder has more than ", max_files, " files or ",
                           max_directories, " directories, or is deeper than ", max_directory_depth, " levels"));
}

bool FolderReader::read_file(const std::string& file, const LeaveAlone& leave_alone) {
  FileBytes bytes;
  read_bytes(full_path(file), bytes);
  note_failure(bytes.error);
  if (bytes.is_gone) return false;
  const bool gives_objects = table_.gives_objects(file);
  if (leave_alone && leave_alone({file, bytes.modified, gives_objects})) return true;
  // Writers that truncate first leave it empty for a moment; whoever means to remove the objects removes the file.
  if (bytes.failure.empty() && bytes.text.empty() && gives_objects) {
    bytes.failure = "is empty now; what it gave before stays until the file is removed or written";
  }
  if (!bytes.failure.empty()) {
    table_.fail(file, std::move(bytes.failure));
    return true;
  }
  kube::Digest digest;
  digest.add(bytes.text);
  if (table_.is_news(file, digest)) table_.put(file, digest, kube::read_objects(file, bytes.text));
  return true;
}

Changes FolderReader::take() {
  std::vector<Problem> others = folder_problems_;
  others.insert(others.end(), watch_problems_.begin(), watch_problems_.end());
  Changes changes = table_.take(std::move(others));
  changes.complete = complete_;
  return changes;
}

}  // namespace sallyport::sources
