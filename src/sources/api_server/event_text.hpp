// SPDX-License-Identifier: Apache-2.0
// What an Event of events.k8s.io/v1 says and how it is written, within what the API server allows. Pure.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/object_ref.hpp"
#include "sources/source.hpp"

namespace sallyport::sources::api_server {

struct ObjectEvent {
  std::string namespace_;  // the object's; "default" for one that has none
  std::string name;        // follows from the object, its uid and what is said
  std::string reason;
  std::string note;
  ObjectRef regarding;
  std::string api_version;  // of the object
  std::string uid;
  std::string resource_version;

  bool operator==(const ObjectEvent&) const = default;
};

// Nothing if there is nothing to be said to the object's owner, or the object is gone.
std::optional<ObjectEvent> event_of(const Published& published);

using WallTime = std::chrono::system_clock::time_point;

// The whole object, for a POST.
std::string new_event_text(const ObjectEvent& event, std::string_view instance, WallTime now);
// A JSON merge patch (RFC 7396): it was seen again, so often in all.
std::string series_patch_text(std::uint32_t count, WallTime now);

}  // namespace sallyport::sources::api_server
