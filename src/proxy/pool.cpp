// SPDX-License-Identifier: Apache-2.0
#include "proxy/pool.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::proxy {

using http::h1::ClientConnection;

void Endpoint::retire() {
  gone_ = true;
  idle_.clear();
}

std::unique_ptr<ClientConnection> Endpoint::take_idle() {
  if (idle_.empty()) return nullptr;
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void Endpoint::keep(std::unique_ptr<ClientConnection> connection) {
  if (gone_ || idle_.size() == most_idle) return;
  connection->keep(*this);
  idle_.push_back(std::move(connection));
}

void Endpoint::drop(ClientConnection& connection) {
  std::erase_if(idle_, [&](const auto& one) { return one.get() == &connection; });
}

Pool::Pool(std::string id, net::Loop& loop, const http::h1::ClientSettings& settings, net::Ledger& ledger,
           std::size_t offset)
    : loop_(loop), settings_(settings), ledger_(ledger), turn_(offset) {
  report_.id = std::move(id);
}

Pool::~Pool() {
  for (const auto& endpoint : endpoints_) endpoint->retire();
}

// Both lists are in the order of addresses.
void Pool::update(const model::EndpointSet& wanted) {
  std::vector<std::shared_ptr<Endpoint>> next;
  auto old = endpoints_.begin();
  const auto retire_before = [&](const syntax::SocketAddress& address) {
    for (; old != endpoints_.end() && (*old)->address() < address; ++old) (*old)->retire();
  };
  for (const model::Endpoint& one : wanted.endpoints) {
    retire_before(one.address);
    const bool same = old != endpoints_.end() && (*old)->address() == one.address;
    next.push_back(same ? std::move(*old++) : std::make_shared<Endpoint>(one));
    next.back()->set_state(one.state);
  }
  for (; old != endpoints_.end(); ++old) (*old)->retire();
  endpoints_ = std::move(next);
}

std::shared_ptr<Endpoint> Pool::pick_with_state(const Attempts& attempts, model::Endpoint::State state) {
  const auto tried_end = attempts.tried.begin() + static_cast<std::ptrdiff_t>(attempts.count);
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const auto& endpoint = endpoints_[turn_++ % endpoints_.size()];
    const bool tried = std::find(attempts.tried.begin(), tried_end, endpoint) != tried_end;
    if (endpoint->state() == state && !tried) return endpoint;
  }
  return nullptr;
}

// One that is on its way out only when no other is left.
std::shared_ptr<Endpoint> Pool::pick(const Attempts& attempts) {
  auto endpoint = pick_with_state(attempts, model::Endpoint::State::active);
  if (endpoint == nullptr) endpoint = pick_with_state(attempts, model::Endpoint::State::draining);
  return endpoint;
}

net::Task<Result<std::unique_ptr<ClientConnection>>> Pool::connect(const Endpoint& to, net::Time deadline) {
  const Error refused{.code = Code::connect_failed, .retry_safe = true};
  ++report_.connects;
  net::IoResult<net::Fd> fd = net::start_connect(to.address());
  if (!fd) co_return fail(refused);
  auto connection = std::make_unique<ClientConnection>(loop_, std::move(*fd), settings_, ledger_);
  const Result<void> connected = co_await connection->connected(std::min(deadline, loop_.now() + settings_.connect));
  if (!connected) co_return Failure(connected.error());
  co_return connection;
}

net::Task<Result<Lease>> Pool::lease(Attempts& attempts, bool fresh, net::Time deadline, Arena& arena,
                                     http::h1::Notes& notes) {
  Error error{.code = Code::no_endpoints, .retry_safe = true};
  while (attempts.count < Attempts::most) {
    std::shared_ptr<Endpoint> endpoint = pick(attempts);
    if (endpoint == nullptr) break;
    while (!fresh) {
      auto idle = endpoint->take_idle();
      if (idle == nullptr) break;
      if (idle->begin(arena, notes)) co_return Lease(std::move(endpoint), std::move(idle));
    }
    auto connection = co_await connect(*endpoint, deadline);
    if (connection) {
      static_cast<void>((*connection)->begin(arena, notes));
      co_return Lease(std::move(endpoint), std::move(*connection));
    }
    ++report_.connect_failures;
    error = connection.error();
    attempts.tried[attempts.count++] = std::move(endpoint);
    if (loop_.now() >= deadline) break;
  }
  co_return fail(error);
}

}  // namespace sallyport::proxy
