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

struct Account final : ArenaAccount {
  bool charge(std::size_t bytes) override {
    if (held + bytes > cap) return false;
    held += bytes;
    return true;
  }
  void release(std::size_t bytes) override { held -= bytes; }

  std::size_t held = 0;
  std::size_t cap = 64 * 1024;
};

TEST(Arena, ItsFirstBlockIsFreeAndOthersAreChargedUntilItIsCleared) {
  Account account;
  Arena arena;
  arena.set_account(&account);
  for (int round = 0; round < 2; ++round) {  // the second time from blocks that were kept
    ASSERT_FALSE(arena.text(Arena::block_size).empty());
    EXPECT_EQ(account.held, 0U);
    ASSERT_FALSE(arena.text(1).empty());
    EXPECT_EQ(account.held, Arena::block_size);
    ASSERT_FALSE(arena.text(2 * Arena::block_size).empty());
    EXPECT_EQ(account.held, 3 * Arena::block_size);
    arena.clear();
    EXPECT_EQ(account.held, 0U);
  }
}

TEST(Arena, ABlockOfUnusualSizeIsChargedAlsoWhenItIsTheFirst) {
  Account account;
  Arena arena;
  arena.set_account(&account);
  for (int round = 0; round < 2; ++round) {
    ASSERT_FALSE(arena.text(5 * Arena::block_size).empty());
    EXPECT_EQ(account.held, 5 * Arena::block_size);
    arena.clear();
  }
}

TEST(Arena, WhatItsAccountRefusesIsNotGiven) {
  Account account;
  account.cap = Arena::block_size;
  Arena arena;
  arena.set_account(&account);
  ASSERT_FALSE(arena.text(Arena::block_size).empty());
  ASSERT_FALSE(arena.text(Arena::block_size).empty());
  EXPECT_TRUE(arena.text(1).empty());
  arena.clear();
  EXPECT_FALSE(arena.text(1).empty());
}

}  // namespace
}  // namespace sallyport
