// SPDX-License-Identifier: Apache-2.0
#include "net/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/text.hpp"
#include "net/fd.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

// By which a process says that it runs and, by holding it, that it still does; a number would be another's one day, or
// stay as long as nobody asks for its exit status.
class SignOfLife {
 public:
  SignOfLife() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reading_ = Fd(ends[0]);
    writing_ = Fd(ends[1]);
  }

  // What a shell does to hold it from then on. It is no descriptor that a program has from us.
  std::string hold() const { return text::cat("exec 3>/proc/", ::getpid(), "/fd/", writing_.get(), "; echo up >&3; "); }
  // Blocks until somebody does. The loop stands still meanwhile.
  bool is_there() {
    std::array<char, 3> said{};
    if ((events() & POLLIN) == 0 || ::read(reading_.get(), said.data(), said.size()) != 3) return false;
    writing_.reset();
    return true;
  }
  // Blocks until nobody does any more.
  bool is_gone() { return events() == POLLHUP; }

 private:
  // 0: nothing happened in 30 s.
  int events() {
    pollfd looked_at{.fd = reading_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&looked_at, 1, 30'000) == 1 ? looked_at.revents : 0;
  }

  Fd reading_;
  Fd writing_;
};

class ChildTest : public support::LoopTest {
 protected:
  static Program script(std::string text) {
    return {.file = "/bin/sh", .arguments = {"-c", std::move(text)}, .environment = {"PATH=/usr/bin:/bin"}};
  }

  Task<void> keep_end(Program program, Time deadline) {
    end_ = co_await run_program(loop_, std::move(program), deadline, &is_missing_);
  }
  void start(Program program, Duration time = Duration(30'000)) {
    end_.reset();
    running_ = keep_end(std::move(program), Clock::now() + time);
    running_.start();
  }
  ProgramEnd run(Program program, Duration time = Duration(30'000)) {
    start(std::move(program), time);
    EXPECT_TRUE(run_until([&] { return end_.has_value(); }));
    if (!end_ || !*end_) return {.exit_status = -1};
    return std::move(**end_);
  }

  std::optional<Result<ProgramEnd>> end_;
  bool is_missing_ = false;
  Task<void> running_;
};

TEST_F(ChildTest, GivesWhatItWritesAndHowItEnds) {
  const ProgramEnd end = run(script("echo out; echo wrong >&2; exit 3"));
  EXPECT_EQ(end.output.reveal(), "out\n");
  EXPECT_EQ(end.errors, "wrong\n");
  EXPECT_EQ(end.exit_status, 3);
  EXPECT_EQ(end.signal, 0);
  EXPECT_TRUE(end.in_time);
}

TEST_F(ChildTest, HasTheEnvironmentThatItIsGivenAndNoOther) {
  ::setenv("SALLYPORT_TEST_SECRET", "x", 1);
  Program program = script("echo \"$A $SALLYPORT_TEST_SECRET.\"; cat");
  program.environment.emplace_back("A=b c");
  const ProgramEnd end = run(std::move(program));
  ::unsetenv("SALLYPORT_TEST_SECRET");
  EXPECT_EQ(end.output.reveal(), "b c .\n") << "and its input is empty";
}

TEST_F(ChildTest, HasNoneOfOurDescriptors) {
  const Fd open_to_children(::open("/dev/null", O_RDONLY));
  ASSERT_TRUE(open_to_children);
  const ProgramEnd end = run(script("ls /proc/self/fd | wc -l"));
  EXPECT_EQ(end.output.reveal(), "4\n") << "three, and the one by which ls reads";
}

TEST_F(ChildTest, AllOfALongOutputIsRead) {
  const ProgramEnd end = run(script("head -c 900000 /dev/zero"));
  EXPECT_EQ(end.output.size(), 900'000U);
  EXPECT_EQ(end.exit_status, 0);
}

TEST_F(ChildTest, WhoWritesTooMuchIsEnded) {
  Program program = script("cat /dev/zero");
  program.most_output = 100'000;
  const ProgramEnd end = run(std::move(program));
  EXPECT_TRUE(end.is_too_long);
}

TEST_F(ChildTest, OfItsErrorsTheFirstAreKept) {
  Program program = script("echo first >&2; head -c 100000 /dev/zero >&2; echo out");
  program.most_errors = 10;
  const ProgramEnd end = run(std::move(program));
  EXPECT_EQ(end.errors.substr(0, 6), "first\n");
  EXPECT_EQ(end.errors.size(), 10U);
  EXPECT_EQ(end.output.reveal(), "out\n");
}

TEST_F(ChildTest, TheDeadlineEndsItAndWhatItStarted) {
  SignOfLife life;
  start(script(text::cat("{ ", life.hold(), "exec tail -f /dev/null; } & wait")), Duration(1));
  ASSERT_TRUE(life.is_there());
  ASSERT_TRUE(run_until([&] { return end_.has_value(); }));
  ASSERT_TRUE(*end_);
  EXPECT_FALSE((*end_)->in_time);
  EXPECT_TRUE(life.is_gone());
}

TEST_F(ChildTest, WhatItLeavesBehindIsNotWaitedFor) {
  const ProgramEnd end = run(script("tail -f /dev/null & echo $!; exit 0"));
  EXPECT_EQ(end.exit_status, 0);
  const int left = std::atoi(std::string(end.output.reveal()).c_str());
  ASSERT_GT(left, 0);
  EXPECT_EQ(::kill(left, SIGKILL), 0) << "it is still there, and holds the pipe";
}

TEST_F(ChildTest, OneThatIsKilledIsReapedByTheLoop) {
  while (::waitpid(-1, nullptr, 0) > 0) continue;  // those that other tests killed as they ended
  start(script("exec tail -f /dev/null"));
  turn();
  running_.reset();
  // There is no child of ours any more, not even one that waits for somebody to ask how it ended.
  run_until([] { return ::waitid(P_ALL, 0, nullptr, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD; });
}

TEST_F(ChildTest, ASignalThatEndsItIsTold) {
  const ProgramEnd end = run(script("kill -TERM $$"));
  EXPECT_EQ(end.signal, SIGTERM);
}

TEST_F(ChildTest, OneThatIsNotThere) {
  start({.file = "/nowhere/plugin", .arguments = {}, .environment = {}});
  ASSERT_TRUE(run_until([&] { return end_.has_value(); }));
  ASSERT_FALSE(*end_);
  EXPECT_TRUE(is_missing_);
  EXPECT_EQ(end_->error().detail, "No such file or directory");
}

TEST_F(ChildTest, DroppingTheTaskKillsIt) {
  SignOfLife life;
  start(script(text::cat(life.hold(), "exec tail -f /dev/null")));
  ASSERT_TRUE(life.is_there());
  running_.reset();
  EXPECT_FALSE(end_.has_value());
  EXPECT_TRUE(life.is_gone());
}

}  // namespace
}  // namespace sallyport::net
