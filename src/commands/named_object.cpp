// SPDX-License-Identifier: Apache-2.0
#include "commands/named_object.hpp"

#include <utility>

#include "base/text.hpp"

namespace sallyport::commands {

NamedObject::NamedObject(std::string option, std::optional<ObjectRef> wanted, std::string use)
    : option_(std::move(option)), wanted_(std::move(wanted)), use_(std::move(use)) {}

std::string NamedObject::problem(bool is_there) const {
  if (!wanted_ || is_there) return {};
  return text::cat(option_, ": there is no ", to_text(*wanted_), use_);
}

std::optional<NamedObject::News> NamedObject::news(bool is_there) {
  if (!wanted_ || std::exchange(was_there_, is_there) == is_there) return std::nullopt;
  if (!is_there) return News{.line = problem(is_there), .is_problem = true};
  return News{.line = text::cat(option_, ": ", to_text(*wanted_), " is there")};
}

}  // namespace sallyport::commands
