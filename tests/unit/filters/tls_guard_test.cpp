// SPDX-License-Identifier: Apache-2.0
#include "filters/tls_guard.hpp"

#include "unit/filters/filter_test.hpp"

namespace sallyport::filters {
namespace {

class TlsGuardTest : public FilterTest {
 protected:
  void arrive_under(std::string_view policy) {
    exchange_.tls_policy = policy;
    run({std::make_shared<TlsGuard>(model::TlsGuard{.policy = "tls12-tls13 require sha256:aa"})});
  }
  void expect_misdirected() {
    EXPECT_EQ(end_.reached, 0);
    ASSERT_FALSE(result_->has_value());
    EXPECT_EQ(result_->error().code, Code::misdirected);
  }
};

TEST_F(TlsGuardTest, AConnectionUnderThePolicyIsServed) {
  arrive_under("tls12-tls13 require sha256:aa");
  EXPECT_EQ(end_.reached, 1);
}

TEST_F(TlsGuardTest, OneWithoutTlsIsMisdirected) {
  arrive_under("");
  expect_misdirected();
}

TEST_F(TlsGuardTest, OneThatWasMadeForAnotherNameIsMisdirected) {
  arrive_under("tls12-tls13 off");
  expect_misdirected();
}

TEST_F(TlsGuardTest, OneThatWasJudgedByOtherAuthoritiesIsMisdirected) {
  arrive_under("tls12-tls13 require sha256:bb");
  expect_misdirected();
}

}  // namespace
}  // namespace sallyport::filters
