// SPDX-License-Identifier: Apache-2.0
// Half of the objects would give half of the truth (a Service that is not there yet), so the first reading of a source
// counts as one: this gathers its Changes until it is complete. Belongs to the control thread.

#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "base/object_ref.hpp"
#include "kube/object.hpp"
#include "sources/source.hpp"

namespace sallyport::control {

class FirstReading {
 public:
  // Once the reading is complete: all objects that came and did not go again, as one Changes without problems. Nothing
  // before. It is complete once.
  std::optional<sources::Changes> take(sources::Changes changes);

  // Objects that have come.
  std::size_t size() const { return early_.size(); }

 private:
  std::unordered_map<ObjectRef, kube::ObjectPtr> early_;
};

}  // namespace sallyport::control
