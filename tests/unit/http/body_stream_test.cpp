// SPDX-License-Identifier: Apache-2.0
#include "http/body_stream.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "support/loop_test.hpp"
#include "support/scripted_body.hpp"

namespace sallyport::http {
namespace {

using Read = net::IoResult<std::string_view>;
using Written = net::IoResult<void>;

// The session is played by the test: it pulls what goes out.
class BodyStreamTest : public support::LoopTest {
 protected:
  static net::Task<void> read_once(BodyStreamTest& test, net::Time deadline) {
    test.read_ = co_await test.stream_.read(deadline);
  }
  static net::Task<void> write_once(BodyStreamTest& test, std::string_view bytes, net::Duration stall) {
    test.written_ = co_await test.stream_.write(bytes, stall);
  }
  static net::Task<void> pull_all(BodyStreamTest& test) {
    for (;;) {
      const Result<std::string_view> piece = co_await test.stream_.outgoing().read();
      if (!piece || piece->empty()) break;
      test.sent_ += *piece;
      co_await test.hold_.opened();
    }
    test.sent_all_ = true;
  }

  void read(net::Time deadline = net::Time::max()) {
    read_.reset();
    reader_ = read_once(*this, deadline);
    reader_.start();
  }
  void write(std::string_view bytes, net::Duration stall = net::Duration(30'000)) {
    written_.reset();
    writer_ = write_once(*this, bytes, stall);
    writer_.start();
  }
  void pull() {
    puller_ = pull_all(*this);
    puller_.start();
  }

  support::Gate gate_;  // before what comes late
  support::ScriptedBody incoming_;
  BodyStream stream_{loop_, incoming_};
  support::Gate hold_;  // after each piece that was pulled
  std::optional<Read> read_;
  std::optional<Written> written_;
  std::string sent_;
  bool sent_all_ = false;
  net::Task<void> reader_;
  net::Task<void> writer_;
  net::Task<void> puller_;
};

TEST_F(BodyStreamTest, GivesWhatThePeerSendsAndThenItsEnd) {
  incoming_.add("one");
  incoming_.add("two");
  for (const std::string_view piece : {"one", "two", "", ""}) {
    read();
    ASSERT_TRUE(read_.has_value());
    EXPECT_EQ(*read_, piece);
  }
}

TEST_F(BodyStreamTest, WaitsForWhatComesLater) {
  incoming_.add("late", &gate_);
  read();
  turn();
  EXPECT_FALSE(read_.has_value());
  gate_.open();
  ASSERT_TRUE(run_until([&] { return read_.has_value(); }));
  EXPECT_EQ(*read_, std::string_view("late"));
}

// Nothing is lost by it: the same piece comes to who asks again.
TEST_F(BodyStreamTest, ADeadlineEndsTheWaitAndNotTheStream) {
  incoming_.add("late", &gate_);
  read(loop_.now() + net::Duration(10));
  ASSERT_TRUE(run_until([&] { return read_.has_value(); }));
  EXPECT_EQ(*read_, Read(std::unexpected(net::IoError::timeout)));
  read();
  gate_.open();
  ASSERT_TRUE(run_until([&] { return read_.has_value(); }));
  EXPECT_EQ(*read_, std::string_view("late"));
  EXPECT_EQ(incoming_.reads(), 1);
}

TEST_F(BodyStreamTest, AnInterruptionEndsTheWait) {
  incoming_.add("late", &gate_);
  read();
  stream_.interrupt();
  ASSERT_TRUE(run_until([&] { return read_.has_value(); }));
  EXPECT_EQ(*read_, Read(std::unexpected(net::IoError::interrupted)));
}

TEST_F(BodyStreamTest, AFailureIsAResetAndStays) {
  incoming_.fail_at_end({.code = Code::client_gone});
  for (int i = 0; i < 2; ++i) {
    read();
    ASSERT_TRUE(read_.has_value());
    EXPECT_EQ(*read_, Read(std::unexpected(net::IoError::reset)));
  }
}

TEST_F(BodyStreamTest, AWriteEndsWhenTheSessionComesForMore) {
  write("hello");
  turn();
  EXPECT_FALSE(written_.has_value());
  pull();
  turn();
  EXPECT_EQ(sent_, "hello");
  EXPECT_FALSE(written_.has_value());  // the session still has the bytes
  hold_.pass();
  ASSERT_TRUE(run_until([&] { return written_.has_value(); }));
  EXPECT_TRUE(*written_);
}

TEST_F(BodyStreamTest, ASessionThatWaitsIsGivenWhatComes) {
  pull();
  turn();
  EXPECT_FALSE(stream_.outgoing().ready());
  write("hello");
  ASSERT_TRUE(run_until([&] { return sent_ == "hello"; }));
  hold_.pass();
  ASSERT_TRUE(run_until([&] { return written_.has_value(); }));
  stream_.shutdown_write();
  EXPECT_TRUE(stream_.outgoing().ready());
  ASSERT_TRUE(run_until([&] { return sent_all_; }));
}

TEST_F(BodyStreamTest, TheEndComesBehindEveryByte) {
  write("bye");
  pull();
  hold_.open();
  ASSERT_TRUE(run_until([&] { return written_.has_value(); }));
  stream_.shutdown_write();
  ASSERT_TRUE(run_until([&] { return sent_all_; }));
  EXPECT_EQ(sent_, "bye");
  write("more");
  ASSERT_TRUE(written_.has_value());
  EXPECT_EQ(*written_, Written(std::unexpected(net::IoError::reset)));
}

TEST_F(BodyStreamTest, ASessionThatTakesNothingIsAStall) {
  write("hello", net::Duration(10));
  ASSERT_TRUE(run_until([&] { return written_.has_value(); }));
  EXPECT_EQ(*written_, Written(std::unexpected(net::IoError::timeout)));
}

TEST_F(BodyStreamTest, AStreamThatIsBrokenOffEndsAWrite) {
  write("hello");
  stream_.break_off();
  ASSERT_TRUE(run_until([&] { return written_.has_value(); }));
  EXPECT_EQ(*written_, Written(std::unexpected(net::IoError::reset)));
}

TEST_F(BodyStreamTest, WhoIsDestroyedIsNotResumed) {
  incoming_.add("late", &gate_);
  read();
  write("hello");
  reader_.reset();
  writer_.reset();
  gate_.open();
  pull();
  turn();
  EXPECT_FALSE(read_.has_value());
  EXPECT_FALSE(written_.has_value());
  EXPECT_EQ(sent_, "");  // its bytes may be gone
}

}  // namespace
}  // namespace sallyport::http
