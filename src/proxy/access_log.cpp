// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/text.hpp"

namespace sallyport::proxy {
namespace {

// While lines keep coming nobody has to ring, which costs a worker a system call and this thread a wake-up each time.
constexpr std::chrono::milliseconds between_writes{5};

net::Fd open_file(const std::string& file) {
  return net::Fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
}

}  // namespace

Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::string& file, std::size_t workers) {
  net::Fd fd;
  if (file != "-") {
    fd = open_file(file);
    if (!fd) return fail(Code::invalid, "", text::cat("--access-log ", file, ": ", std::strerror(errno)));
  }
  net::Fd bell(::eventfd(0, EFD_CLOEXEC));
  if (!bell) return fail(Code::invalid, "", text::cat("--access-log: ", std::strerror(errno)));
  try {
    return std::unique_ptr<AccessLog>(new AccessLog(file, std::move(fd), std::move(bell), workers));
  } catch (const std::system_error& error) {
    return fail(Code::invalid, "", text::cat("--access-log: no thread can be started: ", error.what()));
  }
}

AccessLog::AccessLog(std::string file, net::Fd fd, net::Fd bell, std::size_t workers)
    : file_(std::move(file)), fd_(std::move(fd)), bell_(std::move(bell)) {
  note_kind();
  for (std::size_t i = 0; i < workers; ++i) rings_.push_back(std::make_unique<LogRing>());
  writer_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto rung = ::write(bell_.get(), &one, sizeof one);
  writer_.join();
}

void AccessLog::wake() {
  if (!asleep_.load(std::memory_order_seq_cst)) return;
  if (!asleep_.exchange(false)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto rung = ::write(bell_.get(), &one, sizeof one);
}

void AccessLog::reopen() {
  reopen_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto rung = ::write(bell_.get(), &one, sizeof one);
}

void AccessLog::open_again() {
  if (!reopen_.exchange(false) || file_ == "-") return;
  if (net::Fd fresh = open_file(file_)) {  // else the old one goes on
    fd_ = std::move(fresh);
    torn_ = 0;
    stays_torn_ = false;
  }
  note_kind();
}

void AccessLog::note_kind() {
  struct stat about{};
  is_file_ = ::fstat(descriptor(), &about) == 0 && S_ISREG(about.st_mode);
}

int AccessLog::descriptor() const { return fd_ ? fd_.get() : STDOUT_FILENO; }

void AccessLog::run() {
  while (!stopping_) {
    open_again();
    if (write_all()) {
      std::this_thread::sleep_for(between_writes);
    } else {
      sleep_until_rung();
    }
  }
  write_all();
}

// A worker that published before `asleep_` was set may not have rung: hence one more look before sleeping.
void AccessLog::sleep_until_rung() {
  asleep_.store(true, std::memory_order_seq_cst);
  if (!write_all()) {
    std::uint64_t rings = 0;
    [[maybe_unused]] const auto got = ::read(bell_.get(), &rings, sizeof rings);
  }
  asleep_.store(false, std::memory_order_seq_cst);
}

// Whoever reads a pipe may have stopped to: that must not hold up the end.
bool AccessLog::wait_until_writable() const {
  pollfd waiting{.fd = descriptor(), .events = POLLOUT, .revents = 0};
  while (::poll(&waiting, 1, 100) <= 0) {
    if (stopping_) return false;
  }
  return true;
}

// What is at the end of the file now: nothing, or a line that goes on.
void AccessLog::note_written(std::string_view text) {
  const auto line_end = text.rfind('\n');
  torn_ = line_end == text.npos ? torn_ + text.size() : text.size() - line_end - 1;
}

// The beginning of a line that will not go on, unless it is not the end of the file any more, or the file is another's.
bool AccessLog::cut_torn_line() const {
  if (!is_file_ || !fd_) return false;
  const off_t end = ::lseek(fd_.get(), 0, SEEK_CUR);
  const auto torn = static_cast<off_t>(torn_);
  struct stat about{};
  return ::fstat(fd_.get(), &about) == 0 && about.st_size == end && end >= torn &&
         ::ftruncate(fd_.get(), end - torn) == 0;
}

// All lines that end in the piece, and the one that goes on behind it.
void AccessLog::lose(LogRing& ring, std::string_view piece) {
  loses_rest_ = piece.back() != '\n';
  ring.lose(piece.size(), static_cast<std::uint64_t>(std::ranges::count(piece, '\n')));
  if (torn_ != 0) stays_torn_ = !cut_torn_line();
  torn_ = 0;
}

// False: there is no rest that is lost.
bool AccessLog::lose_rest(LogRing& ring, std::string_view piece) {
  if (!loses_rest_) return false;
  const auto line_end = piece.find('\n');
  loses_rest_ = line_end == piece.npos;
  loses_rest_ ? ring.lose(piece.size(), 0) : ring.lose(line_end + 1, 1);
  return true;
}

// False: it was given up. A full disk loses lines, it does not stop the log.
bool AccessLog::write_piece(LogRing& ring, std::string_view piece) {
  if (lose_rest(ring, piece)) return true;
  if (!is_file_ && !wait_until_writable()) return false;
  // So much a pipe that is writable takes without blocking. A file never does.
  const std::size_t size = is_file_ ? piece.size() : std::min<std::size_t>(piece.size(), PIPE_BUF);
  const std::string_view text = stays_torn_ ? std::string_view("\n") : piece.substr(0, size);
  const ssize_t written = ::write(descriptor(), text.data(), text.size());
  if (written < 0 && (errno == EINTR || errno == EAGAIN)) return true;
  if (written < 0) {
    lose(ring, piece);
  } else if (!std::exchange(stays_torn_, false)) {
    note_written(text.substr(0, static_cast<std::size_t>(written)));
    ring.take(static_cast<std::size_t>(written));
  }
  return true;
}

// False: there was nothing.
bool AccessLog::write_all() {
  bool any = false;
  for (const auto& ring : rings_) {
    for (std::string_view piece = ring->peek(); !piece.empty(); piece = ring->peek()) {
      any = true;
      if (!write_piece(*ring, piece)) return any;
    }
  }
  return any;
}

}  // namespace sallyport::proxy
