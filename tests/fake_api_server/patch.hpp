// SPDX-License-Identifier: Apache-2.0
// What a patch makes of an object, and which fields belong to whom. Pure.
//
// Lists are replaced as a whole, but for lists of conditions, whose elements are told apart by their type: all that is
// patched in tests is of these two.

#pragma once

#include <string_view>
#include <vector>

#include "fake_api_server/object.hpp"

namespace sallyport::fake_api {

// RFC 7396.
void merge_patch(Json& target, const Json& patch);
// The same, with conditions by their type.
void strategic_patch(Json& target, const Json& patch);

struct Applied {
  Json json;
  Owners owners;
  std::vector<FieldPath>
      conflicts;  // fields with another value that other managers own; of a forced one there are none
};

// Server-side apply: what a manager applied before and does not any more goes, unless others own it too.
Applied apply_patch(const Object& object, std::string_view manager, const Json& configuration, bool is_forced);

// Of an update by other means: the fields that changed are its manager's alone.
Owners owners_after(const Object& before, const Json& after, std::string_view manager);

// "status.conditions[Ready].reason"
std::string to_text(const FieldPath& path);

}  // namespace sallyport::fake_api
