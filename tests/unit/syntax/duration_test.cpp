// SPDX-License-Identifier: Apache-2.0

#include "syntax/duration.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace sallyport::syntax {
namespace {

using namespace std::literals;
using std::chrono::milliseconds;

TEST(Duration, IsGroupsOfDigitsAndUnit) {
  EXPECT_EQ(parse_duration("0s"), 0ms);
  EXPECT_EQ(parse_duration("0h"), 0ms);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("100ms"), 100ms);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("1h2m3s4ms"), 1h + 2min + 3s + 4ms);
  EXPECT_EQ(parse_duration("10s30m1h"), 1h + 30min + 10s);
  EXPECT_EQ(parse_duration("1m1m"), 2min);
  EXPECT_EQ(parse_duration("100ms200ms"), 300ms);
  EXPECT_EQ(parse_duration("00005s"), 5s);
  EXPECT_EQ(parse_duration("99999h99999h99999h99999h"), 4 * 99999h);
}

TEST(Duration, RefusesWhatTheGrammarLacks) {
  for (const auto text :
       {""sv,    "1"sv,    "s"sv,   "ms"sv,  "1d"sv,   "1us"sv,     "1S"sv,      "1M"sv,          "1.5s"sv,
        "-1s"sv, "+1s"sv,  " 1s"sv, "1s "sv, "1 s"sv,  "1h1"sv,     "100000s"sv, "1h1m1s1ms1h"sv, "1sm"sv,
        "1hm"sv, "1mss"sv, "s1"sv,  "0"sv,   "1s\0"sv, "infinity"sv}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().code, Code::invalid);
    EXPECT_NE(duration.error().detail.find("not a duration"), std::string::npos);
  }
}

TEST(Duration, IsWrittenInFallingUnits) {
  EXPECT_EQ(duration_text(0ms), "0s");
  EXPECT_EQ(duration_text(1ms), "1ms");
  EXPECT_EQ(duration_text(1500ms), "1s500ms");
  EXPECT_EQ(duration_text(60s), "1m");
  EXPECT_EQ(duration_text(90min), "1h30m");
  EXPECT_EQ(duration_text(1h + 2min + 3s + 4ms), "1h2m3s4ms");
  EXPECT_EQ(duration_text(1h + 4ms), "1h4ms");
  EXPECT_EQ(duration_text(48h), "48h");
  EXPECT_EQ(duration_text(-1500ms), "-1s500ms");
  EXPECT_EQ(duration_text(milliseconds::min()).front(), '-');
}

TEST(Duration, TextParsesBack) {
  std::mt19937_64 random(20251124);
  constexpr milliseconds most = 99999h + 59min + 59s + 999ms;
  EXPECT_EQ(parse_duration(duration_text(most)), most);
  for (int round = 0; round < 10'000; ++round) {
    const milliseconds duration(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most.count())));
    ASSERT_EQ(parse_duration(duration_text(duration)), duration) << duration_text(duration);
  }
}

}  // namespace
}  // namespace sallyport::syntax
