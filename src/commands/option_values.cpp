// SPDX-License-Identifier: Apache-2.0
#include "commands/option_values.hpp"

#include <cstddef>
#include <string_view>

#include "syntax/host.hpp"

namespace sallyport::commands {

ObjectRef named(const char* option, const char* kind, const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string_view namespace_ = std::string_view(text).substr(0, slash);
  const std::string_view name = slash == text.npos ? std::string_view() : std::string_view(text).substr(slash + 1);
  if (!syntax::is_hostname(namespace_) || !syntax::is_hostname(name)) {
    throw CLI::ValidationError(option, text::cat(text, ": expected NAMESPACE/NAME of a ", kind));
  }
  return {.group = "", .kind = kind, .namespace_ = std::string(namespace_), .name = std::string(name)};
}

}  // namespace sallyport::commands
