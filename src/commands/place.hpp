// SPDX-License-Identifier: Apache-2.0
// Where something was written, for people.

#pragma once

#include <string>

#include "base/text.hpp"
#include "model/origin.hpp"

namespace sallyport::commands {

// "(web.yaml:12:spec.rules[0])", as far as it is known: of an object that comes from no file, "(spec.rules[0])".
inline std::string place(const model::Origin& origin) {
  if (origin.file.empty()) return origin.field.empty() ? std::string() : text::cat("(", origin.field, ")");
  return text::cat("(", origin.file, ":", origin.line, origin.field.empty() ? "" : ":", origin.field, ")");
}

// With a space before it, if it is known.
inline std::string spaced_place(const model::Origin& origin) {
  const std::string where = place(origin);
  return where.empty() ? where : " " + where;
}

// "Ingress shop/web (web.yaml:12:spec.rules[0])"
inline std::string object_and_place(const model::Origin& origin) {
  return to_text(origin.object) + spaced_place(origin);
}

}  // namespace sallyport::commands
