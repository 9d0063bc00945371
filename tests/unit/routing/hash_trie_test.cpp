// SPDX-License-Identifier: Apache-2.0
#include "routing/hash_trie.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace sallyport::routing {
namespace {

// Few hashes, equal in their low bits too: chains and deep branches everywhere.
struct PoorHash {
  std::uint64_t operator()(std::string_view text) const {
    return (text.size() % 2) << 62U | static_cast<std::uint64_t>(text.empty() ? 0 : text.back() % 4) << 12U;
  }
};

template <class Trie>
std::map<std::string, int> content(const Trie& trie) {
  std::map<std::string, int> all;
  trie.for_each([&](std::string_view key, int value) { EXPECT_TRUE(all.emplace(key, value).second) << key; });
  return all;
}

template <class Trie>
Trie built_from(const std::map<std::string, int>& content) {
  Trie trie;
  for (const auto& [key, value] : content) trie.set(key, value);
  return trie;
}

template <class Trie>
std::int64_t nodes_of(const std::map<std::string, int>& content) {
  const std::int64_t before = node_counts().alive;
  const Trie trie = built_from<Trie>(content);
  return node_counts().alive - before;
}

template <class Hash>
void equals_a_map_after_random_edits() {
  using Trie = HashTrie<int, Hash>;
  std::mt19937 random(4);
  const auto below = [&](std::uint32_t end) { return static_cast<int>(random() % end); };
  const std::int64_t before = node_counts().alive;
  Trie trie;
  std::map<std::string, int> map;
  std::vector<std::pair<Trie, std::map<std::string, int>>> kept;
  for (int i = 0; i < 5'000; ++i) {
    const std::string key = std::to_string(below(300));
    if (below(2) == 0) {
      trie.erase(key);
      map.erase(key);
    } else {
      trie.set(key, i);
      map[key] = i;
    }
    const auto at = map.find(key);
    const int* const found = trie.find(key);
    ASSERT_EQ(found != nullptr, at != map.end());
    if (found != nullptr) {
      ASSERT_EQ(*found, at->second);
    }
    if (i % 500 == 0) kept.emplace_back(trie, map);
  }
  EXPECT_EQ(content(trie), map);
  for (const auto& [old, was] : kept) EXPECT_EQ(content(old), was) << "a copy does not see later changes";
  kept.clear();
  EXPECT_EQ(node_counts().alive - before, nodes_of<Trie>(map)) << "history leaves nothing";
  for (const auto& [key, value] : map) trie.erase(key);
  EXPECT_TRUE(trie.empty());
  EXPECT_EQ(node_counts().alive, before);
}

TEST(HashTrie, EqualsAMapAfterRandomEdits) { equals_a_map_after_random_edits<std::hash<std::string_view>>(); }

TEST(HashTrie, EqualsAMapWhateverTheHashIsWorth) { equals_a_map_after_random_edits<PoorHash>(); }

TEST(HashTrie, WhatIsNotThereIsNotErased) {
  HashTrie<int> trie;
  trie.erase("a");
  trie.set("a", 1);
  const std::uint64_t made = node_counts().made;
  const HashTrie<int> copy = trie;
  trie.erase("b");
  EXPECT_EQ(node_counts().made, made) << "nothing is copied for it";
  EXPECT_EQ(*trie.find("a"), 1);
}

TEST(HashTrie, AChangeCopiesOnlyTheWayToIt) {
  HashTrie<int> trie;
  for (int i = 0; i < 40'000; ++i) trie.set(std::to_string(i), i);
  const HashTrie<int> copy = trie;
  const std::uint64_t made = node_counts().made;
  trie.set("777", 1);
  EXPECT_LE(node_counts().made - made, 5U);
  EXPECT_EQ(*copy.find("777"), 777);
}

TEST(HashTrie, WhatIsItsOwnIsChangedInPlace) {
  HashTrie<int> trie;
  for (int i = 0; i < 1'000; ++i) trie.set(std::to_string(i), i);
  const std::uint64_t made = node_counts().made;
  for (int i = 0; i < 1'000; ++i) trie.set(std::to_string(i), 0);
  EXPECT_EQ(node_counts().made, made);
}

}  // namespace
}  // namespace sallyport::routing
