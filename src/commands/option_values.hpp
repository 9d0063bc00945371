// SPDX-License-Identifier: Apache-2.0
// Values of options, read from their texts. What is no such value is thrown as CLI11's own ValidationError, and caught
// in its parse.

#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/object_ref.hpp"
#include "base/result.hpp"
#include "base/text.hpp"

namespace sallyport::commands {

template <class T>
T value_of(const char* option, const std::string& text, const Result<T>& parsed) {
  if (!parsed) throw CLI::ValidationError(option, text::cat(text, ": ", parsed.error().detail));
  return *parsed;
}

// NAMESPACE/NAME of an object of the core group. `kind` is the object's, and is what the error says was expected.
ObjectRef named(const char* option, const char* kind, const std::string& text);

}  // namespace sallyport::commands
