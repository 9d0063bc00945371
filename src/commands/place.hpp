// SPDX-License-Identifier: Apache-2.0
// Where something was written, for people.

#pragma once

#include <string>

#include "base/text.hpp"
#include "model/origin.hpp"

namespace sallyport::commands {

// "(web.yaml:12:spec.rules[0])", as far as it is known; empty: not even the file.
inline std::string place(const model::Origin& origin) {
  if (origin.file.empty()) return {};
  return text::cat("(", origin.file, ":", origin.line, origin.field.empty() ? "" : ":", origin.field, ")");
}

// "Ingress shop/web (web.yaml:12:spec.rules[0])"
inline std::string object_and_place(const model::Origin& origin) {
  return text::cat(to_text(origin.object), origin.file.empty() ? "" : " ", place(origin));
}

}  // namespace sallyport::commands
