// SPDX-License-Identifier: Apache-2.0
// The kinds that the fake API server serves: those of a cluster that matter to a gateway, and what its
// CustomResourceDefinitions add.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fake_api_server/json.hpp"

namespace sallyport::fake_api {

struct Kind {
  std::string group;  // "" is the core group
  std::string version;
  std::string plural;
  std::string name;  // "Ingress"
  bool is_namespaced = true;
  bool has_status = false;  // as a subresource
  bool is_custom = false;   // of a CustomResourceDefinition

  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  // "ingresses.networking.k8s.io", as messages have it.
  std::string resource() const { return group.empty() ? plural : plural + "." + group; }
};

using KindPtr = std::shared_ptr<const Kind>;

// Without any custom one.
std::vector<Kind> built_in_kinds();

// Of a CustomResourceDefinition, its first version that is served; an error names the field.
Result<Kind> defined_kind(const Json& definition);

}  // namespace sallyport::fake_api
