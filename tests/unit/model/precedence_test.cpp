// SPDX-License-Identifier: Apache-2.0
#include "model/precedence.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace sallyport::model {
namespace {

using Host = HostPattern::Kind;
using Path = PathMatch::Kind;

const Predicate get{MethodIs{{"GET"}}};
const Predicate canary{HeaderIs{"x-canary", {}}};
const Predicate debug{QueryIs{"debug", {}}};

Rank rank(std::int32_t priority, const HostPattern& host = {}, const PathMatch& path = {},
          const std::vector<Predicate>& predicates = {}) {
  return {.tier = standard_tier, .words = standard_words(priority, host, path, predicates)};
}

void expect_before(const Rank& first, const Rank& second, Decision by) {
  EXPECT_LT(first, second);
  EXPECT_EQ(decided_by(first, second), by);
  EXPECT_EQ(decided_by(second, first), by);
}

TEST(StandardWords, PriorityComesBeforeEverything) {
  expect_before(rank(1), rank(0, {Host::exact, "a.example.com"}, {Path::exact, "/a"}), Decision::priority);
  expect_before(rank(0), rank(-1), Decision::priority);
  expect_before(rank(std::numeric_limits<std::int32_t>::max()), rank(std::numeric_limits<std::int32_t>::min()),
                Decision::priority);
}

TEST(StandardWords, HostsFromExactToAny) {
  expect_before(rank(0, {Host::exact, "a.com"}), rank(0, {Host::one_label, "long.example.com"}), Decision::host);
  expect_before(rank(0, {Host::one_label, "b.com"}), rank(0, {Host::any_labels, "b.com"}), Decision::host);
  expect_before(rank(0, {Host::any_labels, "a.b.com"}), rank(0, {Host::one_label, "b.com"}), Decision::host);
  expect_before(rank(0, {Host::one_label, "com"}), rank(0, {Host::regex, ".*long.*"}), Decision::host);
  expect_before(rank(0, {Host::regex, ".*"}), rank(0), Decision::host);
}

TEST(StandardWords, PathsFromExactToAny) {
  expect_before(rank(0, {}, {Path::exact, "/a"}), rank(0, {}, {Path::regex, "/a/b.*"}), Decision::path);
  expect_before(rank(0, {}, {Path::regex, "/a"}), rank(0, {}, {Path::element_prefix, "/a/b"}), Decision::path);
  expect_before(rank(0, {}, {Path::byte_prefix, "/ab"}), rank(0, {}, {Path::element_prefix, "/a"}), Decision::path);
  expect_before(rank(0, {}, {Path::element_prefix, "/a"}), rank(0, {}, {Path::byte_prefix, "/a"}), Decision::path);
  expect_before(rank(0, {}, {Path::exact, "/a"}), rank(0, {}, {Path::exact, "/a", true}), Decision::path);
  expect_before(rank(0, {}, {Path::element_prefix, ""}), rank(0), Decision::path);
}

TEST(StandardWords, PredicatesByMethodThenHeadersThenQuery) {
  expect_before(rank(0, {}, {}, {get}), rank(0, {}, {}, {canary, canary}), Decision::predicates);
  expect_before(rank(0, {}, {}, {canary}), rank(0, {}, {}, {debug, debug}), Decision::predicates);
  expect_before(rank(0, {}, {}, {debug}), rank(0), Decision::predicates);
  expect_before(rank(0, {}, {}, {Predicate{Not{{canary}}}}), rank(0), Decision::predicates);
}

TEST(DecidedBy, NamesTheFirstDifference) {
  const Rank base = rank(0);
  Rank other = base;
  EXPECT_EQ(decided_by(base, other), Decision::none);
  other.index = 1;
  EXPECT_EQ(decided_by(base, other), Decision::index);
  other.kind = "a";
  EXPECT_EQ(decided_by(base, other), Decision::kind);
  other.name = "a";
  EXPECT_EQ(decided_by(base, other), Decision::name);
  other.created = 1;
  EXPECT_EQ(decided_by(base, other), Decision::age);
  other.text = "a";
  EXPECT_EQ(decided_by(base, other), Decision::text);
  other.tier = 2;
  EXPECT_EQ(decided_by(base, other), Decision::tier);
}

TEST(PredicateText, DifferentPredicatesHaveDifferentTexts) {
  const auto header = [](std::string value) {
    return to_text(Predicate{HeaderIs{"a", {TextMatch::Kind::exact, std::move(value)}}});
  };
  EXPECT_EQ(header("x"), R"(header "a" = "x")");
  EXPECT_EQ(header("\"\\"), R"(header "a" = "\"\\")");
  EXPECT_EQ(to_text(Predicate{AnyOf{{get, Predicate{Not{{canary}}}}}}),
            R"(any(method is GET or not (header "x-canary" is there)))");
  EXPECT_EQ(to_text(Predicate{AllOf{{get, debug}}}), R"((method is GET and query "debug" is there))");
}

}  // namespace
}  // namespace sallyport::model
