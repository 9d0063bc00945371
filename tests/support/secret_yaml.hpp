// SPDX-License-Identifier: Apache-2.0
// Secrets as YAML, of what pki.hpp makes.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "support/pki.hpp"

namespace sallyport::support {

// Each line of a value is indented.
inline std::string secret_yaml(std::string_view name, std::string_view type,
                               const std::vector<std::pair<std::string_view, std::string_view>>& values,
                               std::string_view namespace_ = "shop") {
  std::string yaml = text::cat("---\napiVersion: v1\nkind: Secret\nmetadata: {name: ", name,
                               ", namespace: ", namespace_, "}\ntype: ", type, "\nstringData:\n");
  for (const auto& [key, value] : values) {
    yaml += text::cat("  ", key, ": |\n");
    for (const std::string_view line : text::split(value, '\n')) yaml += text::cat("    ", line, "\n");
  }
  return yaml;
}

inline std::string secret_yaml(std::string_view name, const Issued& pair, std::string_view namespace_ = "shop") {
  return secret_yaml(name, "kubernetes.io/tls", {{"tls.crt", pair.certificate}, {"tls.key", pair.key}}, namespace_);
}

}  // namespace sallyport::support
