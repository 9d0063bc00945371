// SPDX-License-Identifier: Apache-2.0
#include "commands/sorted_statuses.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace sallyport::commands {
namespace {

control::StatusPtr status(const std::string& name, std::uint32_t rules = 0) {
  auto made = std::make_shared<control::ObjectStatus>();
  made->origin.object = {.group = "", .kind = "Service", .namespace_ = "shop", .name = name};
  made->rules = rules;
  return made;
}

struct SortedStatusesTest : testing::Test {
  void put(control::StatusPtr one) { statuses.insert_or_assign(one->origin.object, std::move(one)); }
  std::string names() {
    std::string all;
    for (const auto& one : sorted.of(statuses, members)) all += text::cat(one->origin.object.name, one->rules, " ");
    return all;
  }

  control::Statuses statuses;
  std::uint64_t members = 0;
  SortedStatuses sorted;
};

TEST_F(SortedStatusesTest, AreInTheOrderOfTheirReferences) {
  for (const char* name : {"c", "a", "d", "b"}) put(status(name));
  EXPECT_EQ(names(), "a0 b0 c0 d0 ");
}

TEST_F(SortedStatusesTest, AnotherStatusIsInThePlaceOfTheFormer) {
  for (const char* name : {"b", "a"}) put(status(name));
  EXPECT_EQ(names(), "a0 b0 ");
  put(status("a", 7));
  EXPECT_EQ(names(), "a7 b0 ");
}

TEST_F(SortedStatusesTest, WhoComesAndWhoGoesIsNoticed) {
  for (const char* name : {"b", "d"}) put(status(name));
  EXPECT_EQ(names(), "b0 d0 ");
  for (const char* name : {"a", "c"}) put(status(name));
  ++members;
  EXPECT_EQ(names(), "a0 b0 c0 d0 ");
  statuses.erase(status("b")->origin.object);
  ++members;
  EXPECT_EQ(names(), "a0 c0 d0 ");
}

}  // namespace
}  // namespace sallyport::commands
