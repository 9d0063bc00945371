// SPDX-License-Identifier: Apache-2.0
#include "sources/last_good/directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/text.hpp"
#include "net/fd.hpp"
#include "net/new_file.hpp"

namespace sallyport::sources::last_good {
namespace {

std::string path_of(const std::string& directory, std::string_view name) { return text::cat(directory, "/", name); }

// So that the renames are on the disk too.
int sync_directory(const std::string& directory) {
  const net::Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return fd && ::fsync(fd.get()) == 0 ? 0 : errno;
}

int rename_in(const std::string& directory, std::string_view from, std::string_view to) {
  return ::rename(path_of(directory, from).c_str(), path_of(directory, to).c_str()) == 0 ? 0 : errno;
}

Result<std::string> read_file(const std::string& path) {
  const auto failed = [] { return fail(invalid(std::strerror(errno))); };
  const net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) return failed();
  struct stat found{};
  if (::fstat(fd.get(), &found) != 0) return failed();
  if (!S_ISREG(found.st_mode)) return fail(invalid("is no regular file"));
  if (static_cast<std::size_t>(found.st_size) > max_bytes) return fail(invalid("is larger than 512 MiB"));
  std::string bytes(static_cast<std::size_t>(found.st_size), '\0');
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed();
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

int keep(const std::string& directory, std::string_view text) {
  constexpr std::string_view fresh = "last-good.json.new";
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return errno;
  if (const int error = net::write_new_file(path_of(directory, fresh), text, 0600); error != 0) return error;
  rename_in(directory, file_names[1], file_names[2]);  // which may be missing, as the next may
  rename_in(directory, file_names[0], file_names[1]);
  if (const int error = rename_in(directory, fresh, file_names[0]); error != 0) {
    ::unlink(path_of(directory, fresh).c_str());
    return error;
  }
  return sync_directory(directory);
}

Loaded load(const std::string& directory, const Key* key) {
  Loaded loaded;
  for (const char* const name : file_names) {
    const std::string path = path_of(directory, name);
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) continue;
    const Result<std::string> bytes = read_file(path);
    Result<Contents> contents = bytes ? read_text(*bytes, key, file_names[0]) : Failure(bytes.error());
    if (contents) {
      loaded.contents = *std::move(contents);
      loaded.file = path;
      return loaded;
    }
    loaded.passed_over.push_back(text::cat(path, " ", contents.error().detail));
  }
  return loaded;
}

}  // namespace sallyport::sources::last_good
