// SPDX-License-Identifier: Apache-2.0
// core/v1 ConfigMap.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "kube/values.hpp"

namespace sallyport::kube {

struct ConfigMap {
  Texts data;
  std::map<std::string, Bytes, std::less<>> binary_data;
  std::optional<bool> immutable;
};
BOOST_DESCRIBE_STRUCT(ConfigMap, (), (data, binary_data, immutable))

}  // namespace sallyport::kube
