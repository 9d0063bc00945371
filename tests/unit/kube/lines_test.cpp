// SPDX-License-Identifier: Apache-2.0

#include "kube/lines.hpp"

#include <gtest/gtest.h>

namespace sallyport::kube {
namespace {

Lines some_lines() {
  Lines lines;
  const auto spec = Lines::Place().in("spec");
  const auto rule = spec.in("rules").in(std::size_t{0});
  lines.add(spec, 4);
  lines.add(spec.in("rules"), 5);
  lines.add(rule, 6);
  lines.add(rule.in("host"), 7);
  lines.add(Lines::Place().in("metadata").in("annotations").in("sallyport.dev/encoded-slash"), 3);
  lines.add(Lines::Place().in("a.b"), 9);
  lines.finish(1);
  return lines;
}

TEST(Lines, AKnownFieldHasItsOwnLine) {
  const Lines lines = some_lines();
  EXPECT_EQ(lines.at("spec.rules[0].host"), 7U);
  EXPECT_EQ(lines.at("metadata.annotations[sallyport.dev/encoded-slash]"), 3U);
  EXPECT_EQ(lines.at("[a.b]"), 9U);
}

TEST(Lines, AnUnknownFieldHasItsNearestParentsLine) {
  const Lines lines = some_lines();
  EXPECT_EQ(lines.at("spec.rules[0].http.paths[3].pathType"), 6U);
  EXPECT_EQ(lines.at("spec.rules[1].host"), 5U);
}

TEST(Lines, WithoutAnyParentItIsTheObjectsLine) {
  EXPECT_EQ(some_lines().at("status.loadBalancer"), 1U);
  EXPECT_EQ(some_lines().at(""), 1U);
  EXPECT_EQ(Lines().at("spec"), 0U);
}

TEST(Field, PlainWordsAreGluedByDotsAndOtherKeysGoIntoBrackets) {
  EXPECT_EQ(field("", "spec"), "spec");
  EXPECT_EQ(field("spec", "rules"), "spec.rules");
  EXPECT_EQ(field("spec.rules", std::size_t{12}), "spec.rules[12]");
  EXPECT_EQ(field("data", "tls.crt"), "data[tls.crt]");
  EXPECT_EQ(field("", "tls.crt"), "[tls.crt]");
  EXPECT_EQ(field("metadata.labels", "app.kubernetes.io/name"), "metadata.labels[app.kubernetes.io/name]");
}

TEST(Field, APlaceIsAsLongAsItsField) {
  EXPECT_EQ(Lines::Place().in("spec").in("rules").in(std::size_t{12}).in("a/b").size(),
            std::string_view("spec.rules[12][a/b]").size());
}

TEST(Field, WithinIsByWholeElements) {
  EXPECT_TRUE(is_within("spec.rules[0].host", "spec.rules"));
  EXPECT_TRUE(is_within("spec.rules", "spec.rules"));
  EXPECT_TRUE(is_within("spec.rules", ""));
  EXPECT_FALSE(is_within("spec.rules", "spec.rules[0]"));
  EXPECT_FALSE(is_within("spec.rules[10]", "spec.rules[1]"));
  EXPECT_FALSE(is_within("spec.typeName", "spec.type"));
}

}  // namespace
}  // namespace sallyport::kube
