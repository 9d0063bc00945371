// SPDX-License-Identifier: Apache-2.0
// In which form an answer is wanted (Kubernetes API concepts, "Alternate representations"). Pure.

#pragma once

#include <cstdint>
#include <string_view>

namespace sallyport::fake_api {

enum class Wanted : std::uint8_t {
  whole,          // plain JSON
  metadata,       // PartialObjectMetadata
  metadata_list,  // PartialObjectMetadataList
  discovery,      // APIGroupDiscoveryList
  unknown,        // nothing that is served
};

// The first of an Accept field that is served; an empty one wants everything.
Wanted wanted_form(std::string_view accept);

}  // namespace sallyport::fake_api
