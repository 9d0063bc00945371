// SPDX-License-Identifier: Apache-2.0
// Runs a check over many seeds on all processors. How many is 20,000, or what SALLYPORT_SMUGGLING says; the seeds are
// the same ones every time.

#pragma once

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sallyport::support::smuggling {

inline std::uint64_t streams_to_try() {
  constexpr std::uint64_t few = 20'000;
  const char* const said = std::getenv("SALLYPORT_SMUGGLING");
  if (said == nullptr) return few;
  const std::string_view text(said);
  std::uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count == 0 ? few : count;
}

// So that a failure can be pasted into a test.
inline std::string escaped(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (byte < 0x20 || byte >= 0x7f || c == '\\') {
      text += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xfU]};
    } else {
      text += c;
    }
  }
  return text;
}

struct Discrepancy {
  std::uint64_t seed = 0;
  std::string what;
};

// `check(seed)` gives what is wrong, or an empty text. The discrepancy with the smallest seed of those found.
template <class Check>
std::vector<Discrepancy> discrepancies(std::uint64_t count, Check check) {
  std::mutex mutex;
  std::vector<Discrepancy> found;
  std::atomic<std::uint64_t> next = 0;
  const auto work = [&] {
    constexpr std::uint64_t at_once = 256;
    for (std::uint64_t from = next.fetch_add(at_once); from < count; from = next.fetch_add(at_once)) {
      for (std::uint64_t seed = from; seed < std::min(from + at_once, count); ++seed) {
        std::string what = check(seed);
        if (what.empty()) continue;
        const std::lock_guard lock(mutex);
        found.push_back({seed, std::move(what)});
      }
    }
  };
  std::vector<std::jthread> threads;
  for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
  work();
  threads.clear();
  std::ranges::sort(found, {}, &Discrepancy::seed);
  return found;
}

}  // namespace sallyport::support::smuggling
