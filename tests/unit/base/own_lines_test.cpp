// SPDX-License-Identifier: Apache-2.0
#include "base/own_lines.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>

namespace sallyport {
namespace {

bool begins_a_line(const void* memory) { return reinterpret_cast<std::uintptr_t>(memory) % line_size == 0; }

TEST(OwnLines, WhatIsTakenBeginsALineAndHasWholeOnes) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{64}, std::size_t{65}, std::size_t{1'000}}) {
    auto* const one = static_cast<char*>(take_lines(size));
    auto* const other = static_cast<char*>(take_lines(size));
    EXPECT_TRUE(begins_a_line(one) && begins_a_line(other)) << size;
    const std::size_t apart = static_cast<std::size_t>(one < other ? other - one : one - other);
    EXPECT_GE(apart, (size + line_size - 1) / line_size * line_size) << size;
    give_lines(one);
    give_lines(other);
  }
}

TEST(OwnLines, AVectorKeepsToThemAsItGrows) {
  LineVector<std::unique_ptr<int>> all;
  for (int i = 0; i < 1'000; ++i) {
    all.push_back(std::make_unique<int>(i));
    ASSERT_TRUE(begins_a_line(all.data())) << i;
  }
  EXPECT_EQ(*all[999], 999);
}

}  // namespace
}  // namespace sallyport
