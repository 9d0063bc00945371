// SPDX-License-Identifier: Apache-2.0
#include "http/h2/server_stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/gateway_answer.hpp"
#include "http/grpc.hpp"
#include "http/h2/response_lines.hpp"
#include "http/h2/server_connection.hpp"
#include "http/trailer_rules.hpp"
#include "http/websocket.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h2 {
namespace {

// A client that takes a response at less than this is one that holds it (H2-4): its bytes, and those of all its other
// streams, come at whatever pace its line has.
Pace reading_pace(const ServerSettings& settings) {
  const auto stall = static_cast<std::uint64_t>(settings.write_stall.count());
  return {.grace = settings.write_stall,
          .bytes_per_second =
              std::max<std::uint64_t>(settings.http2.progress * 1000 / std::max<std::uint64_t>(stall, 1), 1)};
}

// Counted as long as it lives, also when the wait is given up.
class Counted {
 public:
  explicit Counted(std::size_t& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  std::size_t& count_;
};

// Of an extended CONNECT any success says that the tunnel is there (RFC 8441 5).
bool seems_to_switch(const RequestHead& request, const Response& response) {
  const bool is_success = response.head.status >= 200 && response.head.status < 300;
  return is_success && !request.upgrade.empty() && !response.tunnel;
}

}  // namespace

ServerStream::ServerStream(ServerConnection& connection, StreamId id, std::unique_ptr<StreamScratch> scratch)
    : connection_(connection), id_(id), scratch_(std::move(scratch)) {
  scratch_->arena.set_account(&connection_.ledger());
  InterimSink& sink = *this;
  scratch_->incoming.emplace(scratch_->arena, connection_.loop(), connection_.facts(), sink);
  reader_.emplace(connection_.settings(), scratch_->arena, incoming().request.head);
}

ServerStream::~ServerStream() {
  task_.reset();
  body_.reset();
  if (scratch_) scratch_->clear();
}

std::unique_ptr<StreamScratch> ServerStream::take_scratch() {
  task_.reset();
  body_.reset();
  reader_.reset();
  scratch_->clear();
  return std::move(scratch_);
}

// What the session tells.

bool ServerStream::on_field(const Line& field) { return head_is_over_ ? read_trailer(field) : reader_->read(field); }

// As of a chunked body: those that may not be trailers are left out.
bool ServerStream::read_trailer(const Line& field) {
  const auto [name, value, is_secret] = field;
  const Limits& limits = connection_.settings().limits;
  trailer_bytes_ += name.size() + value.size() + RequestReader::around_field;
  const syntax::HeaderId id = syntax::header_id(name);
  if (!body_ || !syntax::is_token(name) || !syntax::is_field_value(value)) return false;
  Fields& trailers = body_->coming_trailers();
  if (trailer_bytes_ > limits.trailers || trailers.size() == limits.trailer_fields) {
    // Not malformed: whoever reads the body hears of it, as of a chunked one.
    body_->fail({.code = Code::header_too_large, .rule = "H1-15", .detail = "the trailers are too long"});
    return true;
  }
  if (!may_be_trailer(id, name)) {
    connection_.count({.trailers_dropped = 1});
    return true;
  }
  const std::size_t before = trailers.size();
  const std::string_view kept_name = id == syntax::HeaderId::other ? arena().copy(name) : syntax::name_of(id);
  if (!trailers.append(id, kept_name, arena().copy(value))) return false;
  if (is_secret) trailers.mark_secret(before);
  return true;
}

bool ServerStream::on_fields_end(bool ends_stream) {
  if (head_is_over_) return ends_stream;
  if (!reader_->finish(ends_stream)) return false;
  head_is_over_ = true;
  const RequestHead& head = incoming().request.head;
  if (!reader_->is_refused() && (!ends_stream || !head.upgrade.empty())) {
    StreamBody::Source& source = *this;
    body_.emplace(source, connection_.loop(), connection_.ledger(), connection_.settings().body, Code::body_too_slow,
                  arena());
    may_send_continue_ = head.expects_continue;
    if (!head.upgrade.empty()) body_->be_patient();
  }
  connection_.note(*this);
  return true;
}

bool ServerStream::on_data(std::string_view bytes) {
  connection_.gate().carried(bytes.size());
  if (!body_ || is_done_) {  // nobody will read it
    taken(bytes.size());
    return true;
  }
  may_send_continue_ = false;  // who has sent some of it already does not wait (RFC 9110 10.1.1)
  connection_.note(*this);
  return body_->put(bytes);
}

void ServerStream::on_end() {
  has_all_ = true;
  if (body_) body_->end();
  connection_.note(*this);
}

void ServerStream::on_closed(ErrorCode error) {
  is_closed_ = true;
  error_ = error;
  connection_.note(*this);
}

StreamEvents::Supply ServerStream::supply(std::size_t most) {
  const std::size_t size = std::min(most, piece_.size());
  const bool is_last = ends_ && size == piece_.size();
  if (size == 0 && !is_last) {
    wants_piece_ = true;
    connection_.note(*this);
    return {};
  }
  return {.size = size, .ends = is_last, .trailers = is_last ? trailers_ : nullptr};
}

void ServerStream::take(std::span<char> to) {
  std::memcpy(to.data(), piece_.data(), to.size());
  piece_.remove_prefix(to.size());
  sent_ += to.size();
}

void ServerStream::on_sent_end() {
  sent_end_ = true;
  connection_.note(*this);
}

// What it does about that.

void ServerStream::catch_up() {
  if (is_closed_ && !sent_end_)
    return cut_off(error_ == ErrorCode::protocol_error ? Code::bad_request : Code::client_gone);
  if (head_is_over_ && !has_started_) start();
  // A client may reset a tunnel behind our end: the rest of its own half does not come.
  if (is_closed_ && is_tunnel_) body_->fail({.code = Code::client_gone});
  if (body_) body_->wake();
  if (wants_piece_ || sent_end_) moved_.notify();
  // Both halves are over, and still it does something: it waits for more of a request of which there is no more. A
  // tunnel may have some of it still to pass on.
  if (is_closed_ && !is_tunnel_) cut_off(Code::client_gone);
}

void ServerStream::start() {
  has_started_ = true;
  connection_.count(reader_->notes());
  std::optional<Error> refusal;
  if (reader_->is_refused()) refusal = reader_->take_error();
  reader_.reset();
  Request& request = incoming().request;
  if (body_ && body_->has_ended() && body_->bytes_put() == 0 && request.head.upgrade.empty()) {
    request.head.framing = request.head.framing.kind == Framing::Kind::chunked ? Framing() : request.head.framing;
    request.head.expects_continue = false;
    body_.reset();
  }
  if (body_ && request.head.upgrade.empty()) request.body = &*body_;
  task_ = refusal ? refuse(std::move(*refusal)) : serve();
  task_.start();
}

void ServerStream::no_more_comes() {
  if (!body_ || body_->has_ended()) return;
  body_->fail({.code = Code::client_gone});
  connection_.note(*this);
}

bool ServerStream::waits_for_window() const {
  return !is_closed_ && moved_.is_waited_for() && connection_.session().window(id_) == 0;
}

void ServerStream::cut_off(Code code) {
  if (std::exchange(is_done_, true)) return;
  task_.reset();
  const bool is_malformed = code == Code::bad_request;
  if (!has_started_ && is_malformed) connection_.handler().refused(incoming());
  incoming().finish({.error = code,
                     .rule = !is_malformed   ? ""
                             : head_is_over_ ? "H2-8"
                                             : "H2-7",
                     .received = body_ ? body_->bytes_read() : 0,
                     .sent = sent_});
  if (!is_closed_) give_up(ErrorCode::cancel);
}

// The client hears of it, and the session asks for nothing any more: what it was promised of a piece may be gone.
void ServerStream::give_up(ErrorCode error) {
  connection_.session().reset(id_, error);
  connection_.session().forget(id_);
  is_closed_ = true;
  piece_ = {};
  connection_.write_soon();
}

// The exchange is over; what the client still sends of it is of no use (RFC 9113 8.1).
void ServerStream::finish(const Outcome& outcome) {
  is_done_ = true;
  incoming().finish(outcome);
  if (!is_closed_ && !has_all_) connection_.session().reset(id_, ErrorCode::no_error);
  if (sent_end_) connection_.gate().served();
  connection_.over();
}

net::Task<void> ServerStream::refuse(Error error) {
  connection_.handler().refused(incoming());
  const Outcome outcome{.error = error.code, .rule = error.rule};
  Response response = gateway_answer(arena(), error, incoming().request.head);
  co_await answer(std::move(response), outcome);
}

net::Task<void> ServerStream::serve() {
  Result<Response> response = co_await connection_.handler().handle(incoming());
  if (incoming().witness != nullptr) incoming().witness->answering(response);
  if (response) {
    co_await answer(std::move(*response), Outcome());
    co_return;
  }
  const Outcome outcome{.error = response.error().code, .rule = response.error().rule};
  if (response.error().code == Code::client_gone) {
    give_up(ErrorCode::cancel);
    finish(outcome);
    co_return;
  }
  if (response.error().code == Code::outdated_connection) connection_.end_when_idle();
  Response ours = gateway_answer(arena(), response.error(), incoming().request.head);
  co_await answer(std::move(ours), outcome);
}

bool ServerStream::submit(const ResponseHead& head, bool has_body) {
  const bool final = head.status >= 200;
  const Stamp stamp = final ? connection_.stamp(head.fields.find(syntax::HeaderId::date) != nullptr) : Stamp();
  const auto lines = response_lines(arena(), head, stamp);
  connection_.write_soon();
  if (!lines) return false;
  Session& session = connection_.session();
  // A call that is answered already may go on for hours, and say nothing most of the time.
  if (final && body_ && is_grpc(incoming().request.head.fields.value(syntax::HeaderId::content_type)))
    body_->be_patient();
  return final ? session.submit_response(id_, *lines, has_body) : session.submit_interim(id_, *lines);
}

net::Task<void> ServerStream::answer(Response response, Outcome outcome) {
  const RequestHead& request = incoming().request.head;
  ResponseHead& head = response.head;
  say_explanation(incoming(), head);
  may_send_continue_ = false;
  if (response.tunnel) {
    co_await run_tunnel(std::move(response), outcome);
    co_return;
  }
  Body* const body = request.method == Method::head ? nullptr : response.body.get();
  Result<void> sent = {};
  if (seems_to_switch(request, response)) {
    sent = fail(Code::upstream_malformed, "W-1", "a success that does not switch");
  } else if (body != nullptr) {
    sent = co_await gather(*body, head.framing);
  }
  if (!sent) {
    response.body.reset();
    outcome = {.error = sent.error().code, .rule = sent.error().rule};
    piece_ = {};
    put_ = 0;
    ends_ = false;
    Response ours = gateway_answer(arena(), sent.error(), request);
    co_await answer(std::move(ours), outcome);
    co_return;
  }
  const bool has_frames = body != nullptr && !(ends_ && piece_.empty() && trailers_ == nullptr);
  patience_.emplace(reading_pace(connection_.settings()));
  if (!submit(head, has_frames)) {
    sent = fail(Code::overloaded);
  } else {
    outcome.status = head.status;
    if (has_frames) sent = co_await send_rest(*body, head.framing);
    if (sent && !co_await wait_for_client(true)) sent = fail(Code::client_gone);
  }
  if (!sent) {
    outcome.error = sent.error().code;
    // A short body must not be taken for a whole one (H1-18).
    if (!is_closed_) give_up(sent.error().code == Code::client_gone ? ErrorCode::cancel : ErrorCode::internal_error);
  }
  outcome.sent = sent_;
  if (body_) outcome.received = body_->bytes_read();
  response.body.reset();
  finish(outcome);
}

// What the client sends is the body of its request, and what it gets that of our answer (RFC 8441 5).
net::Task<void> ServerStream::run_tunnel(Response response, Outcome outcome) {
  to_extended_connect_answer(response.head);
  patience_.emplace(reading_pace(connection_.settings()));
  is_tunnel_ = true;
  TunnelTotals totals;
  bool clean = submit(response.head, true);
  if (!clean) outcome.error = Code::overloaded;
  if (clean) {
    outcome.status = response.head.status;
    BodyStream stream(connection_.loop(), *body_);
    net::Beside<Result<void>> sending(send_tunnel(stream));
    co_await response.tunnel->run(stream, totals);
    clean = stream.is_shut();
    if (clean) {
      const Result<void> sent = co_await sending;
      clean = sent.has_value();
    }
    if (clean) clean = co_await wait_for_client(true);
  }
  // The session lets go of what it was promised of the tunnel's bytes before they are gone.
  if (!clean && !is_closed_) {
    connection_.gate().tunnel_broke_off(id_, connection_.loop().now());
    give_up(ErrorCode::cancel);
  }
  outcome.received = totals.from_client;
  outcome.sent = totals.to_client;
  response.tunnel.reset();
  finish(outcome);
}

net::Task<Result<void>> ServerStream::send_tunnel(BodyStream& stream) {
  const Framing until_the_end{.kind = Framing::Kind::chunked};
  Result<void> sent = co_await send_rest(stream.outgoing(), until_the_end);
  if (!sent) stream.break_off();
  co_return sent;
}

// The piece that is sent next. With the last byte of a known length goes the end.
Result<void> ServerStream::put_piece(std::string_view piece, const Body& body, const Framing& framing) {
  piece_ = piece;
  put_ += piece.size();
  const bool has_length = framing.kind == Framing::Kind::length;
  if (has_length && (put_ > framing.length || (piece.empty() && put_ < framing.length))) {
    return fail(Code::internal, "", "a body is not as long as its head says");
  }
  ends_ = piece.empty() || (has_length && put_ == framing.length);
  if (piece.empty()) trailers_ = body.trailers();
  return {};
}

// What is there at once and short goes out with the head, and with the end if that is there too.
net::Task<Result<void>> ServerStream::gather(Body& body, const Framing& framing) {
  constexpr std::size_t most = 4096;
  std::span<char> kept;
  std::size_t size = 0;
  while (!ends_ && body.ready()) {
    const std::size_t window = connection_.session().window(id_);
    if (window <= size) break;
    body.expect(window - size);
    const Result<std::string_view> piece = co_await body.read();
    if (!piece) co_return Failure(piece.error());
    const Result<void> put = put_piece(*piece, body, framing);
    if (!put) co_return put;
    if (ends_ && size == 0) break;  // sent from where it lies
    if (piece->size() > most - size) {
      if (size == 0) break;
      // Behind what was kept: both in one text of the arena, which such a piece is worth.
      const std::span<char> both = arena().text(size + piece->size());
      if (both.size() < size + piece->size()) co_return fail(Code::overloaded);
      std::memcpy(both.data(), kept.data(), size);
      std::memcpy(both.data() + size, piece->data(), piece->size());
      piece_ = {both.data(), both.size()};
      break;
    }
    if (kept.empty()) kept = arena().text(most);
    if (kept.empty()) co_return fail(Code::overloaded);
    if (!piece->empty()) std::memcpy(kept.data() + size, piece->data(), piece->size());
    size += piece->size();
    piece_ = {kept.data(), size};
  }
  co_return Result<void>();
}

net::Task<Result<void>> ServerStream::send_rest(Body& body, const Framing& framing) {
  while (!ends_) {
    const bool goes_on = co_await wait_for_client(false);
    if (!goes_on) co_return fail(Code::client_gone);
    wants_piece_ = false;
    body.expect(std::max<std::size_t>(connection_.session().window(id_), 1));
    const Result<std::string_view> piece = co_await body.read();
    if (!piece) co_return Failure(piece.error());
    const Result<void> put = put_piece(*piece, body, framing);
    if (!put) co_return put;
    connection_.session().resume(id_);
    connection_.write_soon();
  }
  co_return Result<void>();
}

// Until the session asks for more, or has sent the end. False: the client takes too little. A stream that waits for its
// turn among others, or for the line, is no fault of the client's: the connection sees to those. Where its window is
// what all of them wait for, they are moving as long as there is progress for each.
net::Task<bool> ServerStream::wait_for_client(bool until_end) {
  while (until_end ? !sent_end_ : !wants_piece_) {
    const net::Time from = connection_.loop().now();
    const std::uint64_t before = sent_;
    const std::uint64_t all_before = connection_.sent();
    const Counted waits(connection_.waiting());
    const bool notified = co_await moved_.wait(connection_.loop(), patience_->deadline(from));
    const std::uint64_t progress = connection_.settings().http2.progress * connection_.waiting();
    const bool is_moving = connection_.sent() - all_before >= progress;
    const Session& session = connection_.session();
    const bool is_stalled = session.stream_window(id_) == 0 || (session.connection_window() == 0 && !is_moving);
    patience_->spend(from, connection_.loop().now(), sent_ - before);
    if (notified) continue;
    if (!is_stalled) patience_.emplace(reading_pace(connection_.settings()));
    // What it took meanwhile may have earned it more time.
    if (patience_->deadline(from) <= from) co_return false;
  }
  co_return true;
}

net::Task<Result<void>> ServerStream::interim(const ResponseHead& head) {
  if (!submit(head, false)) co_return fail(Code::overloaded);
  co_return Result<void>();
}

// That is when the request was accepted (H1-13).
void ServerStream::before_first_read() {
  if (!std::exchange(may_send_continue_, false)) return;
  ResponseHead head(arena());
  head.status = 100;
  static_cast<void>(submit(head, false));  // without it the client goes on by itself
}

bool ServerStream::is_held() const { return connection_.session().receive_window() == 0; }

void ServerStream::taken(std::size_t bytes) {
  connection_.session().consumed(id_, bytes);
  connection_.write_soon();
}

}  // namespace sallyport::http::h2
