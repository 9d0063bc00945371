// SPDX-License-Identifier: Apache-2.0
// What became of one object, or of one field of it: a bad configuration is no error, it is a finding about that object,
// and the rest goes live. A finding is always about the object that was translated; its origin names the field.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/origin.hpp"

namespace sallyport::dialects {

enum class Verdict : std::uint8_t {
  accepted,  // in force as written
  warning,   // in force, but perhaps not as its author expects
  ignored,   // not ours, or not supported: what it says is left out
  rejected,  // wrong, or it points at something that is missing: the named unit does not work
};

std::string_view to_text(Verdict verdict);

struct Finding {
  Verdict verdict = Verdict::accepted;
  std::string reason;   // one CamelCase word for machines: "InvalidHost"
  std::string message;  // one sentence for people about the field that `origin` names; never a secret's value
  model::Origin origin;

  bool operator==(const Finding&) const = default;
};

}  // namespace sallyport::dialects
