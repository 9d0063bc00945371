// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream_call.hpp"

#include <algorithm>
#include <utility>

#include "http/websocket.hpp"
#include "net/proxy_protocol.hpp"
#include "proxy/tunnel.hpp"

namespace sallyport::proxy {
namespace {

// RFC 9110 9.2.2.
bool is_idempotent(http::Method method) {
  switch (method) {
    case http::Method::get:
    case http::Method::head:
    case http::Method::put:
    case http::Method::delete_:
    case http::Method::options:
    case http::Method::trace:
      return true;
    default:
      return false;
  }
}

bool is_upstreams(Code code) {
  return code == Code::upstream_reset || code == Code::upstream_timeout || code == Code::upstream_malformed ||
         code == Code::upstream_truncated;
}

// What the upstream is told of the client, in the arena; empty: nothing, or there is no room for it.
std::string_view greeting_for(const Pool& pool, const Question& question) {
  using Speaks = net::ProxyHeader::Speaks;
  net::ProxyTeller teller;
  if (question.asker != nullptr) {
    const http::ConnectionFacts& connection = question.asker->incoming.connection;
    const bool is_hidden = connection.client_source == http::ClientSource::hidden;
    const syntax::IpAddress& client = question.asker->client;
    teller.speaks = is_hidden ? Speaks::for_unnamed : Speaks::for_client;
    // Whom a trusted proxy names has no port that we know.
    const bool is_its_own = client == connection.client.ip;
    teller.client = {client, is_its_own ? connection.client.port : std::uint16_t{0}};
    teller.local = connection.local;
    if (connection.tls != nullptr) teller.authority = connection.tls->server_name;
    if (teller.authority.empty()) teller.authority = question.request.head.host;
  }
  net::ProxyHeaderRoom room;
  const bool v1 = pool.manner().proxy_protocol == model::ProxyProtocol::v1;
  return question.arena.copy(v1 ? net::write_proxy_v1(room, teller) : net::write_proxy_v2(room, teller));
}

// Remembers the endpoint as tried where another one may be asked in its place.
bool move_on(Pool& pool, Attempts& attempts, std::shared_ptr<const Endpoint> from) {
  if (attempts.count + 1 >= Attempts::most) return false;
  attempts.tried[attempts.count++] = std::move(from);
  if (pool.has_others(attempts) && pool.repeats().take()) return true;
  --attempts.count;
  return false;
}

}  // namespace

net::Task<Result<http::Response>> ask(Pool& pool, Question question) {
  Attempts attempts;
  auto* const notes = question.arena.make<http::Notes>();
  const bool greets = pool.manner().proxy_protocol != model::ProxyProtocol::none;
  const std::string_view greeting = greets ? greeting_for(pool, question) : std::string_view();
  if (notes == nullptr || (greets && greeting.empty())) co_return fail(Code::overloaded);
  // A connection that switched is never shared (H1-11).
  Want want = question.request.head.upgrade.empty() ? Want::any : Want::tunnel;
  pool.repeats().count_request();
  bool repeated = false;
  std::optional<Error> broke;  // what became of it at the first endpoint, if it was sent to another one
  for (;;) {
    Result<Lease> lease = co_await pool.lease(attempts, want, question.deadline, question.arena, *notes, greeting);
    question.log.attempts = static_cast<unsigned>(attempts.made()) + (lease ? 1 : 0) + (repeated ? 1 : 0);
    if (!lease) {
      // Whoever broke off may have acted on it: that no other could be reached does not say that nothing was done.
      if (broke) co_return Failure(*broke);
      if (attempts.last() != nullptr) question.log.endpoint = attempts.last()->address();
      Error error = lease.error();
      error.retry_safe = error.retry_safe && !repeated;
      co_return Failure(std::move(error));
    }
    UpstreamCall* made = question.arena.make<UpstreamCall>(std::move(*lease), question, pool);
    if (made == nullptr) co_return fail(Code::overloaded);
    ArenaPtr<UpstreamCall> call(made);
    http::Response response(question.arena);
    const Result<void> heads = co_await call->exchange_heads(response.head);
    if (!heads && !repeated && call->may_repeat(heads.error())) {
      ++pool.report().stale_retries;
      if (want == Want::any) want = Want::fresh;
      repeated = true;
      continue;
    }
    if (!heads && !broke && call->may_move_on(heads.error()) && move_on(pool, attempts, call->endpoint())) {
      ++pool.report().stale_retries;
      broke = heads.error();
      continue;
    }
    if (!heads) co_return Failure(heads.error());
    response.head.keep_alive = true;  // that was the upstream's; the client's connection is another
    if (response.head.status == 101) {
      response.tunnel = std::move(call);
    } else {
      // Also when there is no body: the texts of the head lie in the connection's buffer until they were used.
      call->begin_body(response.head.framing);
      response.body = std::move(call);
    }
    co_return response;
  }
}

UpstreamCall::UpstreamCall(Lease lease, const Question& question, const Pool& pool)
    : lease_(std::move(lease)), question_(question), settings_(pool.settings()), loop_(pool.loop()) {
  question_.log.endpoint = lease_.endpoint().address();
}

net::Time UpstreamCall::head_deadline() const { return std::min(loop_.now() + settings_.head, question_.deadline); }

net::Task<Result<void>> UpstreamCall::upload(http::Hop hop) {
  Result<void> sent = co_await exchange().send(question_.request, hop);
  if (!head_received_) {
    if (sent || is_upstreams(sent.error().code)) {
      exchange().replace_head_deadline(head_deadline());
    } else {
      exchange().interrupt();  // who waits for the answer learns that the question was not put
    }
  }
  co_return sent;
}

net::Task<Result<void>> UpstreamCall::exchange_heads(http::ResponseHead& head) {
  const http::RequestHead& request = question_.request.head;
  const http::Hop hop{
      .upgrade = request.upgrade, .te_trailers = request.accepts_trailers, .trailers = settings_.request_trailers};
  if (question_.request.body != nullptr) {
    upload_.emplace(upload(hop));
  } else {
    const Result<void> sent = co_await exchange().send(question_.request, hop);
    if (!sent && !is_upstreams(sent.error().code)) co_return sent;
  }
  for (unsigned interim = 0;; ++interim) {
    const Result<void> got = co_await exchange().read_head(request.method, head, next_deadline());
    if (!got) co_return ended(got);
    const Result<bool> is_final = judge(head, interim);
    if (!is_final) co_return ended(Failure(is_final.error()));
    if (*is_final) break;
    // 100 is between the upstream and us: what a client expects is answered by its own session (H1-13).
    if (head.status == 100 || question_.interim == nullptr) continue;
    const Result<void> passed_on = co_await question_.interim->interim(head);
    if (!passed_on) co_return ended(passed_on);
  }
  head_received_ = true;
  co_return Result<void>();
}

net::Time UpstreamCall::next_deadline() const {
  const bool is_sent = !upload_ || upload_->done();
  return is_sent ? head_deadline() : std::min(loop_.now() + settings_.while_sending, question_.deadline);
}

// Whether this is the final head.
Result<bool> UpstreamCall::judge(const http::ResponseHead& head, unsigned interim) const {
  if (head.status == 101 && !http::accepts_upgrade(question_.request.head, head)) {
    return fail(Code::upstream_malformed, "H1-12");
  }
  if (head.status >= 200 || head.status == 101) return true;
  if (interim == settings_.interim_heads) return fail(Code::upstream_malformed, "H1-13");
  return false;
}

// No final head came. That may be the fault of the request's body.
Result<void> UpstreamCall::ended(Result<void> got) {
  head_received_ = true;
  if (!upload_ || !upload_->done()) return got;
  const Result<void> sent = upload_->take();
  upload_.reset();
  return !sent && !is_upstreams(sent.error().code) ? sent : got;
}

bool UpstreamCall::may_repeat(const Error& error) const {
  const http::Request& request = question_.request;
  const bool reached_nobody = error.code == Code::upstream_reset && exchange().may_be_stale();
  return request.body == nullptr && reached_nobody && (error.retry_safe || is_idempotent(request.head.method));
}

bool UpstreamCall::may_move_on(const Error& error) const {
  const http::Request& request = question_.request;
  return request.body == nullptr && is_idempotent(request.head.method) && error.code == Code::upstream_reset &&
         exchange().is_unanswered();
}

// Whoever sends the response asks for them at its end: then, and not before, it is known what became of a call.
const http::Fields* UpstreamCall::trailers() const {
  const http::Fields* const trailers = reader_->trailers();
  if (trailers == nullptr) return nullptr;
  const std::string_view status = trailers->value(syntax::HeaderId::grpc_status);
  if (!status.empty()) question_.log.grpc_status = http::grpc_status_in(status);
  return trailers;
}

void UpstreamCall::begin_body(const http::Framing& framing) { reader_ = &exchange().begin_body(framing); }

net::Task<void> UpstreamCall::run(http::ByteStream& client, http::TunnelTotals& totals) {
  const TunnelRelay::Patience patience{.idle = settings_.tunnel_idle, .stall = settings_.tunnel_stall};
  TunnelRelay relay(loop_, client, exchange().begin_tunnel(), totals, patience);
  co_await relay.run();
}

}  // namespace sallyport::proxy
