// SPDX-License-Identifier: Apache-2.0
#include "commands/limits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "commands/limits_in_force.hpp"

namespace sallyport::commands {
namespace {

TEST(Limits, EachHasANameOfItsOwnAndIsExplained) {
  std::set<std::string_view> names;
  for (const Limit& one : limits()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_FALSE(one.unit.empty()) << one.name;
    EXPECT_FALSE(one.effect.empty()) << one.name;
    EXPECT_TRUE(one.reason.ends_with('.')) << one.name;
  }
  EXPECT_FALSE(names.empty());
}

TEST(Limits, EachHasADefaultThatItCanBeSetTo) {
  const RunOptions defaults;
  for (const Limit& one : limits()) {
    EXPECT_GE(one.get(defaults), one.least) << one.name;
    EXPECT_GT(one.least, 0U) << one.name;
    EXPECT_LE(one.get(defaults), one.most) << one.name;
  }
}

// Each is kept in a place of its own.
TEST(Limits, SettingOneSetsItAndNoOther) {
  const RunOptions defaults;
  for (const Limit& one : limits()) {
    RunOptions settings;
    const std::uint64_t value = one.least + 4321;
    ASSERT_TRUE(set_limit(settings, text::cat(one.name, "=", value))) << one.name;
    for (const Limit& other : limits()) {
      EXPECT_EQ(other.get(settings), one.name == other.name ? value : other.get(defaults)) << one.name << other.name;
    }
  }
}

TEST(Limits, TheGreatestValueIsTakenAndNoGreaterOne) {
  for (const Limit& one : limits()) {
    RunOptions settings;
    EXPECT_TRUE(set_limit(settings, text::cat(one.name, "=", one.most))) << one.name;
    EXPECT_EQ(one.get(settings), one.most) << one.name;
    const auto more = set_limit(settings, text::cat(one.name, "=", one.most + 1));
    ASSERT_FALSE(more) << one.name;
    EXPECT_NE(more.error().detail.find(text::cat("to ", one.most)), std::string::npos) << more.error().detail;
  }
}

TEST(Limits, TheLeastValueIsTakenAndNoSmallerOne) {
  for (const Limit& one : limits()) {
    RunOptions settings;
    EXPECT_TRUE(set_limit(settings, text::cat(one.name, "=", one.least))) << one.name;
    const auto less = set_limit(settings, text::cat(one.name, "=", one.least - 1));
    ASSERT_FALSE(less) << one.name;
    EXPECT_NE(less.error().detail.find(text::cat("from ", one.least)), std::string::npos) << less.error().detail;
  }
}

TEST(Limits, AHeadIsNoLargerThanTheBuffersForIt) {
  RunOptions settings;
  EXPECT_FALSE(set_limit(settings, "head-bytes=49153"));
  EXPECT_FALSE(set_limit(settings, "trailer-bytes=8193"));
}

TEST(Limits, AValueThatIsNoneIsNamedAndChangesNothing) {
  const std::uint64_t before = RunOptions().proxy.server.limits.head;
  for (const std::string_view value : {"head-bytes", "head-bytes=", "head-bytes=0", "head-bytes=-1", "head-bytes=+1",
                                       "head-bytes=1k", "head-bytes= 1", "head-bytes=99999999999"}) {
    RunOptions settings;
    const auto set = set_limit(settings, value);
    ASSERT_FALSE(set) << value;
    EXPECT_NE(set.error().detail.find(value), std::string::npos) << set.error().detail;
    EXPECT_NE(set.error().detail.find("bytes"), std::string::npos) << set.error().detail;
    EXPECT_EQ(settings.proxy.server.limits.head, before);
  }
}

std::array<std::size_t, 3> connections_after(const std::vector<std::string>& assignments) {
  RunOptions settings;
  EXPECT_TRUE(set_limits(settings, assignments));
  return {settings.proxy.connections, settings.proxy.source_connections, settings.proxy.upstream_connections};
}

TEST(Limits, OtherConnectionsFollowThoseOfClientsUnlessTheyAreGiven) {
  using Counts = std::array<std::size_t, 3>;
  EXPECT_EQ(connections_after({"connections=80"}), (Counts{80, 70, 80}));
  EXPECT_EQ(connections_after({"connections=1"}), (Counts{1, 1, 1}));
  EXPECT_EQ(connections_after({"connections=80", "source-connections=5"}), (Counts{80, 5, 80}));
  EXPECT_EQ(connections_after({"upstream-connections=90", "connections=80"}), (Counts{80, 70, 90}));
  EXPECT_EQ(connections_after({"source-connections=5"}), (Counts{1000, 5, 1000}));
  EXPECT_EQ(connections_after({"head-fields=7"}), (Counts{1000, 875, 1000}));
}

TEST(Limits, HandshakesOfOneSourceFollowTheOthersUnlessTheyAreGiven) {
  const auto source_handshakes_after = [](const std::vector<std::string>& assignments) {
    RunOptions settings;
    EXPECT_TRUE(set_limits(settings, assignments));
    return settings.proxy.source_handshakes;
  };
  EXPECT_EQ(source_handshakes_after({}), RunOptions().proxy.handshakes / 2);
  EXPECT_EQ(source_handshakes_after({"handshakes=7"}), 4U);
  EXPECT_EQ(source_handshakes_after({"source-handshakes=3", "handshakes=7"}), 3U);
}

TEST(Limits, OneOfSeveralThatIsNoneIsNamed) {
  for (const std::string wrong : {"connections=0", "heads=1"}) {
    RunOptions settings;
    const std::vector<std::string> assignments{"head-fields=7", wrong};
    const auto set = set_limits(settings, assignments);
    ASSERT_FALSE(set) << wrong;
    EXPECT_NE(set.error().detail.find(wrong), std::string::npos) << set.error().detail;
  }
}

TEST(Limits, ANameThatIsNoneIsAnsweredWithThoseThereAre) {
  RunOptions settings;
  for (const std::string_view wrong : {"heads=1", "=1", "", "HEAD-BYTES=1"}) {
    const auto set = set_limit(settings, wrong);
    ASSERT_FALSE(set) << wrong;
    for (const Limit& one : limits()) EXPECT_NE(set.error().detail.find(one.name), std::string::npos) << one.name;
  }
}

TEST(Limits, TheTextHasALineForEach) {
  const std::string all = limits_text();
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(all, '\n')), limits().size());
  EXPECT_NE(all.find("head-fields=100  fields; more get 431\n"), std::string::npos) << all;
}

