// SPDX-License-Identifier: Apache-2.0
// Where a part of the model was written: the object, and the place in its file when it came from one.

#pragma once

#include <cstdint>
#include <string>

#include "base/object_ref.hpp"

namespace sallyport::model {

struct Origin {
  ObjectRef object;
  std::string file;        // relative to the folder; "" when the object did not come from a file
  std::uint32_t line = 0;  // from 1; 0 when unknown
  std::string field;       // "spec.rules[0].http.paths[1]"

  bool operator==(const Origin&) const = default;
};

}  // namespace sallyport::model
