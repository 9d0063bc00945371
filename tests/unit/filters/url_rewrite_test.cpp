// SPDX-License-Identifier: Apache-2.0
#include "filters/url_rewrite.hpp"

#include <string>

#include "unit/filters/filter_test.hpp"

namespace sallyport::filters {
namespace {

syntax::Substitution substitution(std::string_view regex, std::string_view by) {
  return *syntax::Substitution::compile(regex, by);
}

class UrlRewriteTest : public FilterTest {
 protected:
  void ask(std::string_view path, std::string_view prefix = {}) {
    http::RequestHead& head = incoming_.request.head;
    head.path = path;
    head.query = "q=1";
    head.has_query = true;
    head.host = head.authority = "shop.example.com";
    exchange_.match = {.rule = &rule_, .prefix = path.substr(0, prefix.size())};
  }
  void pass(model::UrlRewrite settings) { run({std::make_shared<UrlRewrite>(settings)}); }

  // What goes up; of a refusal its code and rule.
  std::string outcome() {
    if (*result_) return std::string(incoming_.request.head.path);
    EXPECT_EQ(end_.reached, 0);
    EXPECT_EQ(incoming_.request.head.path, asked_);
    return result_->error().code == Code::bad_path ? std::string("refused by ") + result_->error().rule
                                                   : "another error";
  }
  std::string rewritten(decltype(model::UrlRewrite::path) by, std::string_view path, std::string_view prefix = {}) {
    end_.reached = 0;
    result_.reset();
    asked_ = path;
    ask(path, prefix);
    pass({.path = std::move(by)});
    return outcome();
  }
  std::string with_prefix(std::string_view value, std::string_view path, std::string_view prefix) {
    return rewritten(model::ReplacePrefix{std::string(value)}, path, prefix);
  }
  std::string with_regex(std::string_view regex, std::string_view by, std::string_view path) {
    return rewritten(substitution(regex, by), path);
  }

