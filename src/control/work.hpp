// SPDX-License-Identifier: Apache-2.0
// How much the engine has worked since it began. Tests count this, never time: a change costs what it touches, however
// much there is beside it.

#pragma once

#include <cstdint>

namespace sallyport::control {

struct Work {
  std::uint64_t translate = 0;  // calls of Dialect::translate()
  std::uint64_t resolve = 0;    // groups of claims whose winner was looked for
  std::uint64_t compose = 0;    // statuses made

  bool operator==(const Work&) const = default;
};

inline Work operator-(const Work& one, const Work& other) {
  return {one.translate - other.translate, one.resolve - other.resolve, one.compose - other.compose};
}

}  // namespace sallyport::control
