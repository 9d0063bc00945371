// SPDX-License-Identifier: Apache-2.0
#include "commands/status_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "commands/status_text.hpp"
#include "net/new_file.hpp"
#include "net/yield.hpp"

namespace sallyport::commands {
namespace {

// In the same directory, so that renaming is one step; hidden, so that readers of the directory pass it over.
std::string name_beside(const std::string& path) {
  const std::size_t name = path.rfind('/') + 1;  // npos + 1 is 0
  return text::cat(path.substr(0, name), ".", path.substr(name), ".new");
}

// Adds what passes during its life to a cost.
class Stopwatch {
 public:
  explicit Stopwatch(StatusFile::Cost& cost) : cost_(cost) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() { cost_ += std::chrono::duration_cast<StatusFile::Cost>(std::chrono::steady_clock::now() - begin_); }

 private:
  StatusFile::Cost& cost_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace

std::string why_no_status_file(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode)) return {};
  return S_ISLNK(found.st_mode) ? "it is a symbolic link; name the file that it leads to" : "it is no regular file";
}

int replace_file(const std::string& path, std::string_view text) {
  const std::string beside = name_beside(path);
  if (!why_no_status_file(path).empty()) return EEXIST;
  int error = net::write_new_file(beside, text, 0644);
  if (error == 0 && ::rename(beside.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) ::unlink(beside.c_str());
  return error;
}

StatusFile::StatusFile(net::Loop& loop, std::string path, Make make, Log log_error)
    : loop_(loop), path_(std::move(path)), make_(std::move(make)), log_error_(std::move(log_error)) {}

StatusFile::~StatusFile() {
  if (thread_.joinable()) thread_.join();
}

net::Duration StatusFile::pause_after(Cost cost) {
  return std::clamp(std::chrono::duration_cast<net::Duration>(20 * cost), shortest_pause, longest_pause);
}

void StatusFile::changed() {
  if (std::exchange(dirty_, true) || busy_) return;
  arm();
}

void StatusFile::arm() { loop_.timers().arm(due_, std::max(loop_.now(), not_before_)); }

void StatusFile::begin() {
  dirty_ = false;
  busy_ = true;
  begun_ = loop_.now();
  made_ = {};
  task_ = write();
  task_.start();
}

net::Task<void> StatusFile::write() {
  const auto source = timed_source();
  std::string text;
  while (append_piece(*source, text)) co_await net::Yield(loop_);
  if (is_news(text)) {
    start_thread(std::move(text));
  } else {
    written(last_error_);
  }
}

std::unique_ptr<http::TextSource> StatusFile::timed_source() {
  const Stopwatch watch(made_);
  return make_();
}

bool StatusFile::append_piece(http::TextSource& source, std::string& text) {
  const Stopwatch watch(made_);
  return source.append_to(text);
}

// Also when somebody took the file away.
bool StatusFile::is_news(std::string_view text) {
  const std::size_t hash = std::hash<std::string_view>()(text);
  return std::exchange(last_hash_, hash) != hash || !is_there(path_);
}

void StatusFile::start_thread(std::string text) {
  try {
    thread_ = std::thread(
        [&loop = loop_, path = path_, text = std::move(text), alive = std::weak_ptr(alive_), this]() mutable {
          Cost cost{0};
          int error = 0;
          {
            const Stopwatch watch(cost);
            error = replace_file(path, text);
          }
          loop.post([alive = std::move(alive), error, cost, this] {
            if (!alive.expired()) written(error, cost);
          });
        });
  } catch (const std::system_error& error) {
    written(error.code().value());
  }
}

void StatusFile::written(int error, Cost cost) {
  if (thread_.joinable()) thread_.join();  // it has said its last word
  busy_ = false;
  not_before_ = begun_ + pause_after(made_ + cost);
  if (error != 0) {  // it is tried again, for a disk may have room later
    last_hash_ = 0;
    dirty_ = true;
    not_before_ = std::max(not_before_, loop_.now() + retry_pause);
  }
  if (std::exchange(last_error_, error) != error && error != 0) {
    log_error_(text::cat("--status-file ", path_, ": ", std::strerror(error)));
  }
  if (dirty_) arm();
}

void StatusFile::finish() {
  net::TimerWheel::disarm(due_);
  if (thread_.joinable()) {
    thread_.join();
    last_hash_ = 0;  // whether it could write is not known
  }
  dirty_ = dirty_ || busy_;
  task_.reset();
  if (!std::exchange(dirty_, false)) return;
  const std::string text = whole_text(*make_());
  written(is_news(text) ? replace_file(path_, text) : last_error_);
}

}  // namespace sallyport::commands
