// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/exchange.hpp"

#include <algorithm>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "sources/api_server/backoff.hpp"

namespace sallyport::sources::api_server {
namespace {

using syntax::HeaderId;

struct Spelling {
  http::Method method;
  std::string_view text;
};

constexpr Spelling spelling_of(Verb verb) {
  switch (verb) {
    case Verb::post:
      return {http::Method::post, "POST"};
    case Verb::put:
      return {http::Method::put, "PUT"};
    case Verb::patch:
      return {http::Method::patch, "PATCH"};
    case Verb::remove:
      return {http::Method::delete_, "DELETE"};
    default:
      return {http::Method::get, "GET"};
  }
}

}  // namespace

// The prefix and the target one behind the other, which parsers would call canonical: we made them.
bool Exchange::write_request(const Ask& ask, const Texts& texts) {
  http::RequestHead& head = request_.head;
  const Spelling spelling = spelling_of(ask.verb);
  head.method = spelling.method;
  head.method_text = spelling.text;
  std::string_view target = ask.target;
  if (!texts.server.prefix.empty()) target = arena_.copy(text::cat(texts.server.prefix, ask.target));
  const std::size_t mark = target.find('?');
  head.path = target.substr(0, mark);
  head.has_query = mark != target.npos;
  if (head.has_query) head.query = target.substr(mark + 1);
  head.host = texts.server.host;
  head.port = texts.server.port;
  head.authority = texts.authority;
  bool good = head.fields.add(HeaderId::accept, ask.accept) && head.fields.add(HeaderId::user_agent, texts.user_agent);
  if (!ask.content_type.empty()) {
    good = good && head.fields.add(HeaderId::content_type, ask.content_type);
    head.framing = {.kind = http::Framing::Kind::length, .length = ask.body.size()};
    if (!ask.body.empty()) request_.body = &request_body_.emplace(ask.body);
  }
  if (texts.authorization != nullptr) {
    authorization_ = texts.authorization;
    const std::size_t before = head.fields.size();
    good = good && head.fields.add(HeaderId::authorization, authorization_->reveal());
    head.fields.mark_secret(before);
  }
  return good;
}

net::Task<Result<void>> Exchange::begin(Carrier carrier, const Ask& ask, Texts texts, net::Time deadline) {
  carrier_.emplace(std::move(carrier));
  if (!write_request(ask, texts)) co_return fail(invalid(text::cat("the request for ", ask.target, " is too long")));
  static const http::Hop hop;
  sending_.emplace(carrier_->exchange().send(request_, hop));
  Result<void> read = co_await read_head(deadline);
  if (!read) {
    // What stopped the request says more than that there is no answer.
    if (sending_->done()) {
      Result<void> sent = sending_->take();
      if (!sent) read = std::move(sent);
    }
    const bool is_harmless = ask.verb == Verb::get && carrier_->exchange().may_be_stale();
    may_be_repeated_ = read.error().retry_safe || is_harmless;
    co_return read;
  }
  body_ = &carrier_->exchange().begin_body(head_.framing);
  co_return read;
}

net::Task<Result<void>> Exchange::read_head(net::Time deadline) {
  constexpr int most_interim = 8;
  for (int heads = 0; heads <= most_interim; ++heads) {
    const Result<void> read = co_await carrier_->exchange().read_head(request_.head.method, head_, deadline);
    if (!read || head_.status >= 200) co_return read;
  }
  co_return fail(Code::upstream_malformed, "", "too many interim answers");
}

// A date is not heeded: clocks differ, and API servers give seconds.
std::optional<net::Duration> Exchange::retry_after() const {
  constexpr std::uint64_t most = std::chrono::duration_cast<std::chrono::seconds>(longest_asked).count();
  const auto seconds = parse_decimal<std::uint64_t>(head_.fields.value(HeaderId::retry_after));
  if (!seconds) return std::nullopt;
  return std::chrono::seconds(std::min(*seconds, most));
}

net::Task<void> Exchange::pull() {
  pulled_.emplace(co_await body_->read());
  is_pulling_ = false;
  if (arrival_.signal.is_waited_for()) loop_.defer(arrival_);
}

net::Task<Result<std::string_view>> Exchange::read(net::Time deadline) {
  if (!is_pulling_ && !pulled_) {
    is_pulling_ = true;
    pulling_ = pull();
    pulling_.start();
  }
  if (!pulled_) {
    const bool in_time = co_await arrival_.signal.wait(loop_, deadline);
    if (!in_time && !pulled_) co_return fail(Code::upstream_timeout, "", "nothing came in time");
  }
  const Result<std::string_view> piece = std::move(*pulled_);
  pulled_.reset();
  co_return piece;
}

}  // namespace sallyport::sources::api_server
