// SPDX-License-Identifier: Apache-2.0

#include "kube/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::kube {
namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string into(base64_room(text), '\0');
  const auto size = decode_base64(text, into.data());
  if (!size) return std::nullopt;
  into.resize(*size);
  return into;
}

TEST(Base64, DecodesTheVectorsOfRfc4648) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("Zg=="), "f");
  EXPECT_EQ(decoded("Zm8="), "fo");
  EXPECT_EQ(decoded("Zm9v"), "foo");
  EXPECT_EQ(decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(decoded("Zm9vYmE="), "fooba");
  EXPECT_EQ(decoded("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decoded("+/+/"), "\xFB\xFF\xBF");
}

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  for (const char* text : {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\xFB\xFF\xBF"}) {
    EXPECT_EQ(decoded(encode_base64(text)), text);
  }
  EXPECT_EQ(encode_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encode_base64("\xFB\xFF\xBF"), "+/+/");
}

TEST(Base64, SkipsLineBreaks) { EXPECT_EQ(decoded("Zm9v\nYm\r\nFy\n"), "foobar"); }

TEST(Base64, RefusesEverythingElse) {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "=", "====", "Zg==Zg==", "Zm 9", "Zm9v-_", "Zm9v="}) {
    EXPECT_EQ(decoded(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sallyport::kube
