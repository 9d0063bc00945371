// SPDX-License-Identifier: Apache-2.0

#include "base/secret_bytes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>
#include <type_traits>
#include <vector>

#include "base/secret_memory.hpp"

namespace sallyport {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

// Of the mapping that it lies in, what /proc/self/smaps calls VmFlags: "lo" is locked, "dd" is left out of dumps.
std::string flags_of(const char* at) {
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  std::ifstream maps("/proc/self/smaps");
  bool is_in = false;
  for (std::string line; std::getline(maps, line);) {
    const std::size_t dash = line.find('-');
    const bool is_head = dash != line.npos && line.find_first_not_of("0123456789abcdef") == dash;
    if (is_head) {
      is_in = std::stoull(line.substr(0, dash), nullptr, 16) <= address &&
              address < std::stoull(line.substr(dash + 1), nullptr, 16);
    }
    if (is_in && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

// AddressSanitizer makes mlock do nothing.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool mlock_locks = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool mlock_locks = false;
#else
constexpr bool mlock_locks = true;
#endif
#else
constexpr bool mlock_locks = true;
#endif

TEST(SecretBytes, LieInLockedMemoryThatIsInNoCoreDump) {
  const SecretBytes key(std::string_view("a key"));
  const std::string flags = flags_of(key.reveal().data());
  EXPECT_NE(flags.find(" dd "), flags.npos) << flags;
  EXPECT_EQ(flags.find(" lo ") != flags.npos, mlock_locks && secret_memory_is_locked()) << flags;
  const SecretBytes large(largest_locked + 1);
  const std::string flags_of_large = flags_of(large.reveal().data());
  EXPECT_NE(flags_of_large.find(" dd "), flags.npos) << flags_of_large;
  EXPECT_EQ(flags_of_large.find(" lo "), flags.npos) << "it would take the room of keys: " << flags_of_large;
}

TEST(SecretBytes, NothingIsLeftOfThemWhereTheyWere) {
  auto key = std::make_unique<SecretBytes>(std::string_view("0123456789 0123456789 0123456789 "));
  key->shorten(5);
  const char* const at = key->reveal().data();
  key.reset();
  // The block is still mapped, and its first word leads to the next one that is free.
  const auto is_zero = [](char byte) { return byte == 0; };
  EXPECT_TRUE(std::all_of(at + sizeof(void*), at + 33, is_zero));
  const SecretBytes next(std::size_t{33});
  EXPECT_EQ(static_cast<const void*>(next.reveal().data()), at) << "it is used again";
  EXPECT_TRUE(std::ranges::all_of(next.reveal(), is_zero));
}

TEST(SecretBytes, HaveRoomOfTheirOwnWhateverTheirSizes) {
  std::vector<SecretBytes> all;
  for (std::size_t size = 1; size <= 2 * largest_locked; size = size * 3 / 2 + 1) {
    all.emplace_back(size);
    std::fill_n(all.back().writable(), size, static_cast<char>('a' + all.size()));
  }
  for (std::size_t at = 0; at < all.size(); ++at) {
    const auto is_own = [&](char byte) { return byte == static_cast<char>('a' + at + 1); };
    EXPECT_TRUE(std::ranges::all_of(all[at].reveal(), is_own)) << all[at].size();
  }
}

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
