// SPDX-License-Identifier: Apache-2.0
// What /config and explanations show of values that may be secrets: a fingerprint, by which two of them can be told
// apart and one that is known be recognised. Which they are is told by the name of their field. Pure.

#pragma once

#include <string>
#include <string_view>

#include "model/parts.hpp"
#include "model/predicate.hpp"

namespace sallyport::commands {

// Authorization, Proxy-Authorization, Cookie, Set-Cookie, and whatever has "token", "secret", "password" or "key" in
// it, as X-Api-Key; in any case.
bool names_a_secret(std::string_view field);

// "sha256:2c26b46b": the first 8 hex digits.
std::string fingerprint(std::string_view value);

// The value of a field; of one that names a secret its fingerprint.
std::string shown_value(std::string_view field, const std::string& value);

// As model::to_text, with fingerprints for the values that headers and parameters of such names are compared with.
std::string shown(const model::Predicate& predicate);
// The rule's id, which may have its predicates in it.
std::string shown_id(const model::Rule& rule);

}  // namespace sallyport::commands
