// SPDX-License-Identifier: Apache-2.0
// What a list or a watch is narrowed to: a namespace, labels, a name.
//
// Labels as the API server reads them: "a=b", "a==b", "a!=b", "a", "!a", "a in (b,c)", "a notin (b,c)", joined by
// commas. Fields: metadata.name and metadata.namespace with "=".

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace sallyport::fake_api {

using Labels = std::map<std::string, std::string, std::less<>>;

class LabelSelector {
 public:
  static Result<LabelSelector> parse(std::string_view text);

  bool fits(const Labels& labels) const;
  bool empty() const { return requirements_.empty(); }

 private:
  enum class Operator : std::uint8_t { in, not_in, exists, is_missing };
  struct Requirement {
    std::string key;
    Operator op = Operator::exists;
    std::vector<std::string> values;
  };

  static Result<Requirement> requirement(std::string_view text);

  std::vector<Requirement> requirements_;
};

struct Scope {
  std::string namespace_;  // empty: all
  LabelSelector labels;
  std::string name;  // empty: any

  // Reads "metadata.name=x,metadata.namespace=y" into it.
  Result<void> take_fields(std::string_view selector);
  bool is_narrowed() const { return !labels.empty() || !name.empty(); }
};

}  // namespace sallyport::fake_api
