// SPDX-License-Identifier: Apache-2.0
// One object as the fake API server keeps it, and the forms in which it is sent. Immutable and shared.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fake_api_server/json.hpp"
#include "fake_api_server/kinds.hpp"
#include "fake_api_server/selector.hpp"

namespace sallyport::fake_api {

// Where a field is: names of members; of a list of conditions, the type of one in brackets: {"status", "conditions",
// "[Ready]", "reason"}.
using FieldPath = std::vector<std::string>;
// Which manager applied or wrote which fields.
using Owners = std::map<std::string, std::set<FieldPath>, std::less<>>;

struct Object {
  KindPtr kind;
  std::string namespace_;
  std::string name;
  std::uint64_t revision = 0;
  Json json;
  std::string raw;  // sent in place of the JSON where not only the metadata is asked for: it may be broken
  Labels labels;
  Owners owners;

  bool fits(const Scope& scope) const {
    return (scope.namespace_.empty() || scope.namespace_ == namespace_) && (scope.name.empty() || scope.name == name) &&
           scope.labels.fits(labels);
  }
};

using ObjectPtr = std::shared_ptr<const Object>;

enum class Form : std::uint8_t { whole, metadata };

// With that resourceVersion. An item of a list does not say its kind, unless it is a custom one.
void append_object(std::string& out, const Object& object, Form form, std::uint64_t revision, bool is_item);

}  // namespace sallyport::fake_api
