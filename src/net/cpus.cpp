// SPDX-License-Identifier: Apache-2.0
#include "net/cpus.hpp"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>

#include "base/number.hpp"

namespace sallyport::net {

std::size_t quota_in(std::string_view cpu_max) {
  if (cpu_max.ends_with('\n')) cpu_max.remove_suffix(1);
  const auto space = cpu_max.find(' ');
  if (space == cpu_max.npos) return 0;
  const auto quota = parse_decimal<std::uint64_t>(cpu_max.substr(0, space));
  const auto period = parse_decimal<std::uint64_t>(cpu_max.substr(space + 1));
  if (!quota || !period || *period == 0) return 0;  // "max": no quota
  return std::max<std::size_t>(1, *quota / *period + (*quota % *period != 0 ? 1 : 0));
}

std::size_t granted_cpus() {
  cpu_set_t set;
  std::size_t cpus = 1;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) cpus = static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
  // Inside a container the process's own cgroup is the root of what it sees.
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string line;
  if (std::getline(file, line)) {
    if (const std::size_t quota = quota_in(line); quota != 0) cpus = std::min(cpus, quota);
  }
  return cpus;
}

}  // namespace sallyport::net
