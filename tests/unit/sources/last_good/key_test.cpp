// SPDX-License-Identifier: Apache-2.0
#include "sources/last_good/key.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/sources/last_good/last_good_test.hpp"
#include "unit/sources/temporary_folder.hpp"

namespace sallyport::sources::last_good {
namespace {

std::vector<SecretBytes> pieces(std::initializer_list<std::string_view> texts) {
  std::vector<SecretBytes> all;
  for (const std::string_view text : texts) all.emplace_back(text);
  return all;
}

TEST(LastGoodKey, OpensWhatItSealed) {
  const Sealed sealed = key().seal(pieces({"one ", "and another"}), "beside");
  EXPECT_EQ(sealed.nonce.size(), Key::nonce_bytes);
  EXPECT_EQ(sealed.text.find("another"), sealed.text.npos);
  const auto opened = key().open(sealed, "beside");
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->reveal(), "one and another");
}

TEST(LastGoodKey, NothingIsSealedToo) {
  const auto opened = key().open(key().seal({}, ""), "");
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->empty());
}

TEST(LastGoodKey, TheSameTextIsSealedDifferentlyEachTime) {
  const Sealed one = key().seal(pieces({"text"}), "");
  const Sealed other = key().seal(pieces({"text"}), "");
  EXPECT_NE(one.nonce, other.nonce);
  EXPECT_NE(one.text, other.text);
}

TEST(LastGoodKey, RefusesWhatWasChanged) {
  const Sealed sealed = key().seal(pieces({"a text"}), "beside");
  EXPECT_FALSE(key().open(sealed, "beside another").has_value());
  for (std::size_t at = 0; at < sealed.text.size(); ++at) {
    Sealed changed = sealed;
    changed.text[at] = static_cast<char>(changed.text[at] ^ 1);
    EXPECT_FALSE(key().open(changed, "beside").has_value()) << at;
  }
  EXPECT_FALSE(key().open({.nonce = sealed.nonce, .text = sealed.text.substr(1)}, "beside").has_value());
  EXPECT_FALSE(key().open({.nonce = "short", .text = sealed.text}, "beside").has_value());
  EXPECT_FALSE(key().open({.nonce = sealed.nonce, .text = "short"}, "beside").has_value());
}

TEST(LastGoodKey, AnotherKeyHasAnotherIdAndOpensNothing) {
  const Key other = key("another key, which is as long as the first");
  EXPECT_NE(other.id(), key().id());
  EXPECT_FALSE(other.open(key().seal(pieces({"text"}), ""), "").has_value());
}

TEST(LastGoodKey, WhiteSpaceBehindItDoesNotCount) {
  EXPECT_EQ(key("0123456789abcdef0123456789abcdef\r\n \n").id(), key().id());
  EXPECT_NE(key(" 0123456789abcdef0123456789abcdef").id(), key().id());
}

TEST(LastGoodKey, AShortOneIsRefusedAndNotShown) {
  const Result<Key> made = Key::made_of("secret-but-short                        \n");
  ASSERT_FALSE(made.has_value());
  EXPECT_EQ(made.error().detail, "has 16 bytes; at least 32 are wanted, as `openssl rand -base64 32` makes them");
  EXPECT_FALSE(Key::made_of("").has_value());
}

TEST(LastGoodKey, IsReadFromAFile) {
  const TemporaryFolder folder;
  folder.write("key", "0123456789abcdef0123456789abcdef\n");
  folder.write("long", std::string(Key::most_bytes + 1, 'x'));
  const Result<Key> read = Key::read(folder.path("key"));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->id(), key().id());
  EXPECT_EQ(Key::read(folder.path("none")).error().detail, folder.path("none") + ": No such file or directory");
  EXPECT_EQ(Key::read(folder.path("long")).error().detail, folder.path("long") + ": is larger than 65536 bytes");
  EXPECT_EQ(Key::read(folder.root()).error().detail, folder.root() + ": Is a directory");
}

TEST(LastGoodKey, Sha256IsThatOfFips180) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace sallyport::sources::last_good
