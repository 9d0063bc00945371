// SPDX-License-Identifier: Apache-2.0
#include "net/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>

#include "net/fd.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

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
  const ProgramEnd end = run(script("cat /dev/zero > /dev/null & echo $!; wait"), Duration(1));
  EXPECT_FALSE(end.in_time);
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
  start(script("echo up; cat /dev/zero > /dev/null"));
  turn();
  running_.reset();
  EXPECT_FALSE(end_.has_value());
}

}  // namespace
}  // namespace sallyport::net
