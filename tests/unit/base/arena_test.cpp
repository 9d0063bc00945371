// SPDX-License-Identifier: Apache-2.0

#include "base/arena.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace sallyport {
namespace {

TEST(Arena, WhatItGivesIsAlignedAndDoesNotOverlap) {
  Arena arena;
  std::vector<std::span<char>> texts;
  for (std::size_t size = 1; size < 300; ++size) {
    const auto text = arena.text(size);
    ASSERT_EQ(text.size(), size);
    std::ranges::fill(text, static_cast<char>(size));
    texts.push_back(text);
    const auto* number = arena.make<std::uint64_t>(size);
    ASSERT_NE(number, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(number) % alignof(std::uint64_t), 0u);
    EXPECT_EQ(*number, size);
  }
  for (const auto text : texts) {
    EXPECT_TRUE(std::ranges::all_of(text, [&](char c) { return c == static_cast<char>(text.size()); }));
  }
}

TEST(Arena, GivesNothingPastItsLimit) {
  Arena arena(2 * Arena::block_size);
  EXPECT_TRUE(arena.text(3 * Arena::block_size).empty());
  EXPECT_FALSE(arena.text(Arena::block_size).empty());
  EXPECT_FALSE(arena.text(Arena::block_size).empty());
  EXPECT_EQ(arena.allocate(1, 1), nullptr);
  EXPECT_TRUE(arena.copy("a").empty());
  EXPECT_LE(arena.used(), 2 * Arena::block_size);
}

TEST(Arena, HoldsMoreThanABlockInOnePiece) {
  Arena arena;
  const std::string big(3 * Arena::block_size, 'x');
  EXPECT_EQ(arena.copy("small"), "small");
  EXPECT_EQ(arena.copy(big), big);
}

TEST(Arena, IsReusedAfterClear) {
  Arena arena;
  const auto* first = arena.copy("a").data();
  for (int block = 0; block < 20; ++block) EXPECT_FALSE(arena.text(Arena::block_size).empty());
  arena.clear();
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_EQ(arena.copy("b").data(), first);
  for (int block = 0; block < 20; ++block) EXPECT_FALSE(arena.text(Arena::block_size).empty());
}

TEST(Arena, ArenaPtrRunsTheDestructor) {
  struct Flag {
    explicit Flag(bool& gone) : gone_(gone) {}
    ~Flag() { gone_ = true; }
    bool& gone_;
  };
  Arena arena;
  bool gone = false;
  {
    const ArenaPtr<Flag> flag(arena.make<Flag>(gone));
  }
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace sallyport
