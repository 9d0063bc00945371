// SPDX-License-Identifier: Apache-2.0
#include "commands/core_dumps.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/fd.hpp"

namespace sallyport::commands {

// The limit does not count where the kernel hands dumps to a program; the filter does (core(5)). Neither stands in a
// debugger's way.
void keep_memory_out_of_core_dumps() {
  rlimit limit{};
  ::getrlimit(RLIMIT_CORE, &limit);
  limit.rlim_cur = 0;
  ::setrlimit(RLIMIT_CORE, &limit);
  const net::Fd filter(::open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC));
  if (!filter) return;  // a kernel without it
  [[maybe_unused]] const auto written = ::write(filter.get(), "0", 1);
}

}  // namespace sallyport::commands
