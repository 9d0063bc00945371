// SPDX-License-Identifier: Apache-2.0
// Keeps a file at the statuses in force (--status-file). It is replaced whole, so that whoever reads it reads one
// state: written beside it, synced, renamed over it. The last state is always written; between two writes there is a
// pause that grows with what the former one cost.
//
// Belongs to its loop's thread. A disk that is slow holds nobody up: a thread that lives for one write does it. An
// error is told once and never fatal.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "http/text_response.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"

namespace sallyport::commands {

// Why `path` cannot be kept as a status file: something is there that is no regular file, as a device, a pipe, a
// directory or a symbolic link (which is not followed: replacing it would make it a file). Empty: nothing is in the
// way.
std::string why_no_status_file(const std::string& path);

// The error number; 0: the file holds the text. Whatever lies under the name of the new file beside it is removed.
int replace_file(const std::string& path, std::string_view text);

class StatusFile {
 public:
  using Cost = std::chrono::microseconds;

  static constexpr net::Duration shortest_pause{200};
  static constexpr net::Duration longest_pause{5'000};
  static constexpr net::Duration retry_pause{2'000};  // after a write that failed

  // From the begin of a write that cost so much to the next: 20 times as long, within these bounds.
  static net::Duration pause_after(Cost cost);

  using Make = std::move_only_function<std::unique_ptr<http::TextSource>()>;
  using Log = std::move_only_function<void(const std::string&)>;

  // `make` gives the text of the moment.
  StatusFile(net::Loop& loop, std::string path, Make make, Log log_error);
  StatusFile(const StatusFile&) = delete;
  StatusFile& operator=(const StatusFile&) = delete;
  ~StatusFile();

  // The text may be another now.
  void changed();
  // Writes what is not written yet, before it returns: at the end of the process.
  void finish();

 private:
  struct Due final : net::Timer {
    explicit Due(StatusFile& of) : file(of) {}
    void fire() override { file.begin(); }
    StatusFile& file;
  };

  void arm();
  void begin();
  net::Task<void> write();
  std::unique_ptr<http::TextSource> timed_source();
  bool append_piece(http::TextSource& source, std::string& text);
  bool is_news(std::string_view text);
  void start_thread(std::string text);
  void written(int error, Cost cost = {});

  net::Loop& loop_;
  const std::string path_;
  Make make_;
  Log log_error_;
  Due due_{*this};
  net::Time begun_{};  // the write under way, or the last one
  net::Time not_before_{};
  Cost made_{0};  // its text, on the loop's thread
  bool dirty_ = false;
  bool busy_ = false;
  int last_error_ = 0;
  std::size_t last_hash_ = 0;  // of what was written last; 0: nothing was
  net::Task<void> task_;
  std::thread thread_;
  // Whether this is still there is asked by what the thread posts.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sallyport::commands
