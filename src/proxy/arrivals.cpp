// SPDX-License-Identifier: Apache-2.0
#include "proxy/arrivals.hpp"

#include <iterator>
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

class Arrival final : private net::Deferred {
 public:
  Arrival(Arrivals& of, net::Fd fd, const http::ConnectionFacts& facts, const Reception& reception)
      : arrivals_(of),
        fd_(std::move(fd)),
        facts_(facts),
        ledger_(held, &of.ledger_),
        began_(of.loop_.now()),
        deadline_(began_ + reception.header) {}
  ~Arrival() override {
    task_.reset();
    if (!over_) arrivals_.host_.lost(facts_, ProxyLoss::overloaded);
  }

  void start() {
    if (!ledger_.charge(held)) return lose(ProxyLoss::overloaded);
    task_ = welcome();
    task_.start();
  }
  net::Time began() const { return began_; }
  void set_place(Arrivals::All::iterator place) { place_ = place; }

 private:
  static constexpr std::size_t held = 512 + net::longest_proxy_header;

  void at_turn_end() override { arrivals_.all_.erase(place_); }  // destroys this
  void end() {
    over_ = true;
    arrivals_.loop_.defer(*this);
  }
  void lose(ProxyLoss why) {
    fd_.reset();
    arrivals_.host_.lost(facts_, why);
    end();
  }
  net::Task<void> welcome();

  Arrivals& arrivals_;
  net::Fd fd_;
  http::ConnectionFacts facts_;
  net::Ledger ledger_;
  net::Time began_;
  net::Time deadline_;
  Arrivals::All::iterator place_;
  net::Task<void> task_;  // destroyed before what it uses
  bool over_ = false;
};

net::Task<void> Arrival::welcome() {
  const Result<net::ProxyHeader> header = co_await net::ReadProxyHeader(arrivals_.loop_, fd_, deadline_);
  if (!header) {
    lose(loss_of(header.error().code));
    co_return;
  }
  http::ConnectionFacts named = facts_;
  take_names(named, *header);
  if (!arrivals_.host_.renamed(facts_, named)) {
    lose(ProxyLoss::overloaded);
    co_return;
  }
  facts_ = named;
  arrivals_.host_.arrived(std::move(fd_), facts_);
  end();
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
