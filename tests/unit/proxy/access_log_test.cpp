// SPDX-License-Identifier: Apache-2.0
#include "proxy/access_log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"

namespace sallyport::proxy {
namespace {

class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest() {
    std::string pattern = testing::TempDir() + "sallyport-log-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    file_ = folder_ / "access.log";
  }
  ~AccessLogTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<AccessLog> open(std::size_t workers = 1) {
    auto log = AccessLog::open(file_.string(), workers);
    EXPECT_TRUE(log) << log.error().detail;
    return std::move(*log);
  }

  static void say(AccessLog& log, std::string_view line, std::size_t worker = 0) {
    log.ring(worker).write(line);
    if (log.ring(worker).publish()) log.wake();
  }

  static std::string content(const std::filesystem::path& file) {
    std::ostringstream all;
    all << std::ifstream(file).rdbuf();
    return all.str();
  }
  // The writer is another thread: it is given its time, up to a limit that only a failed test reaches.
  static bool comes_true(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      std::this_thread::yield();
    }
    return true;
  }

  std::filesystem::path folder_;
  std::filesystem::path file_;
};

TEST_F(AccessLogTest, LinesReachTheFileWhileItIsOpen) {
  const auto log = open();
  say(*log, "one\n");
  EXPECT_TRUE(comes_true([&] { return content(file_) == "one\n"; }));
  say(*log, "two\n");
  EXPECT_TRUE(comes_true([&] { return content(file_) == "one\ntwo\n"; }));
}

TEST_F(AccessLogTest, TheFileIsContinuedAndNotForAllToRead) {
  std::ofstream(file_) << "before\n";
  std::filesystem::remove(file_);
  say(*open(), "one\n");
  say(*open(), "two\n");
  EXPECT_EQ(content(file_), "one\ntwo\n");
  struct stat is{};
  ASSERT_EQ(::stat(file_.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0007, 0U);
}

TEST_F(AccessLogTest, WhatWasPublishedIsWrittenBeforeTheEnd) {
  std::string all;
  {
    const auto log = open();
    for (int i = 0; i < 10'000; ++i) {
      const std::string line = text::cat("line ", i, "\n");
      all += line;
      log->ring(0).write(line);
    }
    log->ring(0).publish();
  }
  EXPECT_TRUE(content(file_) == all);
}

TEST_F(AccessLogTest, LinesOfSeveralWorkersStayWhole) {
  constexpr std::size_t workers = 3;
  constexpr std::size_t lines = 5'000;
  {
    const auto log = open(workers);
    std::vector<std::thread> threads;
    for (std::size_t worker = 0; worker < workers; ++worker) {
      threads.emplace_back([&log, worker] {
        for (std::size_t i = 0; i < lines; ++i) {
          say(*log, text::cat("<", worker, " ", std::string(i % 60, 'x'), ">\n"), worker);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t worker = 0; worker < workers; ++worker) EXPECT_EQ(log->ring(worker).lost(), 0U);
  }
  std::ifstream in(file_);
  std::size_t count = 0;
  for (std::string line; std::getline(in, line); ++count) {
    ASSERT_TRUE(line.starts_with('<') && line.ends_with('>') && std::ranges::count(line, '<') == 1) << line;
  }
  EXPECT_EQ(count, workers * lines);
}

TEST_F(AccessLogTest, AFileThatWasMovedAwayIsBegunAnew) {
  const auto log = open();
  say(*log, "old\n");
  ASSERT_TRUE(comes_true([&] { return content(file_) == "old\n"; }));
  const auto moved = folder_ / "access.log.1";
  std::filesystem::rename(file_, moved);
  log->reopen();
  ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(file_); }));
  say(*log, "new\n");
  EXPECT_TRUE(comes_true([&] { return content(file_) == "new\n"; }));
  EXPECT_EQ(content(moved), "old\n");
}

TEST_F(AccessLogTest, WhereNoFileCanBeBegunTheOldOneGoesOn) {
  const auto log = open();
  const auto away = std::filesystem::path(folder_.string() + "-away");
  std::filesystem::rename(folder_, away);
  log->reopen();
  say(*log, "still\n");
  EXPECT_TRUE(comes_true([&] { return content(away / "access.log") == "still\n"; }));
  std::filesystem::rename(away, folder_);
}

TEST_F(AccessLogTest, AFileThatCannotBeOpenedIsNamed) {
  const auto log = AccessLog::open((folder_ / "no" / "such").string(), 1);
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().detail.find("no/such"), std::string::npos);
}

