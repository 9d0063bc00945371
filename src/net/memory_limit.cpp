// SPDX-License-Identifier: Apache-2.0
#include "net/memory_limit.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>

#include "base/number.hpp"

namespace sallyport::net {

std::size_t memory_in(std::string_view memory_max) {
  if (memory_max.ends_with('\n')) memory_max.remove_suffix(1);
  return parse_decimal<std::uint64_t>(memory_max).value_or(0);  // "max": no limit
}

std::size_t granted_memory() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page = ::sysconf(_SC_PAGESIZE);
  std::size_t bytes = pages > 0 && page > 0 ? static_cast<std::size_t>(pages) * static_cast<std::size_t>(page) : 1;
  // Inside a container the process's own cgroup is the root of what it sees: of version 2, else of version 1.
  for (const char* name : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(name);
    std::string line;
    if (!std::getline(file, line)) continue;
    if (const std::size_t limit = memory_in(line); limit != 0) bytes = std::min(bytes, limit);
  }
  return bytes;
}

}  // namespace sallyport::net
