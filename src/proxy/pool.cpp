// SPDX-License-Identifier: Apache-2.0
#include "proxy/pool.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::proxy {

using http::h1::ClientConnection;

void Endpoint::retire() {
  gone_ = true;
  end_idle();
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

Pool::Pool(std::string id, net::Loop& loop, const http::ClientSettings& settings, net::Ledger& ledger,
           std::size_t offset, net::Quota* quota, MakeRoom make_room)
    : loop_(loop),
      settings_(settings),
      ledger_(ledger),
      quota_(quota),
      make_room_(std::move(make_room)),
      turn_(offset) {
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

void Pool::end_idle() {
  for (const auto& endpoint : endpoints_) endpoint->end_idle();
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

// For one more connection: none that is idle stands in its way.
bool Pool::has_room() {
  if (quota_ == nullptr) return true;
  if (quota_->is_full()) end_idle();
  if (quota_->is_full() && make_room_) make_room_();
  return !quota_->is_full();
}

net::Task<Result<std::unique_ptr<ClientConnection>>> Pool::connect(const Endpoint& to, net::Time deadline) {
  const Error refused{.code = Code::connect_failed, .retry_safe = true};
  const Error exhausted{.code = Code::overloaded, .retry_safe = true};
  if (!has_room()) co_return fail(exhausted);
  net::IoResult<net::Fd> fd = net::start_connect(to.address());
  if (!fd && fd.error() == net::IoError::exhausted) co_return fail(exhausted);
  ++report_.connects;
  if (!fd) co_return fail(refused);
  auto connection = std::make_unique<ClientConnection>(loop_, std::move(*fd), settings_, ledger_, quota_);
  const Result<void> connected = co_await connection->connected(std::min(deadline, loop_.now() + settings_.connect));
  if (!connected) co_return Failure(connected.error());
  co_return connection;
}

net::Task<Result<Lease>> Pool::lease(Attempts& attempts, bool fresh, net::Time deadline, Arena& arena,
                                     http::Notes& notes) {
  const Means means{.fresh = fresh, .deadline = deadline, .arena = arena, .notes = notes};
  std::shared_ptr<Endpoint> first = attempts.count < Attempts::most ? pick(attempts) : nullptr;
  if (first != nullptr) {
    if (auto idle = begin_idle(*first, means)) {
      return net::Task<Result<Lease>>::with(Lease(std::move(first), std::move(idle)));
    }
  }
  return lease_new(std::move(first), attempts, means);
}

std::unique_ptr<ClientConnection> Pool::begin_idle(Endpoint& endpoint, const Means& means) {
  if (means.fresh) return nullptr;
  for (;;) {
    auto idle = endpoint.take_idle();
    if (idle == nullptr || idle->begin(means.arena, means.notes)) return idle;
  }
}

net::Task<Result<Lease>> Pool::lease_new(std::shared_ptr<Endpoint> endpoint, Attempts& attempts, Means means) {
  Error error{.code = Code::no_endpoints, .retry_safe = true};
  while (endpoint != nullptr) {
    auto connection = co_await connect(*endpoint, means.deadline);
    if (connection) {
      static_cast<void>((*connection)->begin(means.arena, means.notes));
      co_return Lease(std::move(endpoint), std::move(*connection));
    }
    error = connection.error();
    if (error.code == Code::overloaded) break;
    ++report_.connect_failures;
    attempts.tried[attempts.count++] = std::move(endpoint);
    if (loop_.now() >= means.deadline || attempts.count == Attempts::most) break;
    endpoint = pick(attempts);
    if (endpoint == nullptr) break;
    if (auto idle = begin_idle(*endpoint, means)) co_return Lease(std::move(endpoint), std::move(idle));
  }
  co_return fail(error);
}

}  // namespace sallyport::proxy
