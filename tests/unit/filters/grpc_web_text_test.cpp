// SPDX-License-Identifier: Apache-2.0
#include "filters/grpc_web_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sallyport::filters {
namespace {

// Decoded in pieces of so many characters; "?" when it is refused, and "…" behind what is not complete.
std::string decoded(std::string_view text, std::size_t piece = 1000) {
  GrpcWebTextDecoder decoder;
  std::string all;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    std::vector<char> room(GrpcWebTextDecoder::room_for(piece + 3));
    const auto size = decoder.decode(text.substr(0, piece), room);
    if (!size) return "?";
    all.append(room.data(), *size);
  }
  return decoder.is_complete() ? all : all + "…";
}

std::string encoded(std::string_view bytes, std::size_t piece = 1000) {
  GrpcWebTextEncoder encoder;
  std::string all;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    std::vector<char> room(GrpcWebTextEncoder::room_for(piece));
    all.append(room.data(), encoder.encode(bytes.substr(0, piece), room));
  }
  return all;
}

// A message with its prefix.
std::string message(std::string_view text) {
  std::string all("\0\0\0\0", 4);
  all += static_cast<char>(text.size());
  return all.append(text);
}

// RFC 4648 10.
TEST(GrpcWebText, DecodesEveryPadding) {
  for (const std::size_t piece : {1UL, 2UL, 3UL, 5UL, 1000UL}) {
    EXPECT_EQ(decoded("", piece), "");
    EXPECT_EQ(decoded("Zg==", piece), "f");
    EXPECT_EQ(decoded("Zm8=", piece), "fo");
    EXPECT_EQ(decoded("Zm9v", piece), "foo");
    EXPECT_EQ(decoded("Zm9vYmFy", piece), "foobar");
    EXPECT_EQ(decoded("//+A", piece), "\xff\xff\x80");
  }
}

TEST(GrpcWebText, SeveralTextsMayFollowEachOther) {
  EXPECT_EQ(decoded("Zg==Zm8=Zm9v"), "ffofoo");
  EXPECT_EQ(decoded("Zg==Zm8=Zm9v", 1), "ffofoo");
}

TEST(GrpcWebText, RefusesWhatIsNoBase64) {
  for (const char* text : {"Zm9*", "Zm9v\n", "Z===", "====", "=m9v", "Zg=v", "Zm9-", "Zm9_", "Zg==="}) {
    EXPECT_EQ(decoded(text), "?") << text;
    EXPECT_EQ(decoded(text, 1), "?") << text;
  }
}

// Else two texts would be the same bytes.
TEST(GrpcWebText, RefusesBitsThatNobodyReads) {
  EXPECT_EQ(decoded("Zh=="), "?");
  EXPECT_EQ(decoded("Zm9="), "?");
}

TEST(GrpcWebText, KnowsThatItIsCutShort) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zm9vZ"}) EXPECT_TRUE(decoded(text).ends_with("…")) << text;
}

// A message is never held back for the one that follows.
TEST(GrpcWebText, EndsTheTextBehindEveryMessage) {
  EXPECT_EQ(encoded(message("")), "AAAAAAA=");
  EXPECT_EQ(encoded(message("a")), "AAAAAAFh");
  EXPECT_EQ(encoded(message("ab")), "AAAAAAJhYg==");
  EXPECT_EQ(encoded(message("") + message("ab")), "AAAAAAA=AAAAAAJhYg==");
  for (const std::size_t piece : {1UL, 2UL, 3UL, 4UL, 7UL}) {
    EXPECT_EQ(encoded(message("") + message("ab") + message("a"), piece), "AAAAAAA=AAAAAAJhYg==AAAAAAFh") << piece;
  }
}

TEST(GrpcWebText, EveryLengthComesBack) {
  for (std::size_t size = 0; size < 120; ++size) {
    const std::string bytes = message(std::string(size, static_cast<char>(size + 130))) + message("next");
    for (const std::size_t piece : {1UL, 8UL, 1000UL}) EXPECT_EQ(decoded(encoded(bytes, piece), piece), bytes) << size;
  }
}

}  // namespace
}  // namespace sallyport::filters
