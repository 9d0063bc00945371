// SPDX-License-Identifier: Apache-2.0
#include "net/new_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "net/fd.hpp"

namespace sallyport::net {
namespace {

int write_all(const Fd& fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t size = ::write(fd.get(), text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return ::fsync(fd.get()) == 0 ? 0 : errno;
}

}  // namespace

int write_new_file(const std::string& path, std::string_view text, ::mode_t mode) {
  ::unlink(path.c_str());
  int error = 0;
  {
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd) return errno;
    error = write_all(fd, text);
  }
  if (error != 0) ::unlink(path.c_str());
  return error;
}

}  // namespace sallyport::net
