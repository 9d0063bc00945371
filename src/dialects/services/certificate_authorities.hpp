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

struct Authorities {
  std::string pem;      // certificates and nothing else that the file may hold
  std::string problem;  // ends a sentence that begins with the key; never anything that stands in it. Empty: none

  bool operator==(const Authorities&) const = default;
};

// A projection (dialects/lookup.hpp).
Authorities authorities_of(const kube::Object& object);

}  // namespace sallyport::dialects::services
