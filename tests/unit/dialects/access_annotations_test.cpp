// SPDX-License-Identifier: Apache-2.0

#include "dialects/access_annotations.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "kube/reader.hpp"

namespace sallyport::dialects {
namespace {

kube::ObjectPtr ingress(std::string_view metadata) {
  const auto contents = kube::read_objects(
      "ingress.yaml",
      text::cat("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop, ", metadata, "}\nspec: {}\n"));
  EXPECT_EQ(contents.objects.size(), 1U) << metadata;
  return contents.objects.at(0);
}

std::vector<std::string> unreadable(std::string_view metadata) {
  const kube::ObjectPtr root = ingress(metadata);
  std::vector<std::string> names;
  for (const std::string_view name : unreadable_annotations(*root)) names.emplace_back(name);
  return names;
}

TEST(AccessAnnotations, AreKnownByTheirNames) {
  for (const std::string_view name :
       {"auth-url", "enable-global-auth", "whitelist-source-range", "jwt-key", "inbound-cidrs"}) {
    EXPECT_TRUE(limits_access(name)) << name;
  }
  for (const std::string_view name : {"", "rewrite-target", "canary", "proxy-body-size"}) {
    EXPECT_FALSE(limits_access(name)) << name;
  }
}

TEST(AccessAnnotations, OfOursMayBeOfAnotherVersion) {
  EXPECT_TRUE(says_who_may_ask("sallyport.dev/client-certificate"));
  EXPECT_TRUE(says_who_may_ask("sallyport.dev/client-certificate-depth"));
  EXPECT_TRUE(says_who_may_ask("sallyport.dev/allowlist"));
  EXPECT_FALSE(says_who_may_ask("sallyport.dev/encoded-slash"));
  EXPECT_FALSE(says_who_may_ask("example.com/auth-url"));
}

TEST(UnreadableAnnotations, AreThoseWhoseValuesAreNoTexts) {
  EXPECT_EQ(unreadable("annotations: {nginx.org/a: 5, nginx.org/b: fine, nginx.org/c: [x], plain: true}"),
            (std::vector<std::string>{"nginx.org/a", "nginx.org/c"}));
  EXPECT_TRUE(unreadable("annotations: {nginx.org/a: null}").empty());  // as the API has it, an empty text
  EXPECT_TRUE(unreadable("labels: {nginx.org/a: 5}").empty());
  EXPECT_TRUE(unreadable("annotations: [nginx.org/a]").empty());
}

TEST(AccessNotHonoured, ClosesAndIsNamed) {
  const kube::ObjectPtr root = ingress(
      "annotations: {sallyport.dev/allowlist: 10.0.0.0/8, sallyport.dev/auth-url: 5, sallyport.dev/jwt: \"off\"}");
  Findings findings(*root);
  EXPECT_TRUE(note_access_not_honoured(*root, findings));
  const std::vector<Finding> found = findings.take();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].origin.field, "metadata.annotations[sallyport.dev/allowlist]");
  EXPECT_EQ(found[0].verdict, Verdict::rejected);
  EXPECT_EQ(found[1].origin.field, "metadata.annotations[sallyport.dev/jwt]");
  EXPECT_EQ(found[1].verdict, Verdict::warning);
  EXPECT_EQ(found[2].origin.field, "metadata.annotations[sallyport.dev/auth-url]");
  EXPECT_EQ(found[2].verdict, Verdict::rejected);
}

TEST(AccessNotHonoured, LeavesAloneWhatIsReadElsewhere) {
  const kube::ObjectPtr root =
      ingress("annotations: {sallyport.dev/client-certificate: require, example.com/auth-url: a}");
  Findings findings(*root);
  const auto all = [](std::string_view) { return true; };
  EXPECT_FALSE(note_access_not_honoured(*root, findings, all));
  EXPECT_TRUE(findings.take().empty());
}

}  // namespace
}  // namespace sallyport::dialects
