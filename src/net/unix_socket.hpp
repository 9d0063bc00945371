// SPDX-License-Identifier: Apache-2.0
// A listening Unix socket for the user that runs us alone (mode 0600).
//
// A file that a process left behind is replaced, one that somebody answers on is not. The file goes with the object,
// unless another has taken its place.

#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.hpp"
#include "net/fd.hpp"

namespace sallyport::net {

class UnixSocket {
 public:
  // The error says what helps.
  static Result<UnixSocket> listen(std::string path);
  UnixSocket(UnixSocket&& other) noexcept;
  UnixSocket& operator=(UnixSocket&&) = delete;
  ~UnixSocket();

  // For an acceptor; once.
  Fd take() { return std::move(fd_); }

 private:
  UnixSocket(std::string path, Fd fd, dev_t device, ino_t inode)
      : path_(std::move(path)), fd_(std::move(fd)), device_(device), inode_(inode) {}

  std::string path_;  // empty: moved from
  Fd fd_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace sallyport::net
