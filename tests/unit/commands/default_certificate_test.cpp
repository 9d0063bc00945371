// SPDX-License-Identifier: Apache-2.0
#include "commands/default_certificate.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace sallyport::commands {
namespace {

ObjectRef fallback() { return {.group = "", .kind = "Secret", .namespace_ = "shop", .name = "fallback"}; }

model::Delta change(std::vector<model::Id> changed, std::vector<model::Id> removed = {}) {
  model::Delta delta;
  for (model::Id& id : changed) {
    auto made = std::make_shared<model::Certificate>();
    made->id = std::move(id);
    delta.certificates.changed.push_back(std::move(made));
  }
  delta.certificates.removed = std::move(removed);
  return delta;
}

std::string told(DefaultCertificate& one) {
  const auto news = one.news();
  return news ? (news->is_problem ? "problem: " : "") + news->line : "";
}

constexpr const char* missing = "problem: --default-certificate: there is no Secret shop/fallback that can be used";

TEST(DefaultCertificate, IsToldWhenItIsMissingAndWhenItComes) {
  DefaultCertificate one(fallback());
  one.note(change({"shop/other"}));
  EXPECT_EQ(one.problem(), "--default-certificate: there is no Secret shop/fallback that can be used");
  EXPECT_EQ(told(one), missing);
  EXPECT_EQ(told(one), "") << "once";
  one.note(change({"shop/fallback"}));
  EXPECT_EQ(told(one), "--default-certificate: Secret shop/fallback is there");
  EXPECT_EQ(one.problem(), "");
}

TEST(DefaultCertificate, IsToldWhenItGoesMissingLater) {
  DefaultCertificate one(fallback());
  one.note(change({"shop/fallback"}));
  EXPECT_EQ(told(one), "") << "as it should be";
  one.note(change({"shop/fallback"}));
  EXPECT_EQ(told(one), "") << "renewed";
  one.note(change({}, {"shop/other"}));
  EXPECT_EQ(told(one), "");
  one.note(change({}, {"shop/fallback"}));
  EXPECT_EQ(told(one), missing);
}

TEST(DefaultCertificate, NobodyMissesWhatNoOptionNames) {
  DefaultCertificate one(std::nullopt);
  one.note(change({}));
  EXPECT_EQ(told(one), "");
  EXPECT_EQ(one.problem(), "");
}

}  // namespace
}  // namespace sallyport::commands
