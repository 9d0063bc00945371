// SPDX-License-Identifier: Apache-2.0

#include "base/secret_bytes.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace sallyport {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(SecretBytes, CannotBeCopiedPrintedOrCompared) {
  static_assert(!std::is_copy_constructible_v<SecretBytes>);
  static_assert(!std::is_copy_assignable_v<SecretBytes>);
  static_assert(!std::is_convertible_v<SecretBytes, std::string_view>);
  static_assert(!Printable<SecretBytes>);
  static_assert(!std::equality_comparable<SecretBytes>);
}

TEST(SecretBytes, MovingLeavesNothingBehind) {
  SecretBytes one("value");
  SecretBytes other(std::move(one));
  EXPECT_EQ(other.reveal(), "value");
  EXPECT_TRUE(one.empty());  // NOLINT(bugprone-use-after-move)
  one = std::move(other);
  EXPECT_EQ(one.reveal(), "value");
  EXPECT_TRUE(other.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(SecretBytes, IsShortenedToWhatWasDecoded) {
  SecretBytes bytes(std::size_t{8});
  bytes.writable()[0] = 'x';
  bytes.shorten(1);
  EXPECT_EQ(bytes.reveal(), "x");
  bytes.shorten(5);
  EXPECT_EQ(bytes.size(), 1U);
}

}  // namespace
}  // namespace sallyport
