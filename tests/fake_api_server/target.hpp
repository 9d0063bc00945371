// SPDX-License-Identifier: Apache-2.0
// What a request's path, query and method ask for, as the API server reads them (Kubernetes API concepts, "Resource
// URIs" and "API verbs"). Pure.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "commands/query.hpp"
#include "http/message.hpp"

namespace sallyport::fake_api {

struct Target {
  enum class What : std::uint8_t {
    object,    // objects of a kind: group, version and plural are set
    core,      // /api
    groups,    // /apis
    group,     // /apis/GROUP
    versions,  // /api/v1, /apis/GROUP/VERSION: the kinds there
    version,   // /version
    health,    // /readyz, /livez, /healthz
    unknown,
  };

  What what = What::unknown;
  std::string group;
  std::string version;
  std::string namespace_;  // empty: all, or none
  std::string plural;
  std::string name;
  std::string subresource;
};

Target read_target(std::string_view path);

// "get", "list", "watch", "create", "update", "patch", "delete"; of what is no object the method in lower case.
std::string_view verb_of(const Target& target, http::Method method, const commands::Query& query);

// "true" and "1", as a query has them.
bool is_on(const commands::Query& query, std::string_view name);

}  // namespace sallyport::fake_api
