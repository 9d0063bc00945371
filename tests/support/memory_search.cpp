// SPDX-License-Identifier: Apache-2.0
#include "support/memory_search.hpp"

#include <cstddef>
#include <fstream>
#include <utility>
#include <vector>

namespace sallyport::support {
namespace {

#if defined(__clang__)
#define SALLYPORT_LOOK __attribute__((no_sanitize("address", "thread", "undefined"), noinline))
#else
#define SALLYPORT_LOOK __attribute__((no_sanitize_address, no_sanitize_thread, noinline))
#endif

// Looks where it lies: a copy of memory would be found again.
SALLYPORT_LOOK int times_between(std::size_t from, std::size_t to, const volatile char* wanted, std::size_t size) {
  const auto* begin = reinterpret_cast<const volatile char*>(from);
  int found = 0;
  for (const volatile char* at = begin; at + size <= begin + (to - from); ++at) {
    std::size_t same = 0;
    while (same < size && at[same] == wanted[same]) ++same;
    if (same == size) ++found;
  }
  return found;
}

}  // namespace

int times_in_memory(const std::string& wanted) {
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::size_t dash = 0;
    const std::size_t from = std::stoul(line, &dash, 16);
    const std::size_t to = std::stoul(line.substr(dash + 1), nullptr, 16);
    if (line.contains(" rw") && to - from <= (64U << 20)) ranges.emplace_back(from, to);  // larger: of sanitizers
  }
  int found = 0;
  for (const auto& [from, to] : ranges) found += times_between(from, to, wanted.data(), wanted.size());
  return found;
}

}  // namespace sallyport::support
