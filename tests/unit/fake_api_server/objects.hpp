// SPDX-License-Identifier: Apache-2.0
// Objects as tests of the fake API server write them.

#pragma once

#include <string>
#include <string_view>

#include "fake_api_server/writes.hpp"

namespace sallyport::fake_api {

// Of YAML in one line.
inline Json json(std::string_view yaml) { return Json::parse_yaml(yaml)->front(); }

inline Json config_map(std::string_view name, std::string_view labels = "{}") {
  return json("{apiVersion: v1, kind: ConfigMap, metadata: {name: " + std::string(name) +
              ", labels: " + std::string(labels) + "}}");
}

inline std::string names(const std::vector<ObjectPtr>& objects) {
  std::string all;
  for (const ObjectPtr& object : objects) all += (all.empty() ? "" : " ") + object->name;
  return all;
}

}  // namespace sallyport::fake_api
