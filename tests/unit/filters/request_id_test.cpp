// SPDX-License-Identifier: Apache-2.0
#include "filters/request_id.hpp"

#include "unit/filters/filter_test.hpp"

namespace sallyport::filters {
namespace {

using Values = std::vector<std::string>;

constexpr const char* fresh = "fedcba98765432100123456789abcdef";  // of the exchange's numbers, lowest digit first

class RequestIdTest : public FilterTest {
 protected:
  void identify(std::initializer_list<std::string_view> trusted) {
    run({std::make_shared<RequestId>(model::RequestId{.trusted = blocks(trusted)})});
  }
};

TEST_F(RequestIdTest, EveryRequestGetsOne) {
  identify({});
  EXPECT_EQ(values("X-Request-Id"), Values{fresh});
  EXPECT_EQ(exchange_.log.request_id, fresh);
  EXPECT_EQ(end_.reached, 1);
}

TEST_F(RequestIdTest, AClientsOwnIsReplaced) {
  add("x-request-id", "mine");
  identify({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Request-Id"), Values{fresh});
}

TEST_F(RequestIdTest, ATrustedProxysIsKept) {
  come_from("10.0.0.1:1234");
  add("x-request-id", "theirs");
  add("X-Request-Id", "another");
  identify({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Request-Id"), Values{"theirs"}) << "and there is one only";
  EXPECT_EQ(exchange_.log.request_id, "theirs");
}

TEST_F(RequestIdTest, OneOf128BytesIsKeptAndALongerOneIsNot) {
  come_from("10.0.0.1:1234");
  add("X-Request-Id", std::string_view(arena_.copy(std::string(128, 'i'))));
  identify({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Request-Id"), Values{std::string(128, 'i')});
  fields().clear();
  add("X-Request-Id", std::string_view(arena_.copy(std::string(129, 'i'))));
  identify({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Request-Id"), Values{fresh});
}

TEST_F(RequestIdTest, AnEmptyOneIsNone) {
  come_from("10.0.0.1:1234");
  add("X-Request-Id", "");
  identify({"10.0.0.0/8"});
  EXPECT_EQ(values("X-Request-Id"), Values{fresh});
}

TEST_F(RequestIdTest, WithoutRoomTheRequestIsRefused) {
  add("Accept", "*/*");  // so that there is room for the field itself
  while (arena_.allocate(1, 1) != nullptr) {
  }
  identify({});
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().code, Code::overloaded);
  EXPECT_EQ(end_.reached, 0);
}

}  // namespace
}  // namespace sallyport::filters
