// SPDX-License-Identifier: Apache-2.0
#include "http/h1/inbox.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace sallyport::http::h1 {
namespace {

constexpr std::size_t tiny = net::BufferPool::tiny;
constexpr std::size_t small = net::BufferPool::small;
constexpr std::size_t large = net::BufferPool::large;

class InboxTest : public testing::Test {
 protected:
  void receive(std::span<char> room, std::string_view text) {
    ASSERT_GE(room.size(), text.size());
    std::memcpy(room.data(), text.data(), text.size());
    inbox_.received(text.size());
  }

  net::BufferPool pool_;
  net::Ledger ledger_{512 * 1024};
  Inbox inbox_{pool_, ledger_};
};

TEST_F(InboxTest, HoldsNothingUntilSomethingIsReceived) {
  EXPECT_EQ(inbox_.unread(), "");
  inbox_.settle();
  EXPECT_EQ(ledger_.held(), 0U);
}

TEST_F(InboxTest, HoldsNothingWhenAllWasUsed) {
  receive(inbox_.room_for_head(), "head");
  EXPECT_EQ(ledger_.held(), small);
  inbox_.use(4);
  receive(inbox_.room_for_body(), "body");
  inbox_.use(4);
  EXPECT_EQ(ledger_.held(), small + large);
  inbox_.settle();
  EXPECT_EQ(ledger_.held(), 0U);
}

TEST_F(InboxTest, AHeadComesInPieces) {
  receive(inbox_.room_for_head(), "he");
  receive(inbox_.room_for_head(), "ad");
  EXPECT_EQ(inbox_.unread(), "head");
}

TEST_F(InboxTest, AHeadStaysWhereItIsWhileABodyStreams) {
  receive(inbox_.room_for_head(), "head");
  const std::string_view head = inbox_.unread();
  inbox_.use(4);
  for (int i = 0; i < 3; ++i) {
    const auto room = inbox_.room_for_body();
    EXPECT_EQ(room.size(), large);
    receive(room, std::string(large, 'x'));
    inbox_.use(large);
  }
  EXPECT_EQ(head, "head");
  EXPECT_EQ(ledger_.held(), small + large) << "one buffer for all of the body";
}

TEST_F(InboxTest, AHeadThatIsLargerThanASmallBufferGrowsIntoALargeOne) {
  const std::string first(small, 'a');
  receive(inbox_.room_for_head(), first);
  const auto room = inbox_.room_for_head();
  EXPECT_EQ(room.size(), large - small);
  receive(room, "b");
  EXPECT_EQ(inbox_.unread(), first + "b");
  EXPECT_EQ(ledger_.held(), large);
}

TEST_F(InboxTest, AHeadMayBeginInATinyBuffer) {
  inbox_.begin_with(tiny);
  receive(inbox_.room_for_head(), std::string(tiny, 'a'));
  EXPECT_EQ(ledger_.held(), tiny);
  EXPECT_EQ(inbox_.room_for_head().size(), small - tiny);
  EXPECT_EQ(inbox_.unread(), std::string(tiny, 'a'));
  EXPECT_EQ(ledger_.held(), small);
}

TEST_F(InboxTest, ABodyOfWhichLittleIsWantedHasALittleBuffer) {
  receive(inbox_.room_for_body(10), "0123456789");
  inbox_.use(10);
  EXPECT_EQ(ledger_.held(), tiny);
  EXPECT_EQ(inbox_.room_for_body(16 * 1024).size(), small);
  EXPECT_EQ(ledger_.held(), small);
  EXPECT_EQ(inbox_.room_for_body().size(), large);
  EXPECT_EQ(inbox_.room_for_body(1).size(), tiny);
  EXPECT_EQ(ledger_.held(), tiny);
}

TEST_F(InboxTest, AHeadThatIsLargerThanAnyBufferGetsNoMoreRoom) {
  receive(inbox_.room_for_head(), std::string(small, 'a'));
  receive(inbox_.room_for_head(), std::string(large - small, 'b'));
  EXPECT_TRUE(inbox_.room_for_head().empty());
  EXPECT_EQ(inbox_.unread().size(), large);
}

TEST_F(InboxTest, ASecondHeadInTheSameBufferHasRoomAsWell) {
  receive(inbox_.room_for_head(), std::string(small - 1, 'a') + "b");
  inbox_.use(small - 1);
  receive(inbox_.room_for_head(), "c");
  EXPECT_EQ(inbox_.unread(), "bc");
}

TEST_F(InboxTest, WhatIsUnreadIsTheStartOfTheNextHead) {
  receive(inbox_.room_for_head(), "one two");
  inbox_.use(4);
  inbox_.settle();
  EXPECT_EQ(inbox_.unread(), "two");
  receive(inbox_.room_for_head(), " three");
  EXPECT_EQ(inbox_.unread(), "two three");
  EXPECT_EQ(ledger_.held(), small);
}

TEST_F(InboxTest, TheNextHeadBehindABodyMovesToTheHeadsBuffer) {
  receive(inbox_.room_for_head(), "head");
  inbox_.use(4);
  receive(inbox_.room_for_body(), "rest next");
  inbox_.use(5);
  inbox_.settle();
  EXPECT_EQ(inbox_.unread(), "next");
  EXPECT_EQ(ledger_.held(), small);
}

TEST_F(InboxTest, ANextHeadThatNeedsTheBodysBufferKeepsIt) {
  receive(inbox_.room_for_head(), "head");
  inbox_.use(4);
  const std::string next(small + 100, 'n');
  receive(inbox_.room_for_body(), "rest" + next);
  inbox_.use(4);
  inbox_.settle();
  EXPECT_EQ(inbox_.unread(), next);
  EXPECT_EQ(ledger_.held(), large);
  receive(inbox_.room_for_head(), "!");
  EXPECT_EQ(inbox_.unread(), next + "!");
}

TEST_F(InboxTest, GivesNoRoomWhenTheLedgerRefuses) {
  ASSERT_TRUE(ledger_.charge(512 * 1024 - small));
  EXPECT_TRUE(inbox_.room_for_body().empty());
  EXPECT_FALSE(inbox_.room_for_head().empty());
  inbox_.received(small);
  EXPECT_TRUE(inbox_.room_for_head().empty()) << "it cannot grow";
  EXPECT_EQ(inbox_.unread().size(), small) << "and loses nothing";
  ledger_.release(512 * 1024 - small);
}

}  // namespace
}  // namespace sallyport::http::h1
