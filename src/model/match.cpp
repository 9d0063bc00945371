// SPDX-License-Identifier: Apache-2.0
#include "model/match.hpp"

#include <string_view>

#include "base/text.hpp"
#include "model/quoted.hpp"

namespace sallyport::model {
namespace {

std::string_view word(PathMatch::Kind kind) {
  switch (kind) {
    case PathMatch::Kind::exact:
      return "exact ";
    case PathMatch::Kind::element_prefix:
      return "prefix ";
    case PathMatch::Kind::byte_prefix:
      return "bytes ";
    case PathMatch::Kind::regex:
      return "regex ";
    case PathMatch::Kind::any:
      return "any";
  }
  return "";
}

}  // namespace

std::string to_text(const HostPattern& host) {
  switch (host.kind) {
    case HostPattern::Kind::exact:
      return host.name;
    case HostPattern::Kind::one_label:
      return text::cat("*.", host.name);
    case HostPattern::Kind::any_labels:
      return text::cat("**.", host.name);
    case HostPattern::Kind::regex:
      return text::cat("~", quoted(host.name));
    case HostPattern::Kind::any:
      return "*";
  }
  return {};
}

std::string to_text(const PathMatch& path) {
  const bool is_root = path.kind == PathMatch::Kind::element_prefix && path.value.empty();
  const std::string value = path.kind == PathMatch::Kind::regex ? quoted(path.value) : path.value;
  return text::cat(word(path.kind), is_root ? "/" : value, path.ignore_case ? " (any case)" : "");
}

}  // namespace sallyport::model
