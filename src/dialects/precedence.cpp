// SPDX-License-Identifier: Apache-2.0
#include "dialects/precedence.hpp"

#include <limits>
#include <string_view>

#include "base/text.hpp"

namespace sallyport::dialects {
namespace {

using Host = model::HostPattern;
using Path = model::PathMatch;

// Class by class, and the longer text first.
constexpr std::uint64_t word(std::uint64_t class_, std::size_t length) {
  return class_ << 32U | (std::numeric_limits<std::uint32_t>::max() - length);
}

std::uint64_t class_of(Host::Kind kind) {
  switch (kind) {
    case Host::Kind::exact:
      return 0;
    case Host::Kind::one_label:
      return 1;
    case Host::Kind::any:
      return 2;
  }
  return 2;
}

std::uint64_t class_of(Path::Kind kind) {
  switch (kind) {
    case Path::Kind::exact:
      return 0;
    case Path::Kind::element_prefix:
      return 1;
    case Path::Kind::any:
      return 2;
  }
  return 2;
}

std::string_view to_text(Path::Kind kind) {
  switch (kind) {
    case Path::Kind::exact:
      return "exact";
    case Path::Kind::element_prefix:
      return "prefix";
    case Path::Kind::any:
      return "any";
  }
  return "";
}

// A host name holds no '*', so no two patterns are written alike.
std::string written(const Host& host) {
  switch (host.kind) {
    case Host::Kind::exact:
      return host.name;
    case Host::Kind::one_label:
      return text::cat("*.", host.name);
    case Host::Kind::any:
      return "*";
  }
  return {};
}

}  // namespace

model::Rank standard_rank(const Host& host, const Path& path, const kube::Object& object, std::uint32_t index) {
  model::Rank rank;
  rank.tier = standard_tier;
  rank.words = {
      word(class_of(host.kind), host.name.size()), word(class_of(path.kind), path.value.size()),
      std::numeric_limits<std::uint64_t>::max(),  // no predicates: after every rule that has some
  };
  if (object.meta.creation_timestamp) rank.created = object.meta.creation_timestamp->seconds;
  rank.name = text::cat(object.ref.namespace_, "/", object.ref.name);
  rank.index = index;
  return rank;
}

GroupKey rule_group(std::uint8_t tier, const Host& host, const Path& path) {
  return {
      .level = Level::rules,
      .resolution = Resolution::first_wins,
      .place = {text::cat(tier), written(host), std::string(to_text(path.kind)), path.value},
  };
}

model::Id rule_id(const ObjectRef& owner, const Host& host, const Path& path) {
  return text::cat(sallyport::to_text(owner), " ", written(host), " ", to_text(path.kind), " ", path.value);
}

}  // namespace sallyport::dialects
