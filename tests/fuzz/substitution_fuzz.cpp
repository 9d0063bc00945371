// SPDX-License-Identifier: Apache-2.0
// Regular expressions and what stands in their place. Three lines: the expression, the replacement and a text.

#include "syntax/substitution.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"
#include "text_parts.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  using fuzz::require;
  auto lines = fuzz::lines_of(fuzz::whole_text(data, size));
  lines.resize(3);
  const std::string_view text = lines[2];
  const auto made = syntax::Substitution::compile(lines[0], lines[1]);
  if (!made) {
    require(made.error().code == Code::invalid && !made.error().detail.empty());
    return 0;
  }
  require(made->regex() == lines[0] && made->replacement() == lines[1]);
  const auto twin = syntax::Substitution::compile(lines[0], lines[1]);
  require(twin && *twin == *made);

  const auto needed = made->apply(text, {});
  if (!needed) return 0;
  std::vector<char> room(*needed + 8, '#');
  require(made->apply(text, room) == needed);
  for (std::size_t at = *needed; at < room.size(); ++at) require(room[at] == '#');
  // Less room: the same beginning, and the same size.
  std::vector<char> less(*needed / 2);
  require(made->apply(text, less) == needed);
  require(std::equal(less.begin(), less.end(), room.begin()));

  // In place of everything that is found stands itself: nothing changes.
  const auto itself = syntax::Substitution::compile(lines[0], "\\0");
  require(itself.has_value());
  std::vector<char> same(text.size());
  require(itself->apply(text, same) == text.size() && std::string_view(same.data(), same.size()) == text);
  return 0;
}
