// SPDX-License-Identifier: Apache-2.0
// The parameters of a URL's query, both sides percent-decoded, '+' as a space. Pure.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::commands {

class Query {
 public:
  explicit Query(std::string_view text);

  // The first of that name.
  std::optional<std::string> first(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;

  // What is wrong with the names: one that is not among `known`, or comes twice without being `repeatable`. Empty:
  // nothing.
  std::string misnamed(std::span<const std::string_view> known, std::string_view repeatable = {}) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace sallyport::commands
