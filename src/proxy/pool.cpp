// SPDX-License-Identifier: Apache-2.0
#include "proxy/pool.hpp"

#include <algorithm>
#include <utility>

#include "http/finish_connect.hpp"
#include "http/h2/client_connection.hpp"

namespace sallyport::proxy {

using http::h1::ClientConnection;

void Endpoint::retire() {
  gone_ = true;
  idle_.clear();
  if (sessions_ != nullptr) sessions_->retire();
}

void Endpoint::end_idle() {
  idle_.clear();
  if (sessions_ != nullptr) sessions_->end_idle();
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
           std::size_t offset, net::Quota* quota, MakeRoom make_room, Manner manner, Reach reach)
    : loop_(loop),
      settings_(settings),
      ledger_(ledger),
      quota_(quota),
      make_room_(std::move(make_room)),
      manner_(std::move(manner)),
      reach_(reach),
      turn_(offset) {
  report_.id = std::move(id);
}

Pool::~Pool() {
  for (const auto& endpoint : endpoints_) {
    endpoint->retire();
    if (endpoint->sessions() != nullptr) endpoint->sessions()->stop_making();
  }
}

void Pool::update(const model::EndpointSet& wanted) {
  if (!wanted.names.empty() && named_ == nullptr && reach_.names != nullptr && reach_.rules != nullptr) {
    named_ = std::make_unique<NamedEndpoints>(*reach_.names, *reach_.rules);
  }
  if (named_ == nullptr) return take_endpoints(wanted.endpoints);
  named_->update(wanted);
  take_endpoints(named_->all());
}

// Both lists are in the order of addresses.
void Pool::take_endpoints(const std::vector<model::Endpoint>& wanted) {
  std::vector<std::shared_ptr<Endpoint>> next;
  auto old = endpoints_.begin();
  const auto retire_before = [&](const syntax::SocketAddress& address) {
    for (; old != endpoints_.end() && (*old)->address() < address; ++old) (*old)->retire();
  };
  for (const model::Endpoint& one : wanted) {
    retire_before(one.address);
    const bool same = old != endpoints_.end() && (*old)->address() == one.address;
    next.push_back(same ? std::move(*old++) : std::make_shared<Endpoint>(one, manner_.http2 ? &loop_ : nullptr));
    next.back()->set_state(one.state);
    next.back()->set_by_name(named_ != nullptr && named_->is_by_name(one.address));
  }
  for (; old != endpoints_.end(); ++old) (*old)->retire();
  endpoints_ = std::move(next);
}

void Pool::end_idle() {
  for (const auto& endpoint : endpoints_) endpoint->end_idle();
}

bool Attempts::has(const Endpoint& endpoint) const {
  const auto is_it = [&](const auto& one) { return one.get() == &endpoint; };
  return std::any_of(tried.begin(), tried.begin() + static_cast<std::ptrdiff_t>(count), is_it) ||
         std::ranges::any_of(passed_over, is_it);
}

const Endpoint* Attempts::last() const {
  if (count != 0) return tried[count - 1].get();
  return passed_over.empty() ? nullptr : passed_over.back().get();
}

bool Pool::has_others(const Attempts& attempts) const {
  return std::ranges::any_of(endpoints_, [&](const auto& one) { return !attempts.has(*one); });
}

std::shared_ptr<Endpoint> Pool::pick_with_state(const Attempts& attempts, model::Endpoint::State state) {
  for (std::size_t i = 0; i < endpoints_.size(); ++i) {
    const auto& endpoint = endpoints_[turn_++ % endpoints_.size()];
    if (endpoint->state() == state && !attempts.has(*endpoint)) return endpoint;
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

void Pool::make_tls() {
  if (manner_.make_tls == nullptr) return;
  const auto make = std::exchange(manner_.make_tls, nullptr);
  manner_ = make();
}

net::Task<Result<http::MadeConnection>> Pool::connect(Aim aim, net::Time deadline, bool only_http1,
                                                      std::string_view greeting) {
  if (reach_.rules != nullptr) {
    Error forbidden{.code = Code::address_refused, .retry_safe = true};
    forbidden.detail = reach_.rules->refusal(aim.address, aim.by_name);
    if (!forbidden.detail.empty()) co_return fail(forbidden);
  }
  const Error refused{.code = Code::connect_failed, .retry_safe = true};
  const Error no_route{.code = Code::no_route, .retry_safe = true};
  const Error exhausted{.code = Code::overloaded, .retry_safe = true};
  const Error broken{.code = Code::upstream_tls, .retry_safe = true};
  make_tls();
  if (manner_.is_broken) co_return fail(broken);
  if (!has_room()) co_return fail(exhausted);
  net::IoResult<net::Fd> fd = net::start_connect(aim.address);
  if (!fd && fd.error() == net::IoError::exhausted) co_return fail(exhausted);
  ++report_.connects;
  if (!fd) co_return fail(fd.error() == net::IoError::no_route ? no_route : refused);
  const bool takes_http1 = only_http1 && manner_.tls_http1 != nullptr;
  http::Connecting how{.settings = settings_,
                       .ledger = ledger_,
                       .quota = quota_,
                       .tls = takes_http1 ? manner_.tls_http1 : manner_.tls,
                       .http2 = manner_.http2,
                       .greeting = greeting};
  co_return co_await http::finish_connect(loop_, std::move(*fd), std::move(how), deadline);
}

// Its exchanges share connections, as far as is known. Most servers that speak HTTP/2 by TLS take WebSockets by
// HTTP/1.1 only.
bool Pool::shares(const Endpoint& endpoint, const Means& means) const {
  if (!means.greeting.empty() || (means.want == Want::tunnel && manner_.is_tls)) return false;
  return endpoint.sessions() != nullptr && !endpoint.sessions()->speaks_http1();
}

net::Task<Result<Lease>> Pool::lease(Attempts& attempts, Want want, net::Time deadline, Arena& arena,
                                     http::Notes& notes, std::string_view greeting) {
  const Means means{.want = want, .deadline = deadline, .arena = arena, .notes = notes, .greeting = greeting};
  if (named_ != nullptr) [[unlikely]]
    return lease_named(attempts, means);
  return lease_known(attempts, means);
}

// Its names may have other addresses by now, or none yet.
net::Task<Result<Lease>> Pool::lease_named(Attempts& attempts, Means means) {
  const Result<void> ready = co_await named_->ready(means.deadline);
  if (named_->has_changed()) take_endpoints(named_->all());
  if (!ready) {
    ++report_.connect_failures;
    co_return Failure(ready.error());
  }
  co_return co_await lease_known(attempts, means);
}

net::Task<Result<Lease>> Pool::lease_known(Attempts& attempts, const Means& means) {
  std::shared_ptr<Endpoint> first = attempts.may_go_on() ? pick(attempts) : nullptr;
  if (first != nullptr && first->sessions() != nullptr && means.greeting.empty()) {
    http::h2::ClientConnection* const on = first->sessions()->with_room();
    const bool fits = on != nullptr && (shares(*first, means) || means.want != Want::tunnel || on->takes_tunnels());
    if (fits) return net::Task<Result<Lease>>::with(begin_stream(std::move(first), *on, means));
  }
  if (first != nullptr) {
    if (auto idle = begin_idle(*first, means)) {
      return net::Task<Result<Lease>>::with(Lease(std::move(first), std::move(idle)));
    }
  }
  return lease_new(std::move(first), attempts, means);
}

Pool::Http1 Pool::begin_idle(Endpoint& endpoint, const Means& means) {
  if (means.want != Want::any || !means.greeting.empty()) return nullptr;
  for (;;) {
    auto idle = endpoint.take_idle();
    if (idle == nullptr || idle->begin(means.arena, means.notes)) return idle;
  }
}

Result<Lease> Pool::begin_stream(std::shared_ptr<Endpoint> endpoint, http::h2::ClientConnection& on,
                                 const Means& means) {
  ArenaPtr<http::h2::ClientStream> stream(means.arena.make<http::h2::ClientStream>(on, means.arena, means.notes));
  if (stream == nullptr) return fail(Code::overloaded);
  return Lease(std::move(endpoint), std::move(stream));
}

// What a connect failed by says more than why none began.
net::Task<Result<Lease>> Pool::lease_new(std::shared_ptr<Endpoint> endpoint, Attempts& attempts, Means means) {
  Error error{.code = Code::no_endpoints, .retry_safe = true};
  bool any_began = false;
  while (endpoint != nullptr) {
    net::Task<Result<Lease>> leasing =
        shares(*endpoint, means) ? lease_shared(endpoint, means) : lease_own(endpoint, means);
    Result<Lease> lease = co_await leasing;
    if (lease) co_return lease;
    const Code code = lease.error().code;
    if (code == Code::overloaded) co_return lease;
    const bool is_forbidden = code == Code::address_refused;
    if (!is_forbidden) ++report_.connect_failures;
    const bool is_refused = code == Code::connect_failed;
    const bool began = is_refused || (!is_forbidden && code != Code::no_route);
    if (is_refused) ++attempts.refused;
    if (is_refused || !began) {
      attempts.passed_over.push_back(std::move(endpoint));
    } else {
      attempts.tried[attempts.count++] = std::move(endpoint);
    }
    if (began || !any_began) error = lease.error();
    any_began = any_began || began;
    if (loop_.now() >= means.deadline || !attempts.may_go_on()) break;
    endpoint = pick(attempts);
    if (endpoint == nullptr) break;
    if (auto idle = begin_idle(*endpoint, means)) co_return Lease(std::move(endpoint), std::move(idle));
  }
  co_return fail(error);
}

net::Task<Result<Lease>> Pool::lease_own(std::shared_ptr<Endpoint> endpoint, Means means) {
  const bool only_http1 = means.want == Want::tunnel;
  Result<http::MadeConnection> made = co_await connect(aim_of(*endpoint), means.deadline, only_http1, means.greeting);
  if (!made) co_return Failure(made.error());
  if (endpoint->sessions() != nullptr && !only_http1) endpoint->sessions()->note_http1(made->http1 != nullptr);
  if (made->http1 != nullptr) {
    static_cast<void>(made->http1->begin(means.arena, means.notes));
    co_return Lease(std::move(endpoint), std::move(made->http1), means.greeting.empty());
  }
  http::h2::ClientConnection& on = *made->http2;
  endpoint->sessions()->add(std::move(made->http2));
  Result<Lease> lease = begin_stream(std::move(endpoint), on, means);
  if (!means.greeting.empty()) on.keep_for_one();
  co_return lease;
}

// On a connection that is there, or on the next one to be made, for which others may wait too.
net::Task<Result<Lease>> Pool::lease_shared(std::shared_ptr<Endpoint> endpoint, Means means) {
  http::UpstreamSessions& sessions = *endpoint->sessions();
  const net::Time latest = std::min(means.deadline, loop_.now() + settings_.head);
  for (;;) {
    if (http::h2::ClientConnection* on = sessions.with_room()) co_return begin_stream(std::move(endpoint), *on, means);
    Http1 http1 = sessions.take_http1();
    if (http1 != nullptr && http1->begin(means.arena, means.notes)) {
      co_return Lease(std::move(endpoint), std::move(http1));
    }
    if (!shares(*endpoint, means)) co_return co_await lease_own(std::move(endpoint), means);
    if (!sessions.is_making()) sessions.make(connect(aim_of(*endpoint), net::Time::max()));
    const std::uint64_t attempt = sessions.attempts();
    const bool in_time = co_await sessions.wait(latest);
    const Error late{.code = Code::connect_timeout, .retry_safe = true};
    if (!in_time) co_return fail(late);
    if (sessions.attempts() != attempt && sessions.failure()) co_return Failure(*sessions.failure());
  }
}

}  // namespace sallyport::proxy
