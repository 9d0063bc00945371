// SPDX-License-Identifier: Apache-2.0
#include "proxy/named_endpoints.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <utility>

#include "net/signal.hpp"

namespace sallyport::proxy {
namespace {

using Ready = Result<void>;

}  // namespace

void NamedEndpoints::update(const model::EndpointSet& set) {
  std::vector<Named> next;
  for (const model::NamedEndpoint& one : set.names) {
    next.push_back({.name = names_.name(one.host), .port = one.port, .state = one.state});
  }
  named_ = std::move(next);
  listed_ = set.endpoints;
  is_new_ = true;
  updated_.wake();
}

// Looks at all, so that all are asked that have to be.
bool NamedEndpoints::has_usable() const {
  bool usable = named_.empty() || !listed_.empty();
  for (const Named& one : named_) usable = one.name->look() == Name::State::usable || usable;
  return usable;
}

net::Task<Result<void>> NamedEndpoints::ready(net::Time deadline) {
  if (has_usable()) return net::Task<Ready>::with(Ready());
  return wait(deadline);
}

// Meanwhile the pool may be given others.
net::Task<Result<void>> NamedEndpoints::wait(net::Time deadline) {
  const Error late{.code = Code::name_unresolved, .retry_safe = true, .detail = "no answer in time"};
  while (!has_usable()) {
    net::Signal changed;
    std::list<net::Waiters::Place> places;
    for (const Named& one : named_) {
      if (one.name->look() == Name::State::waiting) places.emplace_back(one.name->answered(), changed);
    }
    if (places.empty()) co_return fail(named_.front().name->error());
    places.emplace_back(updated_.list(), changed);
    const bool in_time = co_await changed.wait(names_.loop(), deadline);
    if (!in_time) co_return fail(late);
  }
  co_return Ready();
}

bool NamedEndpoints::has_changed() const {
  return is_new_ || std::ranges::any_of(named_, [](const Named& one) {
           return one.seen != one.name->version() || one.left_out != one.name->is_over();
         });
}

const std::vector<model::Endpoint>& NamedEndpoints::all() {
  is_new_ = false;
  std::map<syntax::SocketAddress, model::Endpoint::State> states;
  by_name_.clear();
  for (Named& one : named_) {
    one.seen = one.name->version();
    one.left_out = one.name->is_over();
    if (one.left_out) continue;
    const auto& addresses = one.name->addresses();
    const auto may = [&](const syntax::IpAddress& ip) { return rules_.allows_kind(ip); };
    const bool any_may = std::ranges::any_of(addresses, may);
    for (const syntax::IpAddress& ip : addresses) {
      if (any_may && !may(ip)) continue;
      const auto [at, fresh] = states.try_emplace({ip, one.port}, one.state);
      if (!fresh) at->second = std::min(at->second, one.state);
    }
  }
  for (const auto& [address, state] : states) by_name_.push_back(address);
  for (const model::Endpoint& one : listed_) {
    states.insert_or_assign(one.address, one.state);
    const auto also = std::ranges::lower_bound(by_name_, one.address);
    if (also != by_name_.end() && *also == one.address) by_name_.erase(also);
  }
  all_.clear();
  for (const auto& [address, state] : states) all_.push_back({address, state});
  return all_;
}

bool NamedEndpoints::is_by_name(const syntax::SocketAddress& address) const {
  return std::ranges::binary_search(by_name_, address);
}

}  // namespace sallyport::proxy
