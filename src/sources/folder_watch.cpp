// SPDX-License-Identifier: Apache-2.0

#include "sources/folder_watch.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/text.hpp"
#include "sources/file_names.hpp"

namespace sallyport::sources {
namespace {

constexpr std::uint32_t directory_mask = IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                         IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_EXCL_UNLINK;
constexpr std::uint32_t link_mask = IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;
constexpr std::uint32_t parent_mask = IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ONLYDIR;
constexpr std::uint32_t coming = IN_MOVED_TO | IN_CREATE;

// ConfigMap mounts: all files are links through it, and a rename over it changes them all at once.
constexpr std::string_view config_map_link = "..data";

// An absolute path without a slash at its end, so that the root has a parent and a name.
std::string absolute(const std::string& root) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(root, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return error ? root : path.string();
}

}  // namespace

FolderWatch::FolderWatch(std::string root)
    : root_(absolute(root)), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!inotify_) failure_ = errno;
}

std::string FolderWatch::full_path(const std::string& path) const {
  return path.empty() ? root_ : text::cat(root_, "/", path);
}

int FolderWatch::add(const std::string& path, std::uint32_t mask) {
  const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), mask);
  // What is gone or closed to us is the reader's to tell.
  if (watch < 0 && failure_ == 0 && errno != ENOENT && errno != ENOTDIR && errno != EACCES) {
    failure_ = errno;
    failed_path_ = path;
  }
  return watch;
}

void FolderWatch::begin_round() {
  if (!inotify_) return;
  ++round_;
  failure_ = 0;
  std::erase_if(written_, [](const auto& entry) { return entry.second + patience < net::Clock::now(); });
  watch_parent();
}

void FolderWatch::watch_parent() {
  const std::string parent = std::filesystem::path(root_).parent_path().string();
  const int watch = add(parent, parent_mask);
  if (parent_ >= 0 && watch != parent_) ::inotify_rm_watch(inotify_.get(), parent_);
  parent_ = watch;
}

void FolderWatch::watch(const std::string& path) {
  if (!inotify_) return;
  struct stat status{};
  if (::stat(full_path(path).c_str(), &status) != 0) return;
  const bool is_directory = S_ISDIR(status.st_mode);
  const int watch = add(full_path(path), is_directory ? directory_mask : link_mask);
  if (watch < 0) return;
  Watched& watched = watched_[watch];
  if (watched.round != round_) watched.paths.clear();
  watched.paths.insert(path);
  watched.is_directory = is_directory;
  watched.round = round_;
  if (is_directory) directories_.insert(path);
}

void FolderWatch::end_round() {
  std::erase_if(watched_, [&](const auto& entry) {
    if (entry.second.round == round_) return false;
    forget_writers(entry.first);
    if (entry.first != parent_) ::inotify_rm_watch(inotify_.get(), entry.first);
    return true;
  });
  directories_.clear();
  for (const auto& [watch, watched] : watched_) {
    if (watched.is_directory) directories_.insert(watched.paths.begin(), watched.paths.end());
  }
}

FolderWatch::Events FolderWatch::read_events() {
  Events events;
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  for (;;) {
    const ssize_t got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return events;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof(event));
      take(*reinterpret_cast<const inotify_event*>(buffer.data() + at), events);
      at += sizeof(event) + event.len;
    }
  }
}

void FolderWatch::take(const inotify_event& event, Events& into) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    into.wants_scan = true;
    return;
  }
  const std::string_view name = event.len == 0 ? std::string_view() : std::string_view(event.name);
  if (event.wd == parent_) {
    if (name == std::filesystem::path(root_).filename().string()) into.wants_scan = true;
    if ((event.mask & IN_IGNORED) != 0) parent_ = -1;
  }
  const auto found = watched_.find(event.wd);
  if (found == watched_.end()) return;
  if ((event.mask & IN_IGNORED) != 0) {
    forget_writers(event.wd);
    watched_.erase(found);
    return;
  }
  note_writer(event, found->second);
  if ((event.mask & IN_MODIFY) != 0) return;
  if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_ATTRIB)) != 0) {
    into.wants_scan = true;
    return;
  }
  if (!found->second.is_directory) {
    into.edits.written.insert(found->second.paths.begin(), found->second.paths.end());
    return;
  }
  for (const std::string& directory : found->second.paths) take_in_directory(event, directory, into);
}

void FolderWatch::note_writer(const inotify_event& event, const Watched& watched) {
  const std::string name = event.len == 0 ? std::string() : std::string(event.name);
  if (watched.is_directory && !is_object_file(name)) return;
  if ((event.mask & IN_MODIFY) != 0) {
    written_.insert_or_assign({event.wd, name}, net::Clock::now());
  } else if ((event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)) != 0) {
    written_.erase({event.wd, name});
  }
}

void FolderWatch::forget_writers(int watch) {
  std::erase_if(written_, [&](const auto& entry) { return entry.first.first == watch; });
}

std::optional<net::Time> FolderWatch::written_until(const std::string& path) const {
  std::optional<net::Time> last;
  for (const auto& [key, time] : written_) {
    const auto& [watch, name] = key;
    if (!path.ends_with(name)) continue;
    const auto found = watched_.find(watch);
    if (found == watched_.end()) continue;
    const Watched& watched = found->second;
    const bool is_it = std::ranges::any_of(watched.paths, [&](const std::string& place) {
      return (watched.is_directory ? join_path(place, name) : place) == path;
    });
    if (is_it && (!last || *last < time)) last = time;
  }
  if (!last) return std::nullopt;
  return *last + patience;
}

void FolderWatch::take_in_directory(const inotify_event& event, const std::string& directory, Events& into) const {
  const std::string_view name = event.len == 0 ? std::string_view() : std::string_view(event.name);
  if (name == config_map_link && (event.mask & coming) != 0) into.wants_scan = true;
  if (is_ignored(name)) return;
  const std::string path = join_path(directory, name);
  struct stat status{};
  const bool is_there = ::lstat(full_path(path).c_str(), &status) == 0;
  const bool is_link = is_there && S_ISLNK(status.st_mode);
  const bool is_directory = (event.mask & IN_ISDIR) != 0 || directories_.contains(path);
  if (is_directory || ((event.mask & coming) != 0 && is_link)) {
    into.wants_scan = true;
    return;
  }
  if (!is_object_file(name)) return;
  // A file that was just created is read when its writer closes it; a hard link has no writer.
  const bool is_hard_link = is_there && status.st_nlink > 1;
  const bool is_whole =
      (event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) != 0 || ((event.mask & IN_CREATE) != 0 && is_hard_link);
  if (is_whole) {
    into.edits.written.insert(path);
    into.edits.gone.erase(path);
  }
  if ((event.mask & (IN_MOVED_FROM | IN_DELETE)) != 0) into.edits.gone.insert(path);
}

std::vector<Problem> FolderWatch::problems() const {
  if (failure_ == 0) return {};
  std::string message;
  if (!inotify_ && failure_ == EMFILE) {
    message = "no inotify instance is left; raise fs.inotify.max_user_instances (sysctl)";
  } else if (failure_ == ENOSPC) {
    message = text::cat("no inotify watch is left for ", failed_path_, "; raise fs.inotify.max_user_watches (sysctl)");
  } else {
    message = text::cat("inotify does not work for ", failed_path_.empty() ? root_ : failed_path_, ": ",
                        std::generic_category().message(failure_));
  }
  return {{Problem::Kind::watch, "", 0, std::nullopt,
           text::cat(message, "; until then the folder is read again every few seconds")}};
}

}  // namespace sallyport::sources
