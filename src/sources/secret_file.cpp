// SPDX-License-Identifier: Apache-2.0
#include "sources/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "net/fd.hpp"

namespace sallyport::sources {

Result<SecretBytes> read_secret_file(const std::string& path, std::size_t most) {
  const auto failed = [&](int error) { return fail(invalid(text::cat(path, ": ", std::strerror(error)))); };
  const net::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return failed(errno);
  struct stat found{};
  if (::fstat(fd.get(), &found) != 0) return failed(errno);
  if (S_ISDIR(found.st_mode)) return failed(EISDIR);
  // A pipe of the shell, or a file that the kernel makes up, says nothing of its size.
  const bool tells = S_ISREG(found.st_mode) && found.st_size != 0;
  const std::size_t told = tells ? static_cast<std::size_t>(found.st_size) : most;
  SecretBytes bytes(std::min(told, most) + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.writable() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > most) return fail(invalid(text::cat(path, ": is larger than ", most, " bytes")));
  if (size == bytes.size()) return fail(invalid(text::cat(path, ": grows while it is read")));
  bytes.shorten(size);
  return bytes;
}

}  // namespace sallyport::sources
