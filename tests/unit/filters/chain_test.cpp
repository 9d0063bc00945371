// SPDX-License-Identifier: Apache-2.0
#include "filters/make.hpp"
#include "unit/filters/filter_test.hpp"

namespace sallyport::filters {
namespace {

using ChainTest = FilterTest;

// Says its name on either side of what follows it.
class Says final : public Filter {
 public:
  Says(std::string& to, char name) : to_(to), name_(name) {}
  net::Task<Result<http::Response>> handle(Exchange& exchange, Next next) const override {
    to_ += name_;
    Result<http::Response> response = co_await next(exchange);
    to_ += name_;
    co_return response;
  }

 private:
  std::string& to_;
  char name_;
};

class Refuses final : public Filter {
 public:
  net::Task<Result<http::Response>> handle(Exchange&, Next) const override { co_return fail(Code::no_service); }
};

TEST_F(ChainTest, AnEmptyOneIsItsEnd) {
  run({});
  EXPECT_EQ(end_.reached, 1);
  EXPECT_EQ((*result_)->head.status, 204);
}

TEST_F(ChainTest, FiltersStandAroundWhatFollowsThem) {
  std::string said;
  run({std::make_shared<Says>(said, 'a'), std::make_shared<Says>(said, 'b'), std::make_shared<Says>(said, 'c')});
  EXPECT_EQ(said, "abccba");
  EXPECT_EQ(end_.reached, 1);
}

TEST_F(ChainTest, AFilterThatAnswersEndsIt) {
  std::string said;
  run({std::make_shared<Says>(said, 'a'), std::make_shared<Refuses>(), std::make_shared<Says>(said, 'c')});
  EXPECT_EQ(said, "aa");
  EXPECT_EQ(end_.reached, 0);
  EXPECT_EQ(result_->error().code, Code::no_service);
}

template <std::size_t... Index>
std::vector<model::Filter> one_of_each(std::index_sequence<Index...>) {
  return {std::variant_alternative_t<Index, model::Filter>()...};
}

TEST_F(ChainTest, EveryFilterOfTheModelCanBeMade) {
  const auto settings = one_of_each(std::make_index_sequence<std::variant_size_v<model::Filter>>());
  const Chain chain = make(settings);
  ASSERT_EQ(chain.size(), settings.size());
  for (const auto& filter : chain) EXPECT_NE(filter, nullptr);
}

TEST_F(ChainTest, FiltersAreMadeInTheirOrder) {
  // The claim goes, then the id is made: the other way round it would be removed or kept.
  add("X-Forwarded-For", "10.9.9.9");
  run(make({model::ForwardedHeaders(), model::RequestId()}));
  EXPECT_EQ(values("X-Forwarded-For"), std::vector<std::string>{"192.0.2.1"});
  ASSERT_FALSE(fields().empty());
  EXPECT_EQ((fields().end() - 1)->name, "X-Request-Id");
}

}  // namespace
}  // namespace sallyport::filters
