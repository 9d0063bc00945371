// SPDX-License-Identifier: Apache-2.0
#include "proxy/passage.hpp"

#include <algorithm>
#include <utility>

#include "http/grpc.hpp"
#include "proxy/capped_body.hpp"
#include "proxy/explain_field.hpp"
#include "proxy/upstream_call.hpp"

namespace sallyport::proxy {
namespace {

net::Task<Result<http::Response>> failed(Error error) {
  return net::Task<Result<http::Response>>::with(fail(std::move(error)));
}

}  // namespace

Passage::Passage(http::Incoming& incoming_request, Snapshot snapshot, const routing::Listener& at, const Means& means,
                 const std::array<std::uint64_t, 2>& number)
    : Exchange(incoming_request, at.model, means.states, calls_, number),
      means_(means),
      snapshot_(std::move(snapshot)),
      listener_(&at) {}

net::Task<Result<http::Response>> Passage::run() {
  if (request().method == http::Method::post) look_for_grpc();
  return filters::Next(listener_->chain, choosing_rule_)(*this);
}

// What its client says of its own patience shortens the deadline.
void Passage::look_for_grpc() {
  const http::Fields& fields = request().fields;
  const std::string_view content_type = fields.value(syntax::HeaderId::content_type);
  speaks_grpc_ = http::is_grpc(content_type) || http::is_grpc_web(content_type);
  if (!speaks_grpc_) return;
  const auto timeout = http::grpc_timeout(fields.value(syntax::HeaderId::grpc_timeout));
  if (timeout && *timeout < deadline - incoming.received) deadline = incoming.received + *timeout;
}

net::Task<Result<http::Response>> Passage::reroute() {
  if (!choice_) return choose_rule();
  if (explanation_) is_rerouted_ = true;
  return run_next_rule();
}

net::Task<Result<http::Response>> Passage::choose_rule() {
  choice_.emplace(***snapshot_, *listener_, request(), client);
  authority_ = request().authority;
  // Before any filter of a rule changes what the rules are asked about.
  if (explains()) {
    explanation_ = std::make_unique<routing::Explanation>(
        routing::explain(***snapshot_, *listener_, request(), client, random[0]));
  }
  return run_next_rule();
}

net::Task<Result<http::Response>> Passage::run_next_rule() {
  const routing::Candidate candidate = choice_->next();
  // What an earlier rule chose is not this request's any more.
  rule_ = candidate.rule;
  pool_ = nullptr;
  match = {};
  request().authority = authority_;
  log.path = {};
  log.rule = {};
  log.backend = {};
  log.endpoint = {};
  log.attempts = 0;
  log.grpc_status = {};
  if (rule_ != nullptr) {
    match = {.rule = &rule_->model, .prefix = candidate.prefix};
    request().path = candidate.path;
    log.rule = rule_->origin_json;
  }
  if (auto refusal = choice_->refusal(candidate)) return failed(std::move(*refusal));
  return filters::Next(rule_->chain, choosing_destination_)(*this);
}

net::Task<Result<http::Response>> Passage::choose_destination() {
  const routing::Destination* destination = rule_->destination_for(random[0]);
  if (destination == nullptr) return failed({.code = Code::no_service});
  if (!destination->backend) return failed({.code = destination->answer});
  // The worker may still have the pool of a backend that is not in this snapshot.
  const bool is_there = (***snapshot_).backend(*destination->backend) != nullptr;
  pool_ = is_there ? means_.pools.at(*destination->backend) : nullptr;
  if (pool_ == nullptr) return failed({.code = Code::no_service});
  log.backend = pool_->id();
  return filters::Next(destination->chain, asking_)(*this);
}

// HTTP/1.0 need not say whom a request is for. HTTP/1.1, which the upstream is spoken to in, has an empty Host for that
// (RFC 9112 3.2), and many servers refuse it: it is for the address that the client connected to, as that calls it.
// False: there is no room.
bool Passage::name_authority() {
  const http::ConnectionFacts& connection = incoming.connection;
  syntax::SocketAddress local = connection.local;
  if (local.ip.is_unspecified()) return true;
  if (connection.client_source != http::ClientSource::proxy_header) local.port = listener.port;
  std::array<char, syntax::SocketAddress::text_size> room;
  std::string_view text(room.data(), local.write(room));
  if (local.port == (connection.is_secure ? 443 : 80)) text = text.substr(0, text.rfind(':'));
  request().authority = arena().copy(text);
  return !request().authority.empty();
}

net::Task<Result<http::Response>> Passage::ask_upstream() {
  if (request().authority.empty() && !name_authority()) return failed({.code = Code::overloaded});
  return ask(*pool_, {.request = incoming.request,
                      .arena = incoming.arena,
                      .deadline = deadline,
                      .interim = &incoming.interim,
                      .log = log,
                      .asker = this});
}

net::Task<Result<http::Response>> Passage::Calls::call(std::string_view backend, const http::Request& request,
                                                       Arena& arena, http::CallLimits limits) {
  // Held for itself: the backend may be in no snapshot that this request holds.
  Pool* const known = passage.means_.pools.find(backend);
  const std::shared_ptr<Pool> pool = known == nullptr ? nullptr : known->shared_from_this();
  filters::LogRecord* const log = arena.make<filters::LogRecord>();
  if (pool == nullptr || log == nullptr) co_return fail(Code::no_service);
  Question question{.request = request, .arena = arena, .deadline = limits.deadline, .interim = nullptr, .log = *log};
  Result<http::Response> response = co_await ask(*pool, question);
  if (response && response->body) {
    response->body = cap(std::move(response->body), arena, limits.response_bytes);
    if (response->body == nullptr) co_return fail(Code::overloaded);
  }
  co_return response;
}

bool Passage::explains() const {
  if (incoming.connection.client_source == http::ClientSource::hidden) return false;
  return std::ranges::any_of(means_.settings.explain_from,
                             [this](const syntax::Cidr& block) { return block.contains(client); });
}

void Passage::answering(const Result<http::Response>& response) {
  if (explanation_) {
    const Taken taken{.rule = match.rule,
                      .prefix = match.prefix,
                      .rerouted = is_rerouted_,
                      .backend = log.backend,
                      .endpoint = log.endpoint};
    incoming.explanation = arena().copy(explain_field(*explanation_, taken));
    explanation_ = nullptr;
  }
  if (response && speaks_grpc_) {  // where the head is the trailers too
    const std::string_view status = response->head.fields.value(syntax::HeaderId::grpc_status);
    if (!status.empty()) log.grpc_status = http::grpc_status_in(status);
  }
  if (response && response->tunnel) {
    is_tunnel_ = true;
    ++means_.tunnels.begun;
    ++means_.tunnels.open;
    incoming.loop.timers().arm(letting_go_, incoming.loop.now() + means_.settings.snapshot_hold);
  }
}

// An answer that says nothing of it means what its status does to clients of gRPC.
void Passage::settle_grpc_status(const http::Outcome& outcome) {
  if (!speaks_grpc_) {
    log.grpc_status = {};
  } else if (outcome.error) {
    log.grpc_status = http::grpc_status_for(*outcome.error);
  } else if (!log.grpc_status) {
    log.grpc_status = http::grpc_status_of(outcome.status);
  }
}

void Passage::ended(const http::Outcome& outcome) {
  settle_grpc_status(outcome);
  if (!is_tunnel_) return;
  --means_.tunnels.open;
  means_.tunnels.from_clients += outcome.received;
  means_.tunnels.to_clients += outcome.sent;
}

// By now no filter runs any more: the chains have given their answer. A request whose texts find no room stays as it
// is.
void Passage::let_go() {
  const std::string_view rule = incoming.arena.copy(log.rule);
  if (rule.size() != log.rule.size() || !request().fields.keep_texts()) return;
  log.rule = rule;
  kept_.listener = listener_->part;
  if (rule_ != nullptr) kept_.rule = rule_->part;
  if (pool_ != nullptr) kept_.pool = pool_->shared_from_this();
  choice_.reset();
  rule_ = nullptr;
  listener_ = nullptr;
  snapshot_.reset();
}

}  // namespace sallyport::proxy
