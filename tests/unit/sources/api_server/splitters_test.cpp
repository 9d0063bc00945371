// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/splitters.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::sources::api_server {
namespace {

using Texts = std::vector<std::string>;

// In pieces of so many bytes; one that is too long has a '~' before it.
template <class Splitter>
Texts cut(Splitter& splitter, std::string_view bytes, std::size_t piece) {
  Texts texts;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    const std::string held(bytes.substr(0, piece));
    splitter.take(held);
    while (const auto cut = splitter.next()) texts.push_back((cut->is_too_long ? "~" : "") + std::string(cut->text));
  }
  return texts;
}

TEST(LineSplitter, CutsAtLineFeedsHoweverTheBytesCome) {
  for (const std::size_t piece : {1U, 2U, 3U, 5U, 100U}) {
    LineSplitter lines;
    EXPECT_EQ(cut(lines, "one\ntwo\n\n\r\nthree\nhal", piece), Texts({"one", "two", "three"})) << piece;
  }
}

TEST(LineSplitter, ALineThatIsTooLongIsItsBeginningAndHarmsNoOther) {
  const std::string large(20'000, 'x');
  for (const std::size_t piece : {7U, 4096U, 50'000U}) {
    LineSplitter lines(10);
    const Texts texts = cut(lines, "one\n" + large + "\ntwo\n", piece);
    ASSERT_EQ(texts.size(), 3U) << piece;
    EXPECT_EQ(texts[0], "one");
    EXPECT_EQ(texts[1].substr(0, 4), "~xxx");
    EXPECT_LE(texts[1].size(), 4097U);
    EXPECT_EQ(texts[2], "two");
  }
}

constexpr std::string_view list = R"({"kind":"List", "x":["items"], "metadata":{"items":[1],"continue":"[{"},)"
                                  R"("items": [ {"a":"}\"]"}, {"b":[{"items":[2]}]} ,null],"tail":{"c":"d"}})";

TEST(ItemSplitter, GivesItemsAndTheListWithoutThem) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    ItemSplitter items;
    EXPECT_EQ(cut(items, list, piece), Texts({R"({"a":"}\"]"})", R"({"b":[{"items":[2]}]})", "null"})) << piece;
    EXPECT_TRUE(items.is_whole());
    EXPECT_EQ(
        items.envelope().text,
        R"({"kind":"List", "x":["items"], "metadata":{"items":[1],"continue":"[{"},"items": [],"tail":{"c":"d"}})");
  }
}

TEST(ItemSplitter, AnItemThatIsTooLongHarmsNoOther) {
  ItemSplitter items(100);
  const std::string large = R"({"name":")" + std::string(10'000, 'y') + R"("})";
  const Texts texts = cut(items, R"({"items":[{"a":1},)" + large + R"(,{"b":2}],"end":1})", 333);
  ASSERT_EQ(texts.size(), 3U);
  EXPECT_EQ(texts[0], R"({"a":1})");
  EXPECT_EQ(texts[1].substr(0, 12), R"(~{"name":"yy)");
  EXPECT_EQ(texts[2], R"({"b":2})");
  EXPECT_TRUE(items.is_whole());
}

TEST(ItemSplitter, AListThatBreaksOffIsNotWhole) {
  for (std::size_t size = 0; size < list.size(); ++size) {
    ItemSplitter items;
    cut(items, list.substr(0, size), 9);
    EXPECT_FALSE(items.is_whole()) << size;
  }
}

TEST(ItemSplitter, NoItemsAreNone) {
  for (const std::string_view empty : {R"({"items":[]})", R"({"items":[ ]})", R"({"items":null})", "{}"}) {
    ItemSplitter items;
    EXPECT_TRUE(cut(items, empty, 3).empty());
    EXPECT_TRUE(items.is_whole());
  }
}

}  // namespace
}  // namespace sallyport::sources::api_server