TEST(Limits, TheTextHasBoundsAndWhereDefaultsComeFrom) {
  const std::string all = limits_text();
  EXPECT_NE(all.find("431. At most 49152\n"), std::string::npos) << all;
  EXPECT_NE(all.find("At least 500\n"), std::string::npos) << all;
  for (const Limit& one : limits()) {
    if (one.derived.empty()) continue;
    EXPECT_NE(all.find(text::cat(one.name, "  ", one.unit, ", by default ", one.derived, "; ")), std::string::npos)
        << one.name;
  }
}

TEST(Limits, InForceIsWhatWasSetOrFollowsFromIt) {
  RunOptions options;
  const std::vector<std::string> assignments{"head-bytes=16384", "connections=80"};
  ASSERT_TRUE(set_limits(options, assignments));
  const std::string all = limits_in_force(options);
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(all, '\n')), limits().size());
  for (const std::string_view line : {"head-bytes=16384  bytes; by default 32768\n", "\nhead-fields=100  fields\n",
                                      "\nconnections=80  connections; by default half of the descriptors allowed",
                                      "\nsource-connections=70  connections; by default seven eighths"}) {
    EXPECT_NE(all.find(line), std::string::npos) << line << "\n" << all;
  }
  const std::string json = limits_json(options);
  for (const std::string_view part : {"\"head-bytes\"", "16384", "32768", "\"as many as `connections`\""}) {
    EXPECT_NE(json.find(part), std::string::npos) << part << "\n" << json;
  }
}

TEST(Limits, ThePageIsWhatTheTableSays) {
  std::ifstream file("docs/limits.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(page, limits_page()) << "make it anew: build/release/sallyport limits > docs/limits.md";
}

TEST(Limits, ThePageHasARowForEachWithItsDefault) {
  const std::string page = limits_page();
  for (const Limit& one : limits()) {
    const std::string value = one.derived.empty() ? std::to_string(one.get({})) : std::string(one.derived);
    EXPECT_NE(page.find(text::cat("| `", one.name, "` | ", value, " | ", one.unit, " | ")), std::string::npos)
        << one.name;
  }
}

}  // namespace
}  // namespace sallyport::commands
