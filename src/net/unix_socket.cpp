// SPDX-License-Identifier: Apache-2.0
#include "net/unix_socket.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "base/text.hpp"

namespace sallyport::net {
namespace {

constexpr int backlog = 64;

Failure failed(std::string_view path, std::string_view why) {
  return fail(Code::invalid, "", text::cat("cannot listen on unix:", path, ": ", why));
}

Fd open_socket() { return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)); }

sockaddr_un kernel_address(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

bool bind_to(const Fd& fd, const sockaddr_un& address) {
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// Why the file that is there cannot be replaced; empty: it was, nobody answers on it.
std::string clear_away(const std::string& path, const sockaddr_un& address) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT ? "" : std::strerror(errno);
  if (!S_ISSOCK(found.st_mode)) return "there is a file of this name that is no socket";
  const Fd asking = open_socket();
  if (!asking) return std::strerror(errno);
  if (::connect(asking.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN) {
    return "another process listens on it; end that process or choose another path";
  }
  if (errno != ECONNREFUSED) return std::strerror(errno);
  return ::unlink(path.c_str()) == 0 ? "" : std::strerror(errno);
}

// Held while a socket gets its name and begins to listen, so that of several processes that find a file left behind one
// replaces it, and the others see that it is answered on. The folder itself is locked: no file of it stays.
// Who may not read the folder goes without. An error text if somebody else holds it for long.
std::string lock_folder_of(const std::string& path, Fd& lock) {
  constexpr int tries = 50;
  constexpr timespec between{.tv_sec = 0, .tv_nsec = 20'000'000};
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
  lock = Fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock) return errno == EACCES ? "" : std::strerror(errno);
  for (int i = 0; i < tries; ++i) {
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK && errno != EINTR) return std::strerror(errno);
    ::nanosleep(&between, nullptr);
  }
  return text::cat("another process holds a lock on the folder ", folder);
}

}  // namespace

Result<UnixSocket> UnixSocket::listen(std::string path) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path) || path.find('\0') != path.npos) {
    return failed(path, text::cat("a path of 1 to ", sizeof(sockaddr_un::sun_path) - 1, " bytes is expected"));
  }
  const sockaddr_un address = kernel_address(path);
  Fd lock;
  if (const std::string why = lock_folder_of(path, lock); !why.empty()) return failed(path, why);
  Fd fd = open_socket();
  // Before it has a name, so that there is no moment in which others may open it.
  if (!fd || ::fchmod(fd.get(), S_IRUSR | S_IWUSR) != 0) return failed(path, std::strerror(errno));
  if (!bind_to(fd, address)) {
    if (errno != EADDRINUSE) return failed(path, std::strerror(errno));
    if (const std::string why = clear_away(path, address); !why.empty()) return failed(path, why);
    if (!bind_to(fd, address)) return failed(path, std::strerror(errno));
  }
  struct stat made{};
  if (::lstat(path.c_str(), &made) != 0 || ::listen(fd.get(), backlog) != 0) return failed(path, std::strerror(errno));
  return UnixSocket(std::move(path), std::move(fd), made.st_dev, made.st_ino);
}

UnixSocket::UnixSocket(UnixSocket&& other) noexcept
    : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)), device_(other.device_), inode_(other.inode_) {}

UnixSocket::~UnixSocket() {
  struct stat found{};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
  if (found.st_dev == device_ && found.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace sallyport::net
