// SPDX-License-Identifier: Apache-2.0
// Which of two rules that fit the same request is asked first: the smaller rank.
//
// A tuple with a total order, compared field by field and never turned into dense positions that an insertion would
// renumber (design: "The table").

#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace sallyport::model {

struct Rank {
  std::uint8_t tier = 0;                 // of the dialect; Ingress v1 and Gateway API share one
  std::array<std::uint64_t, 3> words{};  // the dialect's own order
  std::string text;                      // and its order by text, where it has one
  std::int64_t created = never;          // seconds since 1970: the oldest first
  std::string name;                      // "namespace/name"
  std::string kind;                      // of the object: two kinds may share a name
  std::uint32_t index = 0;               // of the rule in its object

  static constexpr std::int64_t never =
      std::numeric_limits<std::int64_t>::max();  // absent sorts after every present one

  auto operator<=>(const Rank&) const = default;
};

}  // namespace sallyport::model
