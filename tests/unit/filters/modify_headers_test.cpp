// SPDX-License-Identifier: Apache-2.0
#include "filters/modify_headers.hpp"

#include "unit/filters/filter_test.hpp"

namespace sallyport::filters {
namespace {

using Values = std::vector<std::string>;
using Changes = model::HeaderChanges;

class ModifyHeadersTest : public FilterTest {
 protected:
  // What a filter adds are views of its settings, which outlive the message.
  void pass(Chain chain) {
    chain_ = std::move(chain);
    run(chain_);
  }
  void modify(Changes request, Changes response = {}) { pass({filter(std::move(request), std::move(response))}); }
  static std::shared_ptr<const Filter> filter(Changes request, Changes response) {
    return std::make_shared<ModifyHeaders>(
        model::ModifyHeaders{.request = std::move(request), .response = std::move(response)});
  }

 private:
  Chain chain_;
};

// Names and values in order, the way a message has them.
Values written(const http::Fields& fields) {
  Values all;
  for (const http::Field& field : fields) all.push_back(std::string(field.name) + ": " + std::string(field.value));
  return all;
}

// Stands behind the filter and answers with these fields.
class Answers final : public Filter {
 public:
  explicit Answers(std::vector<std::pair<std::string, std::string>> fields, bool fill_arena = false)
      : fields_(std::move(fields)), fill_arena_(fill_arena) {}
  net::Task<Result<http::Response>> handle(Exchange& exchange, Next) const override {
    http::Response response(exchange.arena());
    for (const auto& [name, value] : fields_) EXPECT_TRUE(response.head.fields.add(name, value));
    while (fill_arena_ && exchange.arena().allocate(64, 1) != nullptr) {
    }
    co_return response;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
  bool fill_arena_;
};

TEST_F(ModifyHeadersTest, RemovesSetsAndAddsInThisOrder) {
  add("X-Set", "old");
  add("X-Add", "first");
  add("X-Gone", "1");
  add("Accept", "text/html");
  modify({.remove = {"X-Gone"}, .set = {{"X-Set", "new"}}, .add = {{"X-Add", "second"}}});
  EXPECT_EQ(written(fields()), (Values{"X-Add: first", "Accept: text/html", "X-Set: new", "X-Add: second"}));
  EXPECT_EQ(end_.reached, 1);
}

TEST_F(ModifyHeadersTest, WhatIsRemovedMayBeSetAndAddedAnew) {
  add("X-Both", "old");
  add("X-Added", "old");
  modify(
      {.remove = {"X-Both", "X-Added"}, .set = {{"X-Both", "new"}}, .add = {{"X-Added", "new"}, {"X-Both", "more"}}});
  EXPECT_EQ(written(fields()), (Values{"X-Both: new", "X-Added: new", "X-Both: more"}));
}

TEST_F(ModifyHeadersTest, EveryFieldOfANameIsMeantInAnyCase) {
  for (const std::string_view name : {"X-Debug", "x-debug", "X-DEBUG"}) add(name, "1");
  for (const std::string_view name : {"User-Agent", "user-agent", "USER-AGENT"}) add(name, "1");
  for (const std::string_view name : {"Accept-Language", "accept-language"}) add(name, "1");
  modify({.remove = {"x-Debug", "user-Agent"}, .set = {{"ACCEPT-language", "de"}}, .add = {}});
  EXPECT_EQ(written(fields()), Values{"ACCEPT-language: de"});
}

TEST_F(ModifyHeadersTest, OtherNamesStayAsTheyAre) {
  add("X-Debugger", "1");
  add("X-Debu", "2");
  add("User-Agents", "3");
  modify({.remove = {"X-Debug", "User-Agent"}, .set = {}, .add = {}});
  EXPECT_EQ(written(fields()), (Values{"X-Debugger: 1", "X-Debu: 2", "User-Agents: 3"}));
}

TEST_F(ModifyHeadersTest, WhatIsAddedIsFoundByItsId) {
  modify({.remove = {}, .set = {{"user-agent", "gate"}}, .add = {{"X-Unknown", "1"}}});
  ASSERT_NE(fields().find(syntax::HeaderId::user_agent), nullptr);
  EXPECT_EQ(fields().value(syntax::HeaderId::user_agent), "gate");
  ASSERT_NE(fields().find("x-unknown"), nullptr);
}

TEST_F(ModifyHeadersTest, AnEmptyValueIsAValue) {
  modify({.remove = {}, .set = {{"X-Empty", ""}}, .add = {}});
  EXPECT_EQ(written(fields()), Values{"X-Empty: "});
}

TEST_F(ModifyHeadersTest, TheResponseIsChangedOnItsWayDownAndTheRequestIsNot) {
  add("Server", "client's own");
  pass({filter({}, {.remove = {"Server"}, .set = {{"X-Frame-Options", "DENY"}}, .add = {{"Vary", "Origin"}}}),
        std::make_shared<Answers>(std::vector<std::pair<std::string, std::string>>{
            {"Server", "origin"}, {"Vary", "Accept"}, {"x-frame-options", "SAMEORIGIN"}})});
  ASSERT_TRUE(result_->has_value());
  EXPECT_EQ(written((*result_)->head.fields), (Values{"Vary: Accept", "X-Frame-Options: DENY", "Vary: Origin"}));
  EXPECT_EQ(values("Server"), Values{"client's own"});
}

class Fails final : public Filter {
 public:
  net::Task<Result<http::Response>> handle(Exchange&, Next) const override { co_return fail(Code::connect_failed); }
};

TEST_F(ModifyHeadersTest, AnErrorPassesAsItIs) {
  pass({filter({}, {.remove = {}, .set = {{"X-A", "1"}}, .add = {}}), std::make_shared<Fails>()});
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().code, Code::connect_failed);
}

TEST_F(ModifyHeadersTest, WithoutRoomTheRequestIsRefused) {
  while (arena_.allocate(64, 1) != nullptr) {
  }
  modify({.remove = {}, .set = {{"X-Set", "new"}}, .add = {}});
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().code, Code::overloaded);
  EXPECT_EQ(end_.reached, 0);
}

TEST_F(ModifyHeadersTest, WithoutRoomTheResponseIsRefused) {
  pass({filter({}, {.remove = {}, .set = {{"X-Set", "new"}}, .add = {}}),
        std::make_shared<Answers>(std::vector<std::pair<std::string, std::string>>{}, true)});
  ASSERT_FALSE(*result_);
  EXPECT_EQ(result_->error().code, Code::overloaded);
}

TEST_F(ModifyHeadersTest, RemovingNeedsNoRoom) {
  add("X-Gone", "1");
  while (arena_.allocate(64, 1) != nullptr) {
  }
  modify({.remove = {"X-Gone"}, .set = {}, .add = {}});
  EXPECT_TRUE(fields().empty());
  EXPECT_EQ(end_.reached, 1);
}

}  // namespace
}  // namespace sallyport::filters
