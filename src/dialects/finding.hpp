// SPDX-License-Identifier: Apache-2.0
// What became of one object, or of one field of it: a bad configuration is no error, it is a finding about that object,
// and the rest goes live. A finding is always about the object that was translated; its origin names the field.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/origin.hpp"
#include "model/precedence.hpp"

namespace sallyport::dialects {

enum class Verdict : std::uint8_t {
  accepted,  // in force as written
  warning,   // in force, but perhaps not as its author expects
  ignored,   // not ours, or not supported: what it says is left out
  rejected,  // wrong, or it points at something that is missing: the named unit does not work
};

std::string_view to_text(Verdict verdict);

// Who has what the finding's object asked for too.
struct Winner {
  model::Origin origin;
  std::string has;  // what made it win: "an older object"

  bool operator==(const Winner&) const = default;
};

struct Finding {
  Verdict verdict = Verdict::accepted;
  std::string reason;   // one CamelCase word for machines: "InvalidHost"
  std::string message;  // one sentence for people about the field that `origin` names; never a secret's value
  model::Origin origin;
  std::optional<Winner> by;  // the message names its object; its line, which may move, stands only here

  bool operator==(const Finding&) const = default;
};

// What the author of `loser` is told when `winner` has what both ask for.
Finding shadowed(const model::Origin& loser, const model::Origin& winner, model::Decision by);

// The message as it is printed: "shadowed by Ingress shop/b (b.yaml:12), which has an older object".
std::string sentence(const Finding& finding);

// The same words about the same field; either may have moved to another line, and so may what won.
bool says_the_same(const Finding& one, const Finding& other);

}  // namespace sallyport::dialects
