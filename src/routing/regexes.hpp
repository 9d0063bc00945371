// SPDX-License-Identifier: Apache-2.0
// Regular expressions by their texts, so that rules with the same one share it, and the memory that it grows by: an
// expression for a host is often that of a thousand paths.
//
// Belongs to the compiler's thread. What it gave lives on without it.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "syntax/regex.hpp"

namespace sallyport::routing {

using SharedRegex = std::shared_ptr<const syntax::Regex>;

class Regexes {
 public:
  // Null when it does not compile.
  SharedRegex get(std::string_view pattern, bool ignore_case = false);

  // Known, also some that nobody has any more: at most as many as are in use, or a few.
  std::size_t size() const { return all_.size(); }

 private:
  static constexpr std::size_t least_swept = 64;

  std::unordered_map<std::string, std::weak_ptr<const syntax::Regex>> all_;
  std::size_t sweep_at_ = least_swept;
};

}  // namespace sallyport::routing