// A file that may not grow takes what fits, as a full disk does.
class FullFile {
 public:
  explicit FullFile(rlim_t bytes) : before_(limit()), handler_(::signal(SIGXFSZ, SIG_IGN)) { set(bytes); }
  FullFile(const FullFile&) = delete;
  FullFile& operator=(const FullFile&) = delete;
  ~FullFile() {
    set(before_.rlim_cur);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  static rlimit limit() {
    rlimit now{};
    ::getrlimit(RLIMIT_FSIZE, &now);
    return now;
  }
  void set(rlim_t bytes) const {
    const rlimit to{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &to);
  }

  rlimit before_;
  void (*handler_)(int);
};

TEST_F(AccessLogTest, WhatAFullDiskTakesOfALineIsTakenOffAgain) {
  const auto log = open();
  {
    const FullFile full(14);
    say(*log, "a first\na second\na third\n");
    ASSERT_TRUE(comes_true([&] { return log->ring(0).lost() == 2; }));
    EXPECT_EQ(content(file_), "a first\n");
    say(*log, "one more\n");
    ASSERT_TRUE(comes_true([&] { return log->ring(0).lost() == 3; }));
    EXPECT_EQ(content(file_), "a first\n");
  }
  say(*log, "afterwards\n");
  EXPECT_TRUE(comes_true([&] { return content(file_) == "a first\nafterwards\n"; })) << content(file_);
  EXPECT_EQ(log->ring(0).lost(), 3U);
}

TEST_F(AccessLogTest, ALineThatStaysTornEndsBeforeTheNext) {
  const auto log = open();
  {
    const FullFile full(14);
    say(*log, "a first\nhalf");  // no whole line: it is the end of the file that others write behind
    ASSERT_TRUE(comes_true([&] { return content(file_) == "a first\nhalf"; }));
    const net::Fd other(::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    ASSERT_EQ(::write(other.get(), "##", 2), 2);
    say(*log, " and half\n");
    ASSERT_TRUE(comes_true([&] { return log->ring(0).lost() == 1; }));
  }
  say(*log, "whole\n");
  EXPECT_TRUE(comes_true([&] { return content(file_) == "a first\nhalf##\nwhole\n"; })) << content(file_);
}

TEST_F(AccessLogTest, ALineThatGoesRoundTheEndOfTheRingIsLostWhole) {
  const auto log = open();
  std::string first(LogRing::size - 20, 'x');
  first.back() = '\n';
  say(*log, first);
  ASSERT_TRUE(comes_true([&] { return content(file_).size() == first.size(); }));
  {
    const FullFile full(first.size());
    say(*log, "this one goes around the end of the ring\n");
    ASSERT_TRUE(comes_true([&] { return log->ring(0).lost() == 1; }));
  }
  say(*log, "whole\n");
  EXPECT_TRUE(comes_true([&] { return content(file_) == first + "whole\n"; }));
  EXPECT_EQ(log->ring(0).lost(), 1U);
}

TEST_F(AccessLogTest, WhatNobodyTakesIsCounted) {
  const auto opened = AccessLog::open("/dev/full", 2);
  ASSERT_TRUE(opened) << opened.error().detail;
  AccessLog& log = **opened;
  say(log, "one\ntwo\n", 0);
  say(log, "three\n", 1);
  EXPECT_TRUE(comes_true([&] { return log.ring(0).lost() == 2 && log.ring(1).lost() == 1; }));
}

// A pipe whose reader has stopped to read: the end does not wait for it.
TEST_F(AccessLogTest, AReaderThatStoppedDoesNotHoldUpTheEnd) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  const net::Fd reader(::open(file_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  ASSERT_TRUE(reader);
  const auto log = open();
  for (int i = 0; i < 10; ++i) say(*log, std::string(64 * 1024, 'x') + "\n");
}

}  // namespace
}  // namespace sallyport::proxy
