// SPDX-License-Identifier: Apache-2.0
#include "proxy/entrance.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

#include "http/gateway_answer.hpp"
#include "net/socket_address.hpp"
#include "proxy/passage.hpp"
#include "proxy/worker.hpp"

namespace sallyport::proxy {
namespace {

// OPTIONS * asks about us, not about what is behind us (RFC 9110 9.3.7).
net::Task<Result<http::Response>> about_the_server(Arena& arena) {
  http::Response response(arena);
  response.head.status = 204;
  response.head.reason = "No Content";
  static_cast<void>(response.head.fields.add("Allow", http::allowed_methods));
  return net::Task<Result<http::Response>>::with(std::move(response));
}

net::Task<Result<http::Response>> failed(Code code, const char* rule = "") {
  return net::Task<Result<http::Response>>::with(fail(code, rule));
}

enum class HeaderRule { none, one, refused };

HeaderRule rule_for(const model::ProxyHeaders& headers, const syntax::IpAddress& peer) {
  using Mode = model::ProxyHeaders::Mode;
  if (headers.mode == Mode::off) return HeaderRule::none;
  const bool listed =
      std::ranges::any_of(headers.from, [&](const syntax::Cidr& block) { return block.contains(peer); });
  if (listed || (headers.mode == Mode::strict && headers.from.empty())) return HeaderRule::one;
  return headers.mode == Mode::strict ? HeaderRule::refused : HeaderRule::none;
}

// The kernel is asked only where the socket is bound to every address.
syntax::SocketAddress local_of(const net::Fd& fd, const syntax::SocketAddress& bound) {
  if (!bound.ip.is_unspecified()) return bound;
  net::KernelAddress local;
  if (::getsockname(fd.get(), local.get(), &local.size) != 0) return bound;
  return net::from_kernel(local).value_or(bound);
}

}  // namespace

Entrance::Entrance(Worker& worker, model::Id listener)
    : worker_(worker),
      listener_(std::move(listener)),
      over_tls_(speaks_tls()),
      http1_(worker.loop(), *this, settings(), worker.ledger()),
      http2_(worker.loop(), *this, settings(), worker.ledger()),
      arrivals_(worker.loop(), worker.ledger(), *this) {
  for (http::Sessions* const one : sessions()) {
    one->set_on_closed([this](const http::ConnectionFacts& facts) { worker_.closed(facts.client.ip); });
  }
  feel_pressure();
  if (over_tls_) return;  // there ALPN says what is spoken, and nothing else
  http1_.set_http2(
      [this](net::Socket::Released connection, const http::ConnectionFacts& facts, std::string_view received) {
        http::ConnectionFacts spoken = facts;
        spoken.protocol = http::Version::http2;
        return http2_.accept(std::move(connection), spoken, received);
      });
}

// Null when the newest snapshot does not have it.
const routing::Listener* Entrance::listener() {
  const routing::Snapshot& snapshot = **worker_.snapshot();
  const routing::Listener* here = snapshot.listener(slot_);
  if (here != nullptr && here->model.id == listener_) return here;
  here = snapshot.listener(std::string_view(listener_));
  if (here != nullptr) slot_ = here->slot();
  return here;
}

const http::ServerSettings& Entrance::settings() const { return worker_.server_settings(over_tls_); }

void Entrance::accept(net::Fd fd, const syntax::SocketAddress& peer, const syntax::SocketAddress& at) {
  const routing::Listener* const here = listener();
  // Of a listener that is gone nothing is served, whoever the client is.
  const HeaderRule rule = here == nullptr ? HeaderRule::none : rule_for(here->model.proxy_headers, peer.ip);
  if (rule == HeaderRule::refused) return worker_.count_loss(ProxyLoss::stranger);
  if (!worker_.opened(peer.ip)) return;
  http::ConnectionFacts facts = http::ConnectionFacts::of(peer);
  facts.local = local_of(fd, at);
  if (rule == HeaderRule::none && !over_tls_) return arrived(std::move(fd), nullptr, facts);
  const Reception reception{.has_proxy_header = rule == HeaderRule::one,
                            .has_tls = over_tls_,
                            .header = settings().head,
                            .handshake = worker_.handshake_times()};
  arrivals_.add(std::move(fd), facts, reception);
}

bool Entrance::renamed(const http::ConnectionFacts& was, const http::ConnectionFacts& is) {
  return worker_.renamed(was.client.ip, is.client.ip);
}

net::tls::Library& Entrance::library() { return worker_.tls().library(); }

Handshakes& Entrance::handshakes() { return worker_.handshakes(); }

// One function of the snapshot says what the name means, whatever version of TLS or HTTP is to follow (law 7).
std::expected<net::tls::Choice, net::tls::Reason> Entrance::choose(const net::tls::ClientHello& hello,
                                                                   std::string_view& policy) {
  using net::tls::Reason;
  const routing::Listener* const here = listener();
  if (here == nullptr) return std::unexpected(Reason::unknown_name);
  const auto now = std::chrono::floor<std::chrono::seconds>(worker_.loop().wall().time_since_epoch()).count();
  const routing::TlsChoice choice = (**worker_.snapshot()).tls_choice_for(*here, hello.server_name, now);
  if (choice.certificate == nullptr) {
    return std::unexpected(choice.name == nullptr ? Reason::unknown_name : Reason::no_policy);
  }
  net::tls::Choice made{.context = worker_.tls().context_for(choice),
                        .credentials = worker_.tls().credentials_for(*choice.certificate)};
  if (made.context == nullptr || made.credentials == nullptr) return std::unexpected(Reason::no_policy);
  policy = worker_.tls().kept_id(choice.policy());
  return made;
}

void Entrance::arrived(net::Fd fd, std::unique_ptr<net::tls::Stream> stream, const http::ConnectionFacts& facts) {
  if (facts.tls != nullptr) worker_.count_handshake(*facts.tls);
  net::Socket::Released connection{.fd = std::move(fd), .stream = std::move(stream)};
  const bool is_http2 = facts.protocol == http::Version::http2;
  const bool is_taken =
      is_http2 ? http2_.accept(std::move(connection), facts, {}) : http1_.accept(std::move(connection), facts);
  if (!is_taken) worker_.closed(facts.client.ip);
}

void Entrance::lost(const http::ConnectionFacts& facts, ProxyLoss why) {
  worker_.closed(facts.client.ip);
  worker_.count_loss(why);
}

void Entrance::refused(const http::ConnectionFacts& facts, std::string_view name, const net::tls::Refusal& why) {
  worker_.closed(facts.client.ip);
  worker_.count_refusal(facts, listener_, name, why);
}

void Entrance::drain() {
  arrivals_.drain();
  for (http::Sessions* const one : sessions()) one->drain();
}

void Entrance::undo_drain() {
  arrivals_.undo_drain();
  for (http::Sessions* const one : sessions()) one->undo_drain();
}

bool Entrance::speaks_tls() {
  const routing::Listener* const here = listener();
  return here != nullptr && here->model.tls;
}

void Entrance::feel_pressure() {
  for (http::Sessions* const one : sessions()) {
    one->use(settings());
    one->set_sheds(worker_.sheds());
  }
}

std::size_t Entrance::end_oldest_idle() {
  std::size_t ended = arrivals_.end_oldest((arrivals_.count() + 7) / 8);
  for (http::Sessions* const one : sessions()) ended += one->end_oldest_idle((one->idle() + 7) / 8);
  return ended;
}

net::Task<Result<http::Response>> Entrance::handle(http::Incoming& incoming) {
  if (worker_.refuses()) {
    refused(incoming);
    return failed(Code::overloaded);
  }
  const routing::Listener* const here = listener();
  if (here != nullptr && is_misdirected(*here, incoming)) {
    refused(incoming);
    return failed(is_outdated(*here, incoming.connection) ? Code::outdated_connection : Code::misdirected, "T-2");
  }
  auto* const passage = here == nullptr ? nullptr
                                        : incoming.arena.make<Passage>(incoming, worker_.snapshot(), *here,
                                                                       worker_.means(), worker_.random());
  if (passage == nullptr) {
    refused(incoming);
    return failed(here == nullptr ? Code::no_host : Code::overloaded);
  }
  const bool kept = incoming.after_last_byte([passage, &worker = worker_](const http::Outcome& outcome) {
    passage->ended(outcome);
    worker.count(*passage, outcome);
    std::destroy_at(passage);
  });
  if (!kept) {
    std::destroy_at(passage);
    return failed(Code::overloaded);
  }
  passage->deadline = incoming.received + worker_.settings().request;
  incoming.witness = passage;
  if (incoming.request.head.form == http::TargetForm::asterisk) return about_the_server(incoming.arena);
  return passage->run();
}

// The host that is asked for may be one to which connections are made under other rules: who came without a certificate
// would pass by those who ask for one (T-2).
bool Entrance::is_misdirected(const routing::Listener& here, const http::Incoming& incoming) const {
  const http::ConnectionFacts& connection = incoming.connection;
  return connection.tls != nullptr &&
         (**worker_.snapshot()).is_misdirected(here, incoming.request.head.host, connection.tls_policy);
}

// The policy has changed since: nothing can be served on it, not even its own host.
bool Entrance::is_outdated(const routing::Listener& here, const http::ConnectionFacts& connection) const {
  return connection.tls_policy != (**worker_.snapshot()).tls_policy_for(here, connection.tls->server_name);
}

void Entrance::refused(http::Incoming& incoming) {
  const auto count = [&incoming, &worker = worker_](const http::Outcome& outcome) {
    worker.count_refused(incoming, outcome);
  };
  if (!incoming.after_last_byte(count)) count({.error = Code::overloaded});
}

}  // namespace sallyport::proxy
