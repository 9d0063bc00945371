// SPDX-License-Identifier: Apache-2.0
// A text of users within a text of ours: two different ones are never written alike.

#pragma once

#include <string>
#include <string_view>

namespace sallyport::model {

// In double quotes; each '"' and '\' in it has a '\' before it.
inline std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace sallyport::model
