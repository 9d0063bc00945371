// SPDX-License-Identifier: Apache-2.0
// Certificate authorities that a user trusts, from where Kubernetes users keep them: ca.crt of a Secret or ConfigMap.
// Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/object_ref.hpp"
#include "kube/object.hpp"

namespace sallyport::dialects::services {

// "NAME" or "secret/NAME" is a Secret, "configmap/NAME" a ConfigMap; none: something else is written.
std::optional<ObjectRef> authorities_ref(std::string_view written, std::string_view namespace_);

// Its certificates in PEM and nothing else that the file may hold; empty if there is none. A projection
// (dialects/lookup.hpp).
std::string authorities_of(const kube::Object& object);

}  // namespace sallyport::dialects::services
