// SPDX-License-Identifier: Apache-2.0
#include "support/chaos_filter.hpp"

#include <string_view>

#include "http/fixed_body.hpp"
#include "net/task.hpp"

namespace sallyport::support {
namespace {

using Point = Chaos::Point;
using Action = Chaos::Action;
using Answer = ChaosFilter::Answer;

Answer own_answer(filters::Exchange& exchange) {
  constexpr std::string_view text = "answered by the filter";
  http::Response response(exchange.arena());
  response.head.status = 202;
  response.head.reason = "Accepted";
  response.head.framing = {.kind = http::Framing::Kind::length, .length = text.size()};
  if (exchange.request().method != http::Method::head) {
    response.body.reset(exchange.arena().make<http::FixedBody>(text));
  }
  return response;
}

net::Task<void> call_side(filters::Exchange& exchange, bool reads) {
  http::Request request(exchange.arena());
  request.head.method = http::Method::get;
  request.head.method_text = "GET";
  request.head.path = "/check";
  request.head.authority = "side";
  const http::CallLimits limits{.deadline = exchange.incoming.loop.now() + net::Duration(10'000),
                                .response_bytes = 100'000};
  Answer response = co_await exchange.caller.call("side", request, exchange.arena(), limits);
  while (reads && response && response->body) {
    const Result<std::string_view> piece = co_await response->body->read();
    if (!piece || piece->empty()) break;
  }
}

// What may be done wherever the filter is.
net::Task<void> act_anywhere(Chaos& chaos, filters::Exchange& exchange) {
  chaos.acted = true;
  const Chaos::Alive alive(chaos);
  switch (chaos.action) {
    case Action::suspend:
      co_await chaos.gate.opened();
      break;
    case Action::suspend_call:
      co_await chaos.gate.opened();
      co_await call_side(exchange, true);
      break;
    case Action::call:
      co_await call_side(exchange, true);
      break;
    case Action::drop_call:
      co_await call_side(exchange, false);
      break;
    default:
      break;
  }
}

// Around a body: acts at one of its reads.
class ChaosBody final : public http::Body {
 public:
  ChaosBody(Chaos& chaos, filters::Exchange& exchange, http::Body& of, ArenaPtr<http::Body> held, unsigned at)
      : chaos_(chaos), exchange_(exchange), body_(of), held_(std::move(held)), at_(at) {}

  net::Task<Result<std::string_view>> read() override {
    if (reads_++ == at_ && !chaos_.acted) {
      co_await act_anywhere(chaos_, exchange_);
      if (chaos_.action == Action::fail) failed_ = true;
    }
    if (failed_) co_return sallyport::fail(Code::internal);
    co_return co_await body_.read();
  }
  bool ready() const override { return reads_ > at_ && body_.ready(); }
  const http::Fields* trailers() const override { return body_.trailers(); }

 private:
  Chaos& chaos_;
  filters::Exchange& exchange_;
  http::Body& body_;
  ArenaPtr<http::Body> held_;
  Chaos::Alive alive_{chaos_};
  unsigned at_;
  unsigned reads_ = 0;
  bool failed_ = false;
};

void wrap_request(Chaos& chaos, filters::Exchange& exchange) {
  http::Body*& body = exchange.incoming.request.body;
  if (body == nullptr) return;
  const unsigned at = chaos.point == Point::request_first ? 0 : 1;
  auto* const made = exchange.arena().make<ChaosBody>(chaos, exchange, *body, nullptr, at);
  const bool kept = exchange.after_last_byte([made](const http::Outcome&) { std::destroy_at(made); });
  if (!kept) return std::destroy_at(made);
  body = made;
}

void wrap_response(Chaos& chaos, filters::Exchange& exchange, Answer& response) {
  if (!response || !response->body) return;
  const unsigned at = chaos.point == Point::response_first ? 0 : 1;
  http::Body& inner = *response->body;
  response->body.reset(exchange.arena().make<ChaosBody>(chaos, exchange, inner, std::move(response->body), at));
}

net::Task<void> send_interim(filters::Exchange& exchange) {
  http::ResponseHead head(exchange.arena());
  head.status = 103;
  head.reason = "Early Hints";
  static_cast<void>(co_await exchange.interim(head));
}

}  // namespace

// Nothing: the request goes on as if the filter were not there.
net::Task<std::optional<Answer>> ChaosFilter::act(filters::Exchange& exchange, filters::Next next) const {
  std::optional<Answer> answer;
  co_await act_anywhere(chaos_, exchange);
  const Chaos::Alive alive(chaos_);
  switch (chaos_.action) {
    case Action::answer:
      answer.emplace(own_answer(exchange));
      break;
    case Action::fail:
      answer.emplace(sallyport::fail(Code::no_service));
      break;
    case Action::give_up:
      answer.emplace(sallyport::fail(Code::client_gone));
      break;
    case Action::reroute:
      answer.emplace(co_await exchange.reroute());
      break;
    case Action::again: {
      {
        const Answer first = co_await next(exchange);
      }
      answer.emplace(co_await next(exchange));
      break;
    }
    case Action::cancel: {
      net::Beside<Answer> beside(next(exchange));
      co_await chaos_.gate.opened();
      answer.emplace(own_answer(exchange));
      break;
    }
    default:
      break;
  }
  co_return answer;
}

net::Task<Answer> ChaosFilter::handle(filters::Exchange& exchange, filters::Next next) const {
  if (chaos_.acted) co_return co_await next(exchange);
  const Chaos::Alive alive(chaos_);
  const Point point = chaos_.point;
  if (point == Point::request_first || point == Point::request_second) wrap_request(chaos_, exchange);
  if (point == Point::last_byte) {
    const bool kept = exchange.after_last_byte([&chaos = chaos_](const http::Outcome&) { chaos.acted = true; });
    if (!kept) co_return sallyport::fail(Code::overloaded);
  }
  if (point == Point::interim) {
    co_await send_interim(exchange);
    co_await act_anywhere(chaos_, exchange);
    co_await send_interim(exchange);
  }
  if (point == Point::before_next) {
    std::optional<Answer> answer = co_await act(exchange, next);
    if (answer) co_return std::move(*answer);
  }
  Answer response = co_await next(exchange);
  if (point == Point::after_next) {
    if (chaos_.action != Action::suspend && chaos_.action != Action::call) {
      response = sallyport::fail(Code::internal);  // what came is dropped before anything else is done
    }
    std::optional<Answer> answer = co_await act(exchange, next);
    if (answer) co_return std::move(*answer);
  }
  if (point == Point::response_first || point == Point::response_second) wrap_response(chaos_, exchange, response);
  co_return response;
}

}  // namespace sallyport::support
