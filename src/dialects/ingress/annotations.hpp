// SPDX-License-Identifier: Apache-2.0
// Annotations of other controllers on an Ingress that is ours. What they ask for does not happen, and that is said,
// unless leaving it out would open what was closed or give a try everybody's traffic
// (docs/decisions/0015-annotations-of-others.md).

#pragma once

#include <cstdint>

#include "dialects/findings.hpp"
#include "kube/object.hpp"

namespace sallyport::dialects::ingress {

enum class Serving : std::uint8_t {
  as_written,
  held,  // its rules keep their places and answer 503: without them a wider rule would open what they close
  left_out,
};

// A finding for each annotation, and what becomes of the Ingress's rules.
[[nodiscard]] Serving note_annotations_of_others(const kube::Object& ingress, Findings& findings);

}  // namespace sallyport::dialects::ingress
