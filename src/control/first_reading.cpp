// SPDX-License-Identifier: Apache-2.0
#include "control/first_reading.hpp"

#include <utility>

namespace sallyport::control {

std::optional<sources::Changes> FirstReading::take(sources::Changes changes) {
  for (kube::ObjectPtr& object : changes.changed) early_.insert_or_assign(object->ref, std::move(object));
  for (const ObjectRef& ref : changes.removed) early_.erase(ref);
  if (!changes.complete) return std::nullopt;
  sources::Changes all;
  all.complete = true;
  all.changed.reserve(early_.size());
  for (auto& [ref, object] : std::exchange(early_, {})) all.changed.push_back(std::move(object));
  return all;
}

}  // namespace sallyport::control
