// SPDX-License-Identifier: Apache-2.0
// The access log: one ring for each worker, one thread that writes them to a file. A slow disk costs lines, never time;
// a full one too, and what is lost of a line is made up for: no line stands in the file in part, or with another's end.

#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "net/fd.hpp"
#include "proxy/log_ring.hpp"

namespace sallyport::proxy {

class AccessLog {
 public:
  // `file` is a path, or "-" for the standard output.
  static Result<std::unique_ptr<AccessLog>> open(const std::string& file, std::size_t workers);
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;
  // Writes what was published. The workers must have ended.
  ~AccessLog();

  LogRing& ring(std::size_t worker) { return *rings_[worker]; }
  // From the worker, after it published: the writer may be asleep.
  void wake();
  // From any thread: the file was moved away; a new one is begun under its name.
  void reopen();

 private:
  AccessLog(std::string file, net::Fd fd, net::Fd bell, std::size_t workers);

  int descriptor() const;
  void run();
  bool write_all();
  bool write_piece(LogRing& ring, std::string_view piece);
  bool wait_until_writable() const;
  void note_written(std::string_view text);
  void lose(LogRing& ring, std::string_view piece);
  bool lose_rest(LogRing& ring, std::string_view piece);
  bool cut_torn_line() const;
  void open_again();
  void note_kind();
  void sleep_until_rung();

  std::string file_;
  net::Fd fd_;    // none: the standard output
  net::Fd bell_;  // an eventfd
  bool is_file_ = false;
  std::size_t torn_ = 0;     // bytes at the file's end of a line that is not all written
  bool stays_torn_ = false;  // its rest is lost, and it could not be taken off: the next line begins anew
  bool loses_rest_ = false;  // what the ring at work gives next begins with the rest of a line that is lost
  std::vector<std::unique_ptr<LogRing>> rings_;
  std::atomic<bool> asleep_ = false;
  std::atomic<bool> reopen_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread writer_;
};

}  // namespace sallyport::proxy
