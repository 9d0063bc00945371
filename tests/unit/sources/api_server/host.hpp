// SPDX-License-Identifier: Apache-2.0
// An API server's place on the test's loop: our own servers of HTTP behind TLS, or in cleartext, which answer as the
// test says and keep what they were asked.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/h1/server.hpp"
#include "http/h2/server.hpp"
#include "net/acceptor.hpp"
#include "support/descriptors.hpp"
#include "support/scripted_handler.hpp"
#include "support/tls_test.hpp"

namespace sallyport::sources::api_server {

struct Asked {
  std::string method;
  std::string target;  // path and query
  std::string authority;
  std::string authorization;
  std::string accept;
  std::string content_type;
  std::string user_agent;
  std::string encodings;  // that it accepts
  std::string body;
  std::string client;  // whose certificate it showed
  http::Version version = http::Version::http11;
};

class Host final : private support::tls::Chooser {
 public:
  using Script = std::function<net::Task<Result<http::Response>>(http::Incoming&, const Asked&)>;

  struct Manner {
    support::Issued issued = {};  // without a certificate: cleartext
    std::vector<std::string> protocols = {"h2", "http/1.1"};
    std::string client_ca = {};  // who must have signed clients' certificates; empty: they need none
    std::uint32_t streams = 100;
  };

  Host(net::Loop& loop, Manner manner) : loop_(loop), manner_(std::move(manner)) {
    settings_.http2.streams = manner_.streams;
    handler_.script = [this](http::Incoming& incoming) { return answer(incoming); };
    http1_.emplace(loop, handler_, settings_, ledger_);
    http2_.emplace(loop, handler_, settings_, ledger_);
    support::Listener listener = support::tcp_listener(64);
    address_ = listener.address;
    acceptor_.emplace(loop, std::move(listener.fd), [this](net::Fd fd, const syntax::SocketAddress& peer) {
      ++accepted;
      taking_.push_back(take(std::move(fd), peer));
      taking_.back().start();
    });
  }
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const syntax::SocketAddress& address() const { return address_; }
  // For handshakes to come.
  void show(const support::Issued& issued) { manner_.issued = issued; }
  // GOAWAY, and Connection: close.
  void drain() {
    http2_->drain();
    http1_->drain();
    http2_->undo_drain();
    http1_->undo_drain();
  }
  // All connections, without a word.
  void drop() {
    http1_.reset();
    http2_.reset();
    http1_.emplace(loop_, handler_, settings_, ledger_);
    http2_.emplace(loop_, handler_, settings_, ledger_);
  }

  const std::vector<http::Outcome>& outcomes() const { return handler_.outcomes; }

  Script script;
  std::vector<Asked> asked;
  int accepted = 0;
  int refused = 0;  // handshakes

  // An answer with a body of JSON.
  static http::Response json(http::Incoming& incoming, std::uint16_t status, std::string_view body,
                             std::string_view retry_after = {}) {
    http::Response response = support::text_response(incoming.arena, body);
    response.head.status = status;
    if (!retry_after.empty()) {
      EXPECT_TRUE(response.head.fields.add(syntax::HeaderId::retry_after, incoming.arena.copy(retry_after)));
    }
    return response;
  }

 private:
  std::expected<support::tls::Choice, support::tls::Reason> choose(const support::tls::ClientHello&) override {
    support::tls::ServerPolicy policy{.protocols = manner_.protocols};
    if (!manner_.client_ca.empty()) {
      policy.clients = support::tls::ClientValidation::require;
      policy.client_ca = manner_.client_ca;
    }
    auto context = support::tls::ServerContext::make(library_, policy);
    auto credentials = support::tls::Credentials::make(library_, manner_.issued.certificate, manner_.issued.key);
    if (!context || !credentials) return std::unexpected(support::tls::Reason::failed);
    return support::tls::Choice{.context = std::move(*context), .credentials = std::move(*credentials)};
  }

  net::Task<void> take(net::Fd fd, syntax::SocketAddress peer) {
    http::ConnectionFacts facts = http::ConnectionFacts::of(peer);
    net::Socket::Released connection;
    if (manner_.issued.certificate.empty()) {
      connection.fd = std::move(fd);
    } else {
      const support::tls::AcceptTimes times;
      const std::string early;
      auto accepted_one = co_await support::tls::accept(loop_, library_, ledger_, std::move(fd), early, *this, times);
      if (!accepted_one) {
        ++refused;
        co_return;
      }
      connection.fd = std::move(accepted_one->fd);
      connection.stream = std::move(accepted_one->stream);
      facts.tls = &connection.stream->facts();
      facts.is_secure = true;
    }
    const bool speaks_http2 = facts.tls != nullptr && facts.tls->alpn == "h2";
    if (speaks_http2) facts.protocol = http::Version::http2;
    EXPECT_TRUE(speaks_http2 ? http2_->accept(std::move(connection), facts, {})
                             : http1_->accept(std::move(connection), facts));
  }

  net::Task<Result<http::Response>> answer(http::Incoming& incoming) {
    const http::RequestHead& head = incoming.request.head;
    const net::tls::Facts* const tls = incoming.connection.tls;
    Asked one{.method = std::string(head.method_text),
              .target = text::cat(head.path, head.has_query ? "?" : "", head.query),
              .authority = std::string(head.authority),
              .authorization = std::string(head.fields.value(syntax::HeaderId::authorization)),
              .accept = std::string(head.fields.value(syntax::HeaderId::accept)),
              .content_type = std::string(head.fields.value(syntax::HeaderId::content_type)),
              .user_agent = std::string(head.fields.value(syntax::HeaderId::user_agent)),
              .encodings = std::string(head.fields.value(syntax::HeaderId::accept_encoding)),
              .client = tls == nullptr || tls->client == nullptr ? std::string() : tls->client->subject,
              .version = head.version};
    while (incoming.request.body != nullptr) {
      const Result<std::string_view> piece = co_await incoming.request.body->read();
      if (!piece) co_return Failure(piece.error());
      if (piece->empty()) break;
      one.body += *piece;
    }
    asked.push_back(one);
    net::Task<Result<http::Response>> answering = script(incoming, one);
    Result<http::Response> response = co_await answering;
    co_return response;
  }

  net::Loop& loop_;
  Manner manner_;
  support::tls::Library library_{support::tls::TicketSeed::random()};
  net::Ledger ledger_{std::size_t{64} << 20U};
  http::ServerSettings settings_;
  support::ScriptedHandler handler_;
  std::optional<http::h1::Server> http1_;
  std::optional<http::h2::Server> http2_;
  syntax::SocketAddress address_;
  std::vector<net::Task<void>> taking_;
  std::optional<net::Acceptor> acceptor_;
};

}  // namespace sallyport::sources::api_server
