// SPDX-License-Identifier: Apache-2.0
// One request put to one backend: chooses a connection, sends, reads the head of the response, and is then the
// response's body (or tunnel), which holds the connection until it was read.
//
// The request's body goes up beside the response's coming down; what goes wrong on the client's side is the client's
// fault, whichever of the two notices.

#pragma once

#include <memory>
#include <optional>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "filters/exchange.hpp"
#include "http/body.hpp"
#include "http/h1/serialiser.hpp"
#include "http/incoming.hpp"
#include "http/tunnel.hpp"
#include "net/task.hpp"
#include "proxy/pool.hpp"

namespace sallyport::proxy {

// What is asked, and by whom. All lives as long as the exchange.
struct Question {
  const http::Request& request;
  Arena& arena;
  net::Time deadline;          // for the head of the response
  http::InterimSink* interim;  // null: 1xx are not passed on
  filters::LogRecord& log;
  const filters::Exchange* asker = nullptr;  // for whom; null: the gateway itself wants to know
};

// The answer of one endpoint of the pool. A connection that turns out to be stale is replaced once, if the request may
// be sent twice; and where a connection breaks before the answer, another endpoint is asked once.
net::Task<Result<http::Response>> ask(Pool& pool, Question question);

class UpstreamCall final : public http::Body, public http::Tunnel {
 public:
  UpstreamCall(Lease lease, const Question& question, const Pool& pool);

  // Sends the request and reads heads until the final one.
  net::Task<Result<void>> exchange_heads(http::ResponseHead& head);

  // The request may be sent again on another connection, although it was sent on this one.
  bool may_repeat(const Error& error) const;

  // The connection broke before an answer, and the request may be sent to another endpoint: it is idempotent.
  bool may_move_on(const Error& error) const;

  std::shared_ptr<const Endpoint> endpoint() const { return lease_.share_endpoint(); }

  // After the heads.
  void begin_body(const http::Framing& framing);

  net::Task<Result<std::string_view>> read() override { return reader_->read(); }
  void expect(std::size_t most) override { reader_->expect(most); }
  bool ready() const override { return reader_->ready(); }
  bool movable() const override { return reader_->movable(); }
  net::Task<Result<void>> move(net::Pipe& into) override { return reader_->move(into); }
  const http::Fields* trailers() const override;

  net::Task<void> run(http::ByteStream& client, http::TunnelTotals& totals) override;

 private:
  net::Task<Result<void>> upload(http::Hop hop);
  net::Time next_deadline() const;
  Result<bool> judge(const http::ResponseHead& head, unsigned interim) const;
  Result<void> ended(Result<void> got);
  net::Time head_deadline() const;
  http::ClientExchange& exchange() const { return lease_.exchange(); }

  Lease lease_;
  Question question_;
  const http::ClientSettings& settings_;
  net::Loop& loop_;
  std::optional<net::Beside<Result<void>>> upload_;
  http::Body* reader_ = nullptr;
  bool head_received_ = false;
};

}  // namespace sallyport::proxy
