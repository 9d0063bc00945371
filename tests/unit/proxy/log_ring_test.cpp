// SPDX-License-Identifier: Apache-2.0
#include "proxy/log_ring.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace sallyport::proxy {
namespace {

std::string take_all(LogRing& ring) {
  std::string all;
  for (auto piece = ring.peek(); !piece.empty(); piece = ring.peek()) {
    all += piece;
    ring.take(piece.size());
  }
  return all;
}

TEST(LogRing, GivesWhatWasPublishedAndNoMore) {
  LogRing ring;
  EXPECT_FALSE(ring.publish());
  ring.write("one\n");
  EXPECT_EQ(take_all(ring), "");
  EXPECT_TRUE(ring.publish());
  ring.write("two\n");
  EXPECT_EQ(take_all(ring), "one\n");
  EXPECT_TRUE(ring.publish());
  EXPECT_EQ(take_all(ring), "two\n");
  EXPECT_FALSE(ring.publish());
}

TEST(LogRing, ALineThatDoesNotFitIsDroppedWholeAndCounted) {
  LogRing ring;
  const std::string half(LogRing::size / 2, 'h');
  ring.write(half);
  ring.write(half);
  ring.write("x");
  EXPECT_EQ(ring.lost(), 1U);
  ring.publish();
  EXPECT_EQ(take_all(ring), half + half);
  ring.write("y");
  ring.publish();
  EXPECT_EQ(take_all(ring), "y");
  EXPECT_EQ(ring.lost(), 1U);
}

TEST(LogRing, AShorterLineMayFitWhereALongerDidNot) {
  LogRing ring;
  ring.write(std::string(LogRing::size - 2, 'h'));
  ring.write("long\n");
  ring.write("s\n");
  ring.publish();
  EXPECT_TRUE(take_all(ring).ends_with("hs\n"));
  EXPECT_EQ(ring.lost(), 1U);
}

TEST(LogRing, LinesGoRoundTheEnd) {
  LogRing ring;
  ring.write(std::string(LogRing::size - 3, 'a'));
  ring.publish();
  take_all(ring);
  ring.write("around the end\n");
  ring.publish();
  EXPECT_EQ(ring.peek(), "aro");
  EXPECT_EQ(take_all(ring), "around the end\n");
}

// One thread writes, one reads: what arrives is the lines that were not lost, in order and whole.
TEST(LogRing, TwoThreadsShareIt) {
  constexpr int lines = 200'000;
  LogRing ring;
  std::string expected;
  std::atomic<bool> over = false;
  std::thread writer([&] {
    for (int i = 0; i < lines; ++i) {
      const std::string line = "line " + std::to_string(i) + "\n";
      const auto lost = ring.lost();
      ring.write(line);
      if (ring.lost() == lost) expected += line;
      if (i % 7 == 0) ring.publish();
    }
    ring.publish();
    over = true;
  });
  std::string got;
  while (!over) got += take_all(ring);
  got += take_all(ring);
  writer.join();
  EXPECT_TRUE(got == expected) << got.size() << " of " << expected.size();
}

}  // namespace
}  // namespace sallyport::proxy
