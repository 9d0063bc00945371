// SPDX-License-Identifier: Apache-2.0

#include "kube/timestamp.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace sallyport::kube {
namespace {

std::optional<std::int64_t> seconds(std::string_view text) {
  const auto time = parse_timestamp(text);
  return time ? std::optional(time->seconds) : std::nullopt;
}

TEST(Timestamp, CountsSecondsSince1970) {
  EXPECT_EQ(seconds("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(seconds("2001-09-09T01:46:40Z"), 1'000'000'000);
  EXPECT_EQ(seconds("2024-02-29T12:00:00Z"), 1'709'208'000);
  EXPECT_EQ(seconds("1969-12-31T23:59:59Z"), -1);
}

TEST(Timestamp, TakesFractionsAndOffsets) {
  EXPECT_EQ(seconds("2001-09-09T01:46:40.999999Z"), 1'000'000'000);
  EXPECT_EQ(seconds("2001-09-09T03:46:40+02:00"), 1'000'000'000);
  EXPECT_EQ(seconds("2001-09-08T20:16:40-05:30"), 1'000'000'000);
}

TEST(Timestamp, IsWrittenAsItIsRead) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2001-09-09T01:46:40Z", "2024-02-29T12:00:00Z",
                           "1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"}) {
    EXPECT_EQ(format_timestamp(*parse_timestamp(text)), text);
  }
}

TEST(Timestamp, MicroTimeHasSixDigitsOfAFraction) {
  using std::chrono::microseconds;
  using Wall = std::chrono::system_clock::time_point;
  const auto text = [](std::int64_t micros) { return format_micro_time(Wall(microseconds(micros))); };
  EXPECT_EQ(text(0), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(text(1'000'000'000'000'007), "2001-09-09T01:46:40.000007Z");
  EXPECT_EQ(text(1'000'000'000'999'999), "2001-09-09T01:46:40.999999Z");
  EXPECT_EQ(text(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Timestamp, OneThatCannotBeWrittenIsTheNextThatCan) {
  EXPECT_EQ(format_timestamp(*parse_timestamp("9999-12-31T23:59:59-01:00")), "9999-12-31T23:59:59Z");
  EXPECT_EQ(format_timestamp(*parse_timestamp("0000-01-01T00:00:00+01:00")), "0000-01-01T00:00:00Z");
}

TEST(Timestamp, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2001", "2001-09-09", "2001-09-09 01:46:40Z", "2001-09-09T01:46:40", "2001-13-09T01:46:40Z",
        "2001-02-29T00:00:00Z", "2001-09-09T24:00:00Z", "2001-09-09T01:60:00Z", "2001-09-09T01:46:40.Z",
        "2001-09-09T01:46:40Zx", "2001-09-09T01:46:40+0200", "+001-09-09T01:46:40Z"}) {
    EXPECT_EQ(seconds(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sallyport::kube