  model::Rule rule_;
  std::string_view asked_;
};

// The table of Gateway API's HTTPPathModifier; the dialect has taken the trailing slashes of prefix and value.
TEST_F(UrlRewriteTest, ReplacesThePrefix) {
  EXPECT_EQ(with_prefix("/xyz", "/foo/bar", "/foo"), "/xyz/bar");
  EXPECT_EQ(with_prefix("/xyz", "/foo", "/foo"), "/xyz");
  EXPECT_EQ(with_prefix("/xyz", "/foo/", "/foo"), "/xyz/");
  EXPECT_EQ(with_prefix("", "/foo/bar", "/foo"), "/bar");
  EXPECT_EQ(with_prefix("", "/foo/", "/foo"), "/");
  EXPECT_EQ(with_prefix("", "/foo", "/foo"), "/");
  EXPECT_EQ(with_prefix("/xyz", "/bar", ""), "/xyz/bar");
  EXPECT_EQ(with_prefix("/xyz", "/", ""), "/xyz/");
}

TEST_F(UrlRewriteTest, ReplacesBytesOfABytePrefix) {
  EXPECT_EQ(with_prefix("/v2.", "/v1.7/a", "/v1."), "/v2.7/a");
  EXPECT_EQ(with_prefix("/", "/foobar", "/foo"), "/bar");
}

TEST_F(UrlRewriteTest, ReplacesTheWholePath) {
  EXPECT_EQ(rewritten(model::ReplacePath{"/maintenance"}, "/shop/cart"), "/maintenance");
  EXPECT_EQ(incoming_.request.head.query, "q=1");
  EXPECT_TRUE(incoming_.request.head.has_query);
}

TEST_F(UrlRewriteTest, ReplacesWhatTheExpressionFinds) {
  EXPECT_EQ(with_regex("^/user/([0-9]+)/(.*)$", "/\\2/of/\\1", "/user/7/cart"), "/cart/of/7");
  EXPECT_EQ(with_regex("_", "-", "/a_b_c"), "/a-b-c");
  EXPECT_EQ(with_regex("^/nothing", "/x", "/user"), "/user");
}

TEST_F(UrlRewriteTest, TheAccessLogKeepsThePathThatCame) {
  EXPECT_EQ(with_prefix("/xyz", "/foo/bar", "/foo"), "/xyz/bar");
  EXPECT_EQ(exchange_.log.path, "/foo/bar");
}

TEST_F(UrlRewriteTest, TheHostNameThatGoesUpIsTheRulesAndTheRequestsStays) {
  ask("/a");
  pass({.hostname = "api.internal"});
  EXPECT_EQ(incoming_.request.head.authority, "api.internal");
  EXPECT_EQ(incoming_.request.head.host, "shop.example.com");
  EXPECT_EQ(incoming_.request.head.path, "/a");
}

TEST_F(UrlRewriteTest, WithoutAHostNameTheClientsGoesUp) {
  EXPECT_EQ(with_prefix("/xyz", "/foo", "/foo"), "/xyz");
  EXPECT_EQ(incoming_.request.head.authority, "shop.example.com");
}

// H1-20: what follows a prefix of bytes is the client's, and may be half a dot segment.
TEST_F(UrlRewriteTest, APathThatWouldClimbIsRefused) {
  EXPECT_EQ(with_prefix("/", "/api../admin", "/api"), "refused by H1-20");
  EXPECT_EQ(with_prefix("/a/b/", "/api../admin", "/api"), "refused by H1-20");
  EXPECT_EQ(with_prefix("/a/.", "/api./admin", "/api"), "refused by H1-20");
  EXPECT_EQ(with_prefix("/a/", "/api..;x/admin", "/api"), "refused by H1-20");
  EXPECT_EQ(with_regex("^/x(.*)x(.*)$", "/a/\\1/\\2", "/x..x/admin"), "refused by H1-20");
  EXPECT_EQ(with_regex("-", "", "/a/.-./admin"), "refused by H1-20");
  EXPECT_EQ(with_regex("-", "/", "/-..-admin"), "refused by H1-20");
}

// "%2541" is the text "%41" for an upstream, and must not become "A".
TEST_F(UrlRewriteTest, NothingIsDecodedASecondTime) {
  EXPECT_EQ(with_regex("25", "", "/%2541"), "refused by H1-20");
  EXPECT_EQ(with_regex("25", "", "/a/%252e%252e/admin"), "refused by H1-20");
  EXPECT_EQ(with_regex("^/x/(.*)$", "/\\1", "/x/%252e%252e/admin"), "/%252e%252e/admin");
  EXPECT_EQ(with_regex("^/x/(.*)$", "/\\1", "/x/%3B%C3%A9"), "/%3B%C3%A9");
}

TEST_F(UrlRewriteTest, HalvesOfTripletsAreRefused) {
  EXPECT_EQ(with_regex("41|C3", "", "/%C3%A9"), "refused by H1-20");
  EXPECT_EQ(with_regex("^/(.{2})", "/\\1/", "/%C3%A9"), "refused by H1-20");
  EXPECT_EQ(with_regex("z", "0", "/%C3%A9z"), "/%C3%A90");
}

TEST_F(UrlRewriteTest, NulBackslashAndEncodedSlashMayNotComeOutOfIt) {
  EXPECT_EQ(with_regex("x", "", "/%0x0"), "refused by H1-20");
  EXPECT_EQ(with_regex("25", "", "/%2500"), "refused by H1-20");
  EXPECT_EQ(with_regex("25", "", "/%255C"), "refused by H1-20");
  EXPECT_EQ(with_regex("25", "", "/a%252Fb"), "refused by H1-20");
}

TEST_F(UrlRewriteTest, AKeptEncodedSlashStaysWhereTheRuleKeepsIt) {
  rule_.path_options.keep_encoded_slash = true;
  EXPECT_EQ(with_prefix("/xyz", "/foo/a%2Fb", "/foo"), "/xyz/a%2Fb");
  EXPECT_EQ(with_regex("^/foo/(.*)$", "/\\1", "/foo/a%2Fb"), "/a%2Fb");
  EXPECT_EQ(with_prefix("/xyz/", "/foo..%2Fb", "/foo"), "refused by H1-20");
}

// A guard of /api-admin would not see that /api-/admin becomes the same.
TEST_F(UrlRewriteTest, ARunOfSlashesMayComeOutOfItOnlyWhereTheRuleLeavesThem) {
  EXPECT_EQ(with_prefix("/", "/api-/admin", "/api-"), "refused by H1-20");
  EXPECT_EQ(with_regex("^/api(.*)$", "/\\1", "/api/admin"), "refused by H1-20");
  EXPECT_EQ(with_regex("x", "", "/a/x/b"), "refused by H1-20");
  rule_.path_options.merge_slashes = false;
  EXPECT_EQ(with_prefix("/", "/api-/admin", "/api-"), "//admin");
  EXPECT_EQ(with_prefix("/xyz", "/foo//bar", "/foo"), "/xyz//bar");
  EXPECT_EQ(with_regex("x", "", "/a/x/x/b"), "/a///b");
}

TEST_F(UrlRewriteTest, WhatDoesNotBeginWithASlashIsNoPath) {
  EXPECT_EQ(with_regex("^/", "", "/a"), "refused by H1-20");
  EXPECT_EQ(with_regex(".*", "", "/a"), "refused by H1-20");
}

TEST_F(UrlRewriteTest, TooManyPlacesAreRefused) {
  const std::string path = "/" + std::string(syntax::max_substituted_places + 1, '_');
  EXPECT_EQ(with_regex("_", "-", path), "refused by H1-20");
}

TEST_F(UrlRewriteTest, ALongerResultThanAnUpstreamTakesIsTheClientsFault) {
  const std::string path = "/" + std::string(1'000, 'a');
  EXPECT_EQ(with_regex("^/(.*)$", "/\\1\\1\\1\\1\\1\\1\\1\\1\\1", path), "another error");
  EXPECT_EQ(result_->error().code, Code::uri_too_long);
  EXPECT_EQ(with_regex("^/(.*)$", "/\\1\\1\\1\\1", path), "/" + std::string(4'000, 'a'));
  EXPECT_EQ(with_prefix("/" + std::string(longest_rewritten_path, 'b'), path, ""), "another error");
  EXPECT_EQ(result_->error().code, Code::uri_too_long);
}

// The limit for what comes may be higher, and is for its owner to choose.
TEST_F(UrlRewriteTest, WhatCameLongerMayStayAsLong) {
  arena_.clear();
  const std::string path = "/foo/" + std::string(2 * longest_rewritten_path, 'a');
  EXPECT_EQ(with_prefix("/xyz", path, "/foo"), "/xyz/" + std::string(2 * longest_rewritten_path, 'a'));
}

TEST_F(UrlRewriteTest, WithoutRoomTheRequestIsRefused) {
  for (const auto& by : {decltype(model::UrlRewrite::path)(model::ReplacePrefix{"/xyz"}),
                         decltype(model::UrlRewrite::path)(substitution("f", "g"))}) {
    ask("/foo/bar", "/foo");
    while (arena_.allocate(1, 1) != nullptr) {
    }
    pass({.hostname = "api.internal", .path = by});
    ASSERT_FALSE(*result_);
    EXPECT_EQ(result_->error().code, Code::overloaded);
    EXPECT_EQ(end_.reached, 0);
  }
}

}  // namespace
}  // namespace sallyport::filters
