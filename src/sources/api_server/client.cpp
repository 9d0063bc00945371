// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/client.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "sources/api_server/answer_text.hpp"

namespace sallyport::sources::api_server {
namespace {

constexpr int most_tries = 4;

Urgency urgency_of(const Ask& ask) {
  if (ask.is_one_of_many) return Urgency::one_of_many;
  return ask.target.starts_with("/apis/coordination.k8s.io/") ? Urgency::lease : Urgency::usual;
}

// The server may have another certificate by now, and the file of who vouches for it be newer than what we have of it.
bool is_about_trust(Code code) { return code == Code::upstream_untrusted || code == Code::upstream_tls; }

net::Task<Result<std::vector<syntax::IpAddress>>> addresses_of(net::Resolver& resolver, std::string name,
                                                               net::Time deadline) {
  Result<net::Resolved> resolved = co_await resolver.resolve(std::move(name), deadline);
  if (!resolved) co_return Failure(resolved.error());
  co_return std::move(resolved->addresses);
}

Error told(Error error, const Ask& ask) {
  if (!error.detail.empty()) return error;
  const bool is_late = error.code == Code::upstream_timeout;
  error.detail = text::cat("the API server ", is_late ? "did not answer in time" : "ended the connection", ": ",
                           std::string_view(ask.target).substr(0, ask.target.find('?')));
  return error;
}

}  // namespace

// Keeps what its exchange has views of.
class Client::Watch final : public Stream {
 public:
  Watch(std::unique_ptr<Ask> ask, std::unique_ptr<Exchange> exchange)
      : ask_(std::move(ask)), exchange_(std::move(exchange)) {}

  unsigned status() const override { return exchange_->status(); }
  std::optional<net::Duration> retry_after() const override { return exchange_->retry_after(); }
  net::Task<Result<std::string_view>> read(net::Time deadline) override { return exchange_->read(deadline); }

 private:
  std::unique_ptr<Ask> ask_;
  std::unique_ptr<Exchange> exchange_;
};

Client::Client(net::Loop& loop, AccessSettings settings, Resolve resolve, ClientOptions options)
    : loop_(loop),
      options_(std::move(options)),
      access_(loop, std::move(settings)),
      authority_(access_.settings().server.authority()),
      budget_(loop, options_.budget),
      connections_(loop, access_.settings(), options_.http, options_.pauses, std::move(resolve)) {}

Client::Client(net::Loop& loop, AccessSettings settings, net::Resolver& resolver, ClientOptions options)
    : Client(
          loop, std::move(settings),
          [&resolver](std::string name, net::Time deadline) {
            return addresses_of(resolver, std::move(name), deadline);
          },
          std::move(options)) {}

const std::optional<Error>& Client::problem() const {
  return access_.problem() ? access_.problem() : connections_.problem();
}

Client::Report Client::report() const {
  Report report = report_;
  report.waits = budget_.waits();
  report.connects = connections_.report().connects;
  report.connect_failures = connections_.report().failures;
  return report;
}

void Client::heed(const Exchange& exchange, Urgency urgency) {
  const unsigned status = exchange.status();
  if (status == 429) ++report_.throttled;
  if (status != 429 && status != 503) return;
  if (const auto time = exchange.retry_after()) budget_.hold(urgency, *time);
}

net::Task<Result<void>> Client::try_once(const Ask& ask, const Credentials& credentials, Exchange& exchange,
                                         net::Time deadline) {
  Result<Carrier> carrier =
      co_await connections_.carrier(credentials.tls, exchange.arena(), exchange.notes(), deadline);
  if (!carrier) co_return Failure(carrier.error());
  if (loop_.now() >= deadline) co_return fail(Code::upstream_timeout);  // what nobody waits for any more is not sent
  Exchange::Texts texts{.server = access_.settings().server,
                        .authority = authority_,
                        .user_agent = options_.user_agent,
                        .authorization = credentials.authorization};
  ++report_.requests;
  const Result<void> begun = co_await exchange.begin(std::move(*carrier), ask, std::move(texts), deadline);
  if (begun) {
    connections_.answered();
  } else if (begun.error().code != Code::upstream_timeout && begun.error().code != Code::invalid) {
    connections_.unanswered();
  }
  co_return begun;
}

net::Task<Result<Client::Begun>> Client::begin(const Ask& ask, Urgency urgency, net::Time deadline) {
  bool renewed = false;
  for (int tries = 1;; ++tries) {
    const Result<Credentials> credentials = co_await access_.current(deadline);
    if (!credentials) co_return Failure(credentials.error());
    Begun begun;
    begun.place = co_await budget_.admit(urgency, deadline);
    if (!begun.place) {
      co_return fail(Code::overloaded, "", "the request had to wait for its turn for too long");
    }
    begun.exchange = std::make_unique<Exchange>(loop_);
    Result<void> tried = co_await try_once(ask, *credentials, *begun.exchange, deadline);
    if (!tried) {
      bool again = begun.exchange->may_be_repeated() && tries < most_tries && loop_.now() < deadline;
      if (is_about_trust(tried.error().code) && !std::exchange(renewed, true)) {
        again = co_await access_.renew(credentials->edition, deadline);
      }
      if (!again) co_return fail(told(std::move(tried.error()), ask));
      ++report_.repeated;
      continue;
    }
    heed(*begun.exchange, urgency);
    if (begun.exchange->status() != 401) co_return begun;
    ++report_.unauthorized;
    if (std::exchange(renewed, true)) co_return begun;
    const bool has_others = co_await access_.renew(credentials->edition, deadline);
    if (!has_others) co_return begun;
    ++report_.repeated;
  }
}

net::Task<Result<Answer>> Client::ask(Ask ask) {
  const net::Time deadline = loop_.now() + ask.patience;
  const Result<Begun> begun = co_await begin(ask, urgency_of(ask), deadline);
  if (!begun) co_return Failure(begun.error());
  Exchange& exchange = *begun->exchange;
  Answer answer{.status = exchange.status(), .retry_after = exchange.retry_after(), .body = {}};
  AnswerText body(ask.is_secret);
  for (;;) {
    const Result<std::string_view> piece = co_await exchange.read(deadline);
    if (!piece) co_return fail(told(piece.error(), ask));
    if (piece->empty()) break;
    if (piece->size() > ask.most_bytes - body.size()) {
      co_return fail(Code::upstream_malformed, "",
                     text::cat("the answer of the API server is longer than ", ask.most_bytes, " bytes: ", ask.target));
    }
    body.add(*piece);
  }
  answer.body = body.take();
  co_return answer;
}

net::Task<Result<std::unique_ptr<Stream>>> Client::open(Ask ask) {
  const net::Time deadline = loop_.now() + ask.patience;
  auto kept = std::make_unique<Ask>(std::move(ask));
  Result<Begun> begun = co_await begin(*kept, Urgency::watch, deadline);
  if (!begun) co_return Failure(begun.error());
  std::unique_ptr<Stream> stream = std::make_unique<Watch>(std::move(kept), std::move(begun->exchange));
  co_return stream;
}

}  // namespace sallyport::sources::api_server
