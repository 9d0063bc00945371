// SPDX-License-Identifier: Apache-2.0
#include "proxy/names.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "unit/proxy/named_test.hpp"

namespace sallyport::proxy {
namespace {

using support::DnsQuestion;

class NamesTest : public NamedTest {
 protected:
  // Nobody asks twice, and whatever is said is soon out of date.
  NamesTest() {
    names_settings_.resolver.first_wait = std::chrono::hours(1);
    names_settings_.resolver.most_ttl = net::Duration(5);
    names_settings_.late = net::Duration(0);
    addresses_ = {"192.0.2.1", "2001:db8::1"};
    dns_.set_script([this](const DnsQuestion& question) {
      asked_for_v6_ += question.type == DnsQuestion::aaaa ? 1U : 0U;
      const bool is_silent = silent_about_v4_ && question.type == DnsQuestion::a;
      return is_silent ? std::vector<std::string>() : answer(question);
    });
  }
  ~NamesTest() override { name_.reset(); }

  Name::State state() {
    if (names_ == nullptr) names_ = std::make_unique<Names>(loop_, names_settings_);
    if (name_ == nullptr) name_ = names_->name("shop.example.com");
    run_until([&] { return name_->look() != Name::State::waiting; });
    return name_->look();
  }
  // After the shortest life that an answer has.
  void look_soon() {
    run_past(loop_.now() + names_settings_.resolver.least_ttl);
    EXPECT_EQ(state(), Name::State::usable);
  }
  // What is known after one more answer.
  Addresses now_known() {
    run_past(loop_.now() + names_settings_.resolver.most_ttl);
    EXPECT_EQ(state(), Name::State::usable);
    Addresses known;
    for (const auto& address : name_->addresses()) known.push_back(address.text());
    return known;
  }

  bool silent_about_v4_ = false;
  std::size_t asked_for_v6_ = 0;
  std::shared_ptr<Name> name_;
};

TEST_F(NamesTest, AFamilyThatIsNotAnsweredForKeepsItsAddresses) {
  EXPECT_EQ(now_known(), (Addresses{"192.0.2.1", "2001:db8::1"}));
  silent_about_v4_ = true;
  addresses_ = {"192.0.2.2", "2001:db8::2"};
  EXPECT_EQ(now_known(), (Addresses{"192.0.2.1", "2001:db8::2"}));
  EXPECT_EQ(now_known(), (Addresses{"192.0.2.1", "2001:db8::2"}));
  silent_about_v4_ = false;
  EXPECT_EQ(now_known(), (Addresses{"192.0.2.2", "2001:db8::2"}));
}

TEST_F(NamesTest, ButNotForLongerThanAnyAnswerMayBeOld) {
  names_settings_.stale = net::Duration(0);
  now_known();
  silent_about_v4_ = true;
  EXPECT_EQ(now_known(), Addresses{"2001:db8::1"});
}

TEST_F(NamesTest, ThatThereIsNoneOfAFamilyIsAnAnswer) {
  now_known();
  addresses_ = {"2001:db8::1"};
  EXPECT_EQ(now_known(), Addresses{"2001:db8::1"});
}

TEST_F(NamesTest, NoMoreAreKeptThanOneNameMayHave) {
  names_settings_.resolver.most_addresses = 2;
  now_known();
  silent_about_v4_ = true;
  addresses_ = {"2001:db8::3", "2001:db8::4"};
  EXPECT_EQ(now_known(), (Addresses{"192.0.2.1", "2001:db8::3"}));
}

TEST_F(NamesTest, WhatIsLackingIsAskedForSoonButNotOfWhoNeverSaysIt) {
  names_settings_.resolver.most_ttl = std::chrono::hours(1);
  silent_about_v4_ = true;
  look_soon();
  EXPECT_EQ(asked_for_v6_, 1U);
  look_soon();
  EXPECT_EQ(asked_for_v6_, 2U);
  look_soon();
  EXPECT_EQ(asked_for_v6_, 2U);
}

TEST_F(NamesTest, WhoSaidItOnceIsAskedAgain) {
  names_settings_.resolver.most_ttl = std::chrono::hours(1);
  ttl_ = 0;
  look_soon();
  silent_about_v4_ = true;
  ttl_ = 300;
  for (std::size_t times = 2; times <= 4; ++times) {
    look_soon();
    EXPECT_EQ(asked_for_v6_, times);
  }
}

}  // namespace
}  // namespace sallyport::proxy
