// SPDX-License-Identifier: Apache-2.0
// A request at a filter, with an end of the chain that only remembers that it was reached.

#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "filters/filter.hpp"
#include "net/loop.hpp"

namespace sallyport::filters {

class FakeExchange final : public Exchange {
 public:
  using Exchange::Exchange;
  ~FakeExchange() override = default;
  net::Task<Result<http::Response>> reroute() override { co_return fail(Code::no_path); }
};

class FilterTest : public testing::Test, private http::InterimSink, private http::Caller {
 protected:
  struct End final : Stage {
    explicit End(Arena& of) : arena(of) {}
    net::Task<Result<http::Response>> run() override {
      ++reached;
      http::Response response(arena);
      response.head.status = 204;
      co_return response;
    }
    Arena& arena;
    int reached = 0;
  };

  net::Task<Result<void>> interim(const http::ResponseHead&) override { co_return Result<void>(); }
  net::Task<Result<http::Response>> call(std::string_view, const http::Request&, Arena&, http::CallLimits) override {
    co_return fail(Code::internal);
  }

  void come_from(std::string_view address) {
    connection_ = http::ConnectionFacts::of(*syntax::SocketAddress::parse(address));
    exchange_.client = connection_.client.ip;
  }
  http::Fields& fields() { return incoming_.request.head.fields; }
  void add(std::string_view name, std::string_view value) { ASSERT_TRUE(fields().add(name, value)); }
  // Every value under that very spelling.
  std::vector<std::string> values(std::string_view name) {
    std::vector<std::string> all;
    for (const http::Field& field : fields()) {
      if (syntax::equals_ignore_case(field.name, name)) all.emplace_back(field.value);
    }
    return all;
  }
  static std::vector<syntax::Cidr> blocks(std::initializer_list<std::string_view> texts) {
    std::vector<syntax::Cidr> all;
    for (const auto text : texts) all.push_back(*syntax::Cidr::parse(text));
    return all;
  }

  static net::Task<void> run_it(FilterTest& test, const Chain& chain) {
    test.result_.emplace(co_await Next(chain, test.end_)(test.exchange_));
  }
  void run(const Chain& chain) {
    task_ = run_it(*this, chain);
    task_.start();
    ASSERT_TRUE(result_.has_value());
  }

  net::Loop loop_;
  Arena arena_;
  http::ConnectionFacts connection_ = http::ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1234"));
  http::Incoming incoming_{arena_, loop_, connection_, *this};
  model::Listener listener_{.id = "web", .port = 80};
  SharedStates shared_;
  WorkerStates states_{shared_};
  FakeExchange exchange_{incoming_, listener_, states_, *this,
                         std::array<std::uint64_t, 2>{0x0123456789abcdef, 0xfedcba9876543210}};
  End end_{arena_};
  std::optional<Result<http::Response>> result_;
  net::Task<void> task_;
};

}  // namespace sallyport::filters
