// SPDX-License-Identifier: Apache-2.0
// Annotations of other controllers on an Ingress that is ours. What they ask for does not happen, and that is said;
// where leaving it out would open what was closed or give a try everybody's traffic, nothing of the Ingress is served
// (docs/decisions/0015-annotations-of-others.md).

#pragma once

#include "dialects/findings.hpp"
#include "kube/object.hpp"

namespace sallyport::dialects::ingress {

// A finding for each. False: none of the Ingress's rules may be served.
[[nodiscard]] bool note_annotations_of_others(const kube::Object& ingress, Findings& findings);

}  // namespace sallyport::dialects::ingress
