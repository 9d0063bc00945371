// SPDX-License-Identifier: Apache-2.0
#include "proxy/entrance.hpp"

#include <algorithm>
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

net::Task<Result<http::Response>> failed(Code code) { return net::Task<Result<http::Response>>::with(fail(code)); }

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
      http1_(worker.loop(), *this, settings(), worker.ledger()),
      http2_(worker.loop(), *this, settings(), worker.ledger()),
      arrivals_(worker.loop(), worker.ledger(), *this) {
  for (http::Sessions* const one : sessions()) {
    one->set_on_closed([this](const http::ConnectionFacts& facts) { worker_.closed(facts.client.ip); });
  }
  http1_.set_http2([this](net::Socket::Released connection, const http::ConnectionFacts& facts,
                          std::string_view received) { return http2_.accept(std::move(connection), facts, received); });
  feel_pressure();
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

const http::ServerSettings& Entrance::settings() const { return worker_.server_settings(); }

void Entrance::accept(net::Fd fd, const syntax::SocketAddress& peer, const syntax::SocketAddress& at) {
  const routing::Listener* const here = listener();
  // Of a listener that is gone nothing is served, whoever the client is.
  const HeaderRule rule = here == nullptr ? HeaderRule::none : rule_for(here->model.proxy_headers, peer.ip);
  if (rule == HeaderRule::refused) return worker_.count_loss(ProxyLoss::stranger);
  if (!worker_.opened(peer.ip)) return;
  http::ConnectionFacts facts = http::ConnectionFacts::of(peer);
  facts.local = local_of(fd, at);
  if (rule == HeaderRule::none) return arrived(std::move(fd), facts);
  arrivals_.add(std::move(fd), facts, {.has_proxy_header = true, .header = settings().head});
}

bool Entrance::renamed(const http::ConnectionFacts& was, const http::ConnectionFacts& is) {
  return worker_.renamed(was.client.ip, is.client.ip);
}

void Entrance::arrived(net::Fd fd, const http::ConnectionFacts& facts) {
  if (!http1_.accept(std::move(fd), facts)) worker_.closed(facts.client.ip);
}

void Entrance::lost(const http::ConnectionFacts& facts, ProxyLoss why) {
  worker_.closed(facts.client.ip);
  worker_.count_loss(why);
}

void Entrance::drain() {
  arrivals_.drain();
  for (http::Sessions* const one : sessions()) one->drain();
}

void Entrance::undo_drain() {
  for (http::Sessions* const one : sessions()) one->undo_drain();
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
  auto* const passage = here == nullptr ? nullptr
                                        : incoming.arena.make<Passage>(incoming, worker_.snapshot(), *here,
                                                                       worker_.means(), worker_.random());
  if (passage == nullptr) {
    refused(incoming);
    return failed(here == nullptr ? Code::no_host : Code::overloaded);
  }
  const bool kept = incoming.after_last_byte([passage, &worker = worker_](const http::Outcome& outcome) {
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

void Entrance::refused(http::Incoming& incoming) {
  const auto count = [&incoming, &worker = worker_](const http::Outcome& outcome) {
    worker.count_refused(incoming, outcome);
  };
  if (!incoming.after_last_byte(count)) count({.error = Code::overloaded});
}

}  // namespace sallyport::proxy
