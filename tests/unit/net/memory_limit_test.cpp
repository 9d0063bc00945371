// SPDX-License-Identifier: Apache-2.0
#include "net/memory_limit.hpp"

#include <gtest/gtest.h>

namespace sallyport::net {
namespace {

TEST(MemoryLimit, IsReadFromTheFileOfACgroup) {
  EXPECT_EQ(memory_in("268435456\n"), 268435456U);
  EXPECT_EQ(memory_in("9223372036854771712"), 9223372036854771712U) << "of version 1, when there is none";
}

TEST(MemoryLimit, IsNoneWhereThereIsNoNumber) {
  for (const char* text : {"max\n", "max", "", "-1", "1 GiB"}) EXPECT_EQ(memory_in(text), 0U) << text;
}

TEST(MemoryLimit, ThisProcessHasSome) { EXPECT_GT(granted_memory(), 1024U * 1024U); }

}  // namespace
}  // namespace sallyport::net
