// SPDX-License-Identifier: Apache-2.0

#include "sources/pending.hpp"

#include <gtest/gtest.h>

namespace sallyport::sources {
namespace {

using Names = std::set<std::string>;
using std::chrono::milliseconds;

const net::Time start = net::Time() + std::chrono::hours(1);

FolderWatch::Events written(const std::string& path) { return {.edits = {.written = {path}, .gone = {}}}; }
FolderWatch::Events gone(const std::string& path) { return {.edits = {.written = {}, .gone = {path}}}; }
FolderWatch::Events scan() { return {.wants_scan = true, .edits = {}}; }

TEST(Pending, AWholeFileIsDueAfterAMoment) {
  Pending pending;
  EXPECT_TRUE(pending.empty());
  pending.add({}, start - milliseconds(9));
  pending.add(written("a"), start);
  pending.add(written("b"), start + milliseconds(1));
  EXPECT_EQ(pending.due(), start + Pending::gathering) << "others that follow do not put it off";
  EXPECT_TRUE(pending.was_written("b"));
  EXPECT_EQ(pending.take().edits.written, (Names{"a", "b"}));
  EXPECT_TRUE(pending.empty());
  pending.add(written("a"), start + milliseconds(9));
  EXPECT_EQ(pending.due(), start + milliseconds(9) + Pending::gathering);
}

TEST(Pending, HalfOfAPairWaitsForTheOtherAndAllThatIsPendingWithIt) {
  for (const auto& half : {gone("a"), scan()}) {
    Pending pending;
    pending.add(written("b"), start);
    pending.add(half, start + milliseconds(1));
    pending.add(written("c"), start + milliseconds(2));
    EXPECT_EQ(pending.due(), start + milliseconds(1) + Pending::settle);
    pending.add(half, start + milliseconds(9));
    EXPECT_EQ(pending.due(), start + milliseconds(1) + Pending::settle) << "from the first half on";
    EXPECT_EQ(pending.take().edits.written, (Names{"b", "c"}));
    pending.add(written("b"), start + milliseconds(99));
    EXPECT_EQ(pending.due(), start + milliseconds(99) + Pending::gathering);
  }
}

TEST(Pending, AFileThatIsGoneAndThenWrittenIsNoHalf) {
  Pending pending;
  pending.add(gone("a"), start);
  pending.add(written("a"), start + milliseconds(5));
  EXPECT_EQ(pending.due(), start + Pending::gathering);
  const auto events = pending.take();
  EXPECT_EQ(events.edits.written, Names{"a"});
  EXPECT_EQ(events.edits.gone, Names{});
}

TEST(Pending, AFileThatIsWrittenAndThenGoneIsOne) {
  Pending pending;
  pending.add(written("a"), start);
  pending.add(gone("a"), start + milliseconds(5));
  EXPECT_EQ(pending.due(), start + milliseconds(5) + Pending::settle);
  EXPECT_EQ(pending.take().edits.gone, Names{"a"});
  pending.add({.edits = {.written = {"a"}, .gone = {"a"}}}, start);  // as one reading of events says it
  EXPECT_EQ(pending.due(), start + Pending::settle);
}

TEST(Pending, AStormOfHalvesThatAreCompletedPutsNothingOffForever) {
  Pending pending;
  for (int at = 0; at < 1000; at += 40) {
    pending.add(gone("a"), start + milliseconds(at));
    EXPECT_LE(pending.due(), start + Pending::longest);
    pending.add(written("a"), start + milliseconds(at + 39));
    EXPECT_LE(pending.due(), start + Pending::longest);
  }
}

}  // namespace
}  // namespace sallyport::sources
