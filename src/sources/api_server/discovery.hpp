// SPDX-License-Identifier: Apache-2.0
// Which kinds an API server has: what it serves beside its own depends on what was installed
// (CustomResourceDefinition).
//
// One question where the server has aggregated discovery (its groups, versions and resources in one document), else one
// for each group and version. The core group is everywhere. Belongs to the control thread.

#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kube/kinds.hpp"
#include "net/task.hpp"
#include "sources/api_server/api.hpp"

namespace sallyport::sources::api_server {

struct Presence {
  bool is_served = true;                    // also where it could not be found out: a list will tell
  bool is_certain = false;                  // it was found out
  std::vector<std::string> other_versions;  // in which it is served, if not in the one that is read
};

using Presences = std::map<const kube::Kind*, Presence>;

net::Task<Presences> discover(Api& api, std::span<const kube::Kind* const> kinds);

// Pure. Nothing if it is no such document: an older server answers with its groups alone.
std::optional<Presences> read_aggregated(std::string_view body, std::span<const kube::Kind* const> kinds);
// Of the answer to /apis/GROUP/VERSION: whether the kind is among its resources.
std::optional<bool> read_resources(std::string_view body, const kube::Kind& kind);

}  // namespace sallyport::sources::api_server
