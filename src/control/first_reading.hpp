// SPDX-License-Identifier: Apache-2.0
// Half of the objects would give half of the truth (a Service that is not there yet), so the first reading of a source
// counts as one: this gathers its Changes until it is complete. Belongs to the control thread.

#pragma once

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

  // It has come, and is not given back yet.
  bool has(const ObjectRef& ref) const { return early_.contains(ref); }

 private:
  std::unordered_map<ObjectRef, kube::ObjectPtr> early_;
};

}  // namespace sallyport::control
