// SPDX-License-Identifier: Apache-2.0
#include "commands/core_dumps.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace sallyport::commands {
namespace {

// In a child, for the test's own dumps are welcome.
TEST(CoreDumps, HaveNoMemory) {
  const pid_t child = ::fork();
  if (child == 0) {
    keep_memory_out_of_core_dumps();
    rlimit limit{};
    ::getrlimit(RLIMIT_CORE, &limit);
    std::string filter;
    std::ifstream("/proc/self/coredump_filter") >> filter;
    const bool none = limit.rlim_cur == 0 && filter.find_first_not_of('0') == filter.npos;
    ::_exit(none ? 0 : 1);
  }
  ASSERT_GT(child, 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sallyport::commands
