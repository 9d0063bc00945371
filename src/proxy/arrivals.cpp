// SPDX-License-Identifier: Apache-2.0
#include "proxy/arrivals.hpp"

#include <iterator>
#include <string>
#include <utility>

#include "net/proxy_header.hpp"
#include "net/task.hpp"

namespace sallyport::proxy {
namespace {

ProxyLoss loss_of(Code code) {
  switch (code) {
    case Code::client_timeout:
      return ProxyLoss::timeout;
    case Code::client_gone:
      return ProxyLoss::gone;
    case Code::overloaded:
      return ProxyLoss::overloaded;
    default:
      return ProxyLoss::malformed;
  }
}

void take_names(http::ConnectionFacts& facts, const net::ProxyHeader& header) {
  using Speaks = net::ProxyHeader::Speaks;
  if (header.speaks == Speaks::for_itself) return;
  facts.client_source = http::ClientSource::hidden;
  facts.is_secure = header.is_secure;
  if (header.speaks == Speaks::for_unnamed) return;
  facts.client_source = http::ClientSource::proxy_header;
  facts.client = header.client;
  facts.local = header.local;
}

}  // namespace

class Arrival final : private net::Deferred, private net::tls::Chooser, private Handshakes::Place {
 public:
  Arrival(Arrivals& of, net::Fd fd, const http::ConnectionFacts& facts, const Reception& reception)
      : arrivals_(of),
        fd_(std::move(fd)),
        facts_(facts),
        reception_(reception),
        ledger_(held + hello_room, &of.ledger_),
        began_(of.loop_.now()),
        stage_(reception.has_proxy_header ? Stage::header : Stage::handshake) {}
  ~Arrival() override {
    task_.reset();
    if (!over_) tell_overloaded();
  }

  void start() {
    if (!ledger_.charge(held)) return turn_away();
    task_ = welcome();
    task_.start();
  }
  net::Time began() const { return began_; }
  void set_place(Arrivals::All::iterator place) { place_ = place; }

 private:
  enum class Stage : std::uint8_t { header, handshake };

  static constexpr std::size_t held = 512 + net::longest_proxy_header;
  static constexpr std::size_t hello_room = 64 * 1024;  // a ClientHello, and what a text may have beside it

  void at_turn_end() override { arrivals_.all_.erase(place_); }  // destroys this
  void give_way() override { arrivals_.all_.erase(place_); }     // likewise
  std::expected<net::tls::Choice, net::tls::Reason> choose(const net::tls::ClientHello& hello) override {
    name_ = hello.server_name;
    Handshakes& all = arrivals_.host_.handshakes();
    if (!all.enter(*this, facts_.client.ip, arrivals_.loop_.now())) {
      return std::unexpected(net::tls::Reason::overloaded);
    }
    return arrivals_.host_.choose(hello, facts_.tls_policy);
  }

  void end() {
    over_ = true;
    arrivals_.loop_.defer(*this);
  }
  void lose(ProxyLoss why) { arrivals_.host_.lost(facts_, why); }
  void refuse(const net::tls::Refusal& why) { arrivals_.host_.refused(facts_, name_, why); }
  void tell_overloaded() {
    stage_ == Stage::handshake ? refuse({.reason = net::tls::Reason::overloaded}) : lose(ProxyLoss::overloaded);
  }
  void turn_away() {
    fd_.reset();
    tell_overloaded();
    end();
  }
  net::Task<void> welcome();
  net::Task<bool> read_header();
  net::Task<bool> shake_hands();

  Arrivals& arrivals_;
  net::Fd fd_;
  std::unique_ptr<net::tls::Stream> stream_;
  http::ConnectionFacts facts_;
  Reception reception_;
  net::Ledger ledger_;
  net::Time began_;
  std::string name_;  // that the client asked for
  Arrivals::All::iterator place_;
  net::Task<void> task_;  // destroyed before what it uses
  Stage stage_;
  bool over_ = false;
};

net::Task<void> Arrival::welcome() {
  if (reception_.has_proxy_header && !co_await read_header()) co_return end();
  if (reception_.has_tls && !co_await shake_hands()) co_return end();
  arrivals_.host_.arrived(std::move(fd_), std::move(stream_), facts_);
  end();
}

net::Task<bool> Arrival::read_header() {
  const net::Time deadline = began_ + reception_.header;
  const Result<net::ProxyHeader> header = co_await net::ReadProxyHeader(arrivals_.loop_, fd_, deadline);
  http::ConnectionFacts named = facts_;
  if (header) take_names(named, *header);
  if (header && arrivals_.host_.renamed(facts_, named)) {
    facts_ = named;
    co_return true;
  }
  fd_.reset();
  lose(header ? ProxyLoss::overloaded : loss_of(header.error().code));
  co_return false;
}

net::Task<bool> Arrival::shake_hands() {
  stage_ = Stage::handshake;
  std::string early;
  net::tls::Chooser& chooser = *this;
  std::expected<net::tls::Accepted, net::tls::Refusal> accepted =
      co_await net::tls::accept(arrivals_.loop_, arrivals_.host_.library(), ledger_, std::move(fd_), std::move(early),
                                chooser, reception_.handshake);
  leave();
  if (!accepted) {
    refuse(accepted.error());
    co_return false;
  }
  fd_ = std::move(accepted->fd);
  stream_ = std::move(accepted->stream);
  facts_.tls = &stream_->facts();
  facts_.is_secure = true;
  facts_.protocol = facts_.tls->alpn == "h2" ? http::Version::http2 : http::Version::http11;
  co_return true;
}

Arrivals::Arrivals(net::Loop& loop, net::Ledger& ledger, Host& host) : loop_(loop), ledger_(ledger), host_(host) {}

Arrivals::~Arrivals() { all_.clear(); }

void Arrivals::Last::fire() { arrivals.all_.clear(); }

void Arrivals::add(net::Fd fd, const http::ConnectionFacts& facts, const Reception& reception) {
  all_.push_back(std::make_unique<Arrival>(*this, std::move(fd), facts, reception));
  all_.back()->set_place(std::prev(all_.end()));
  all_.back()->start();
}

void Arrivals::drain() {
  constexpr net::Duration last_moment{1'000};
  loop_.timers().arm(last_, loop_.now() + last_moment);
}

std::size_t Arrivals::end_oldest(std::size_t most) {
  constexpr net::Duration new_for{1'000};
  std::size_t ended = 0;
  for (; ended < most && !all_.empty() && all_.front()->began() + new_for <= loop_.now(); ++ended) all_.pop_front();
  return ended;
}

}  // namespace sallyport::proxy
