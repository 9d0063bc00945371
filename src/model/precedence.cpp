// SPDX-License-Identifier: Apache-2.0
#include "model/precedence.hpp"

#include <algorithm>
#include <limits>
#include <variant>

namespace sallyport::model {
namespace {

constexpr std::uint64_t low_word = std::numeric_limits<std::uint32_t>::max();

// More comes first.
constexpr std::uint64_t descending(std::size_t amount, std::uint64_t most) {
  return most - std::min<std::uint64_t>(amount, most);
}

constexpr std::uint64_t of_priority(std::int32_t priority) {
  return static_cast<std::uint64_t>(std::int64_t{std::numeric_limits<std::int32_t>::max()} - priority);
}

std::uint64_t class_of(HostPattern::Kind kind) {
  switch (kind) {
    case HostPattern::Kind::exact:
      return 0;
    case HostPattern::Kind::one_label:
    case HostPattern::Kind::any_labels:
      return 1;
    case HostPattern::Kind::regex:
      return 2;
    case HostPattern::Kind::any:
      break;
  }
  return 3;
}

// Of two wildcards with one name, the one that fits fewer hosts is the more specific.
std::uint64_t host_word(const HostPattern& host) {
  constexpr std::uint64_t most = 0x7fffff;
  const std::uint64_t wide = host.kind == HostPattern::Kind::any_labels ? 1 : 0;
  return class_of(host.kind) << 24U | descending(host.name.size(), most) << 1U | wide;
}

std::uint64_t class_of(PathMatch::Kind kind) {
  switch (kind) {
    case PathMatch::Kind::exact:
      return 0;
    case PathMatch::Kind::regex:
      return 1;
    case PathMatch::Kind::element_prefix:
    case PathMatch::Kind::byte_prefix:
      return 2;
    case PathMatch::Kind::any:
      break;
  }
  return 3;
}

// Of two alike the one that fits fewer paths is the more specific.
std::uint64_t path_word(const PathMatch& path) {
  const std::uint64_t wide = (path.kind == PathMatch::Kind::byte_prefix ? 2U : 0U) + (path.ignore_case ? 1U : 0U);
  return class_of(path.kind) << 32U | descending(path.value.size(), low_word >> 2U) << 2U | wide;
}

struct Leaves {
  std::size_t methods = 0;
  std::size_t headers = 0;
  std::size_t parameters = 0;
  std::size_t others = 0;

  void operator()(const AllOf& all) { count(all.of); }
  void operator()(const AnyOf& any) { count(any.of); }
  void operator()(const Not& none) { count(none.of); }
  void operator()(const MethodIs&) { ++methods; }
  void operator()(const HeaderIs&) { ++headers; }
  void operator()(const QueryIs&) { ++parameters; }
  void operator()(const ClientIn&) { ++others; }

  void count(const std::vector<Predicate>& all) {
    for (const Predicate& one : all) std::visit(*this, one.test);
  }
};

std::uint64_t predicates_word(const std::vector<Predicate>& predicates) {
  constexpr std::uint64_t most = 0xffff;
  Leaves leaves;
  leaves.count(predicates);
  return descending(std::min<std::size_t>(leaves.methods, 1), most) << 48U | descending(leaves.headers, most) << 32U |
         descending(leaves.parameters, most) << 16U | descending(leaves.others, most);
}

Decision decided_by_words(const Rank& one, const Rank& other) {
  if (one.tier != standard_tier) return Decision::priority;
  if (one.words[0] >> 32U != other.words[0] >> 32U) return Decision::priority;
  if (one.words[0] != other.words[0]) return Decision::host;
  return one.words[1] != other.words[1] ? Decision::path : Decision::predicates;
}

}  // namespace

std::array<std::uint64_t, 3> standard_words(std::int32_t priority, const HostPattern& host, const PathMatch& path,
                                            const std::vector<Predicate>& predicates) {
  return {of_priority(priority) << 32U | host_word(host), path_word(path), predicates_word(predicates)};
}

Decision decided_by(const Rank& one, const Rank& other) {
  if (one.tier != other.tier) return Decision::tier;
  if (one.words != other.words) return decided_by_words(one, other);
  if (one.text != other.text) return Decision::text;
  if (one.created != other.created) return Decision::age;
  if (one.name != other.name) return Decision::name;
  if (one.kind != other.kind) return Decision::kind;
  return one.index != other.index ? Decision::index : Decision::none;
}

std::string_view to_text(Decision decision) {
  switch (decision) {
    case Decision::tier:
      return "a dialect that comes first";
    case Decision::priority:
      return "a higher priority";
    case Decision::host:
      return "a more specific host";
    case Decision::path:
      return "a more specific path";
    case Decision::predicates:
      return "more predicates";
    case Decision::text:
      return "its dialect's own order";
    case Decision::age:
      return "an older object";
    case Decision::name:
      return "the first namespace and name";
    case Decision::kind:
      return "the first kind by name";
    case Decision::index:
      return "the first place in its object";
    case Decision::none:
      break;
  }
  return "the same rank";
}

}  // namespace sallyport::model
