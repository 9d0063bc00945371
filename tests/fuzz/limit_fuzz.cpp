// SPDX-License-Identifier: Apache-2.0
// --limit: what is accepted is what the option then says, within its bounds; what is refused changes nothing.

#include "commands/limits.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"
#include "text_parts.hpp"

namespace {

using namespace sallyport::commands;

std::vector<std::uint64_t> values(const RunOptions& options) {
  std::vector<std::uint64_t> all;
  for (const Limit& one : limits()) all.push_back(one.get(options));
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sallyport::fuzz::require;
  RunOptions options;
  for (const std::string_view line : sallyport::fuzz::lines_of(sallyport::fuzz::whole_text(data, size))) {
    const std::vector<std::uint64_t> before = values(options);
    const auto set = set_limit(options, line);
    const std::vector<std::uint64_t> after = values(options);
    if (!set) {
      require(before == after && !set.error().detail.empty());
      continue;
    }
    const std::size_t equals = line.find('=');
    require(equals != line.npos);
    const auto limit = std::ranges::find(limits(), line.substr(0, equals), &Limit::name);
    require(limit != limits().end());
    const std::uint64_t value = limit->get(options);
    std::string_view digits = line.substr(equals + 1);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    require(std::to_string(value) == digits && value >= limit->least && value <= limit->most);
    require(std::ranges::mismatch(before, after).in1 - before.begin() >= limit - limits().begin() || before == after);
  }
  return 0;
}
