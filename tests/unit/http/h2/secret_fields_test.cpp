// SPDX-License-Identifier: Apache-2.0
// Fields that their sender keeps out of every compression table (RFC 7541 6.2.3, 7.1.3).

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/http/h2/h2_server_test.hpp"

namespace sallyport::http::h2 {
namespace {

using Names = std::vector<std::string>;

class H2SecretTest : public H2ServerTest {
 protected:
  H2SecretTest() {
    handler_.script = [this](Incoming& incoming) {
      for (const Field& field : incoming.request.head.fields) {
        if (field.is_secret) seen_.emplace_back(field.name);
      }
      return answers(incoming);
    };
  }

  static net::Task<Result<Response>> answers(Incoming& incoming) {
    Response response = support::text_response(incoming.arena, "x");
    Fields& fields = response.head.fields;
    EXPECT_TRUE(fields.add("X-Open", "1") && fields.add("X-Hidden", "2"));
    fields.mark_secret(1);
    EXPECT_TRUE(fields.add("X-Other", "3"));
    co_return response;
  }

  Names seen_;
};

TEST_F(H2SecretTest, ThoseOfARequestAreKnownToTheHandler) {
  auto client = start();
  client->keep_secret("x-token");
  client->headers(1, h2_get("/", {{"accept", "*/*"}, {"x-token", "1"}, {"x", "y"}}));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(seen_, Names({"x-token"}));
}

TEST_F(H2SecretTest, OneCrumbThatIsSecretMakesTheCookieSecret) {
  auto client = start();
  client->headers(1, h2_get("/", {{"cookie", "a=123456789012345678901"}, {"cookie", "b=2"}}));  // it hides short ones
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(seen_, Names({"cookie"}));
}

TEST_F(H2SecretTest, ThoseOfAnAnswerAreSentAsSuch) {
  auto client = start();
  client->headers(1, h2_get("/"));
  ASSERT_TRUE(answered(*client, 1));
  EXPECT_EQ(client->answer(1).secrets, Names({"x-hidden"}));
}

}  // namespace
}  // namespace sallyport::http::h2
