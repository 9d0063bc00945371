// SPDX-License-Identifier: Apache-2.0
#include "http/h1/server_connection.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "http/gateway_answer.hpp"
#include "http/glitches.hpp"
#include "http/h1/head_scanner.hpp"
#include "http/h1/message_writer.hpp"
#include "http/h1/request_line.hpp"
#include "http/h1/request_parser.hpp"
#include "http/h1/serialiser.hpp"
#include "http/request_rules.hpp"
#include "http/socket_stream.hpp"
#include "syntax/token.hpp"

namespace sallyport::http::h1 {

ServerConnection::ServerConnection(Server& server, net::Socket::Released connection, const ConnectionFacts& facts)
    : server_(server),
      facts_(facts),
      ledger_(server.settings().connection_bytes, &server.ledger()),
      socket_(server.loop(), std::move(connection.fd), this, std::move(connection.stream)) {
  static_cast<void>(ledger_.charge(sizeof *this));  // refused: it is not usable
  be_idle(server_.settings().idle);
}

ServerConnection::~ServerConnection() {
  if (answering_) socket_.reset_on_close();  // a short body must not be taken for a whole one (H1-18)
  task_.reset();
  finish();
}

void ServerConnection::be_idle(net::Duration most) {
  constexpr std::int64_t longest = std::numeric_limits<std::uint32_t>::max();
  idle_time_ = static_cast<std::uint32_t>(std::min<std::int64_t>(most.count(), longest));
  socket_.idle_until(server_.loop().now() + most);
}

void ServerConnection::limit_idle(net::Duration most) {
  if (net::Duration(idle_time_) <= most) return;
  socket_.idle_until(idle_since() + most);
  idle_time_ = static_cast<std::uint32_t>(most.count());
}

// A request that is there, or on its way on a new connection, is answered first: closing would reset it.
void ServerConnection::end_when_idle() {
  constexpr net::Duration first_request{1'000};
  if (state_ != State::idle) return;
  if (more_to_read() || socket_.has_bytes()) {
    start();
  } else if (!served_) {
    be_idle(first_request);
  } else if (socket_.flush()) {
    end();
  }  // else on_sent() comes back here
}

bool ServerConnection::end_idle() {
  const bool has_more = more_to_read() || socket_.has_bytes();
  has_more ? start() : end();
  return !has_more;
}

void ServerConnection::cut_off() {
  task_.reset();
  if (scratch_ && scratch_->incoming) scratch_->incoming->finish({.error = Code::overloaded});
  socket_.reset_on_close();
  on_gone();
}

net::Socket::Released ServerConnection::release() { return socket_.release(); }

void ServerConnection::end() {
  state_ = State::over;
  server_.loop().defer(*this);
}

void ServerConnection::on_readable() {
  if (state_ == State::idle) start();
}

// The one thing that ends an exchange from outside: nobody is there to answer.
void ServerConnection::on_gone() {
  socket_.discard_put_off();
  task_.reset();
  finish();
  end();
}

void ServerConnection::on_deadline() {
  if (state_ == State::idle) end();
}

void ServerConnection::on_sent() {
  if (state_ == State::over) return end();
  if (server_.draining()) end_when_idle();
}

void ServerConnection::at_turn_end() {
  if (state_ == State::busy) return;
  task_.reset();
  if (state_ == State::leaving) return server_.hand_over(*this);  // destroys this
  if (state_ == State::idle && more_to_read()) return start();
  finish();
  if (state_ == State::idle && server_.draining()) {  // it began to after this answer's head
    if (socket_.has_bytes()) return start();
    if (socket_.flush()) state_ = State::over;
  }
  if (state_ == State::over) {
    if (socket_.flush()) server_.remove(*this);  // destroys this; else on_sent() or on_gone() comes back here
    return;
  }
  be_idle(server_.settings().idle);
}

void ServerConnection::start() {
  served_ = true;
  if (!scratch_) {
    if (!ledger_.charge(scratch_cost)) {  // there is no room even for an answer
      socket_.reset_on_close();
      return end();
    }
    scratch_ = server_.take_scratch();
    scratch_->arena.set_account(&ledger_);
    scratch_->inbox.emplace(server_.loop().buffers(), ledger_);
    scratch_->notes.points_before = glitch_points_;
  }
  state_ = State::busy;
  socket_.idle_until(net::Time::max());
  task_ = serve();
  task_.start();
}

// Gives back all that only an exchange needs.
void ServerConnection::finish() {
  if (!scratch_) return;
  scratch_->clear();
  scratch_->arena.set_account(nullptr);
  scratch_->inbox.reset();
  glitch_points_ = glitch_points(scratch_->notes);
  server_.tally() += scratch_->notes;
  scratch_->notes = {};
  server_.give_scratch(std::move(scratch_));
  ledger_.release(scratch_cost);
}

net::Task<void> ServerConnection::serve() {
  constexpr int most_a_start = 16;  // so that one client that pipelines does not keep the others waiting
  bool stays = true;
  for (int served = 0; stays && served < most_a_start && (served == 0 || more_to_read()); ++served) {
    stays = co_await serve_one();
    if (state_ == State::leaving) break;
    scratch_->clear();
    scratch_->inbox->settle();
  }
  if (state_ != State::leaving) state_ = stays ? State::idle : State::over;
  server_.loop().defer(*this);
}

// The first line of what a client of HTTP/2 sends first (RFC 9113 3.4), which is no request of this version. The rest
// of it may still be on its way.
bool ServerConnection::begins_http2() const {
  constexpr std::string_view line = "PRI * HTTP/2.0\r\n";
  return is_first_ && server_.knows_http2() && scratch_->inbox->unread().starts_with(line);
}

// Where HTTP/2 may begin as well, a first line of neither is answered in neither: its sender would take our 400 for a
// frame (RFC 9113 3.4).
bool ServerConnection::is_of_no_version() const {
  if (!is_first_ || !server_.knows_http2()) return false;
  const std::string_view received = scratch_->inbox->unread();
  const auto size = received.find('\n');
  if (size == received.npos) return false;
  const std::string_view line = received.substr(0, size);
  const std::string_view method = line.substr(0, line.find(' '));
  return syntax::is_token(method) && method_named(method) == Method::other && line.find(" HTTP/") == line.npos;
}

// True: the connection stays.
net::Task<bool> ServerConnection::serve_one() {
  InterimSink& sink = *this;
  Incoming& incoming = scratch_->incoming.emplace(scratch_->arena, server_.loop(), facts_, sink);
  const Result<bool> head = co_await read_head(incoming);
  if (!head && begins_http2()) {
    state_ = State::leaving;
    co_return false;
  }
  const bool is_heard = head || !is_of_no_version();
  is_first_ = false;
  if (!head) {
    const Error& error = head.error();
    RequestHead& request = incoming.request.head;
    if (request.method_text.empty()) request.method = method_begun(scratch_->inbox->unread());
    server_.handler().refused(incoming);
    Outcome outcome{.error = error.code, .rule = error.rule};
    if (error.code == Code::client_gone || !is_heard) {
      incoming.finish(outcome);
      co_return false;
    }
    Response response = gateway_answer(incoming.arena, error, request);
    response.head.keep_alive = false;  // where the next request would start is not known
    co_return co_await answer(incoming, std::move(response), outcome);
  }
  if (!*head) co_return false;

  RequestBody& body =
      scratch_->body.emplace(socket_, ledger_, *scratch_->inbox, server_.settings(), incoming, scratch_->notes);
  if (!body.complete()) incoming.request.body = &body;
  Result<Response> response = co_await server_.handler().handle(incoming);
  if (incoming.witness != nullptr) incoming.witness->answering(response);
  if (response) co_return co_await answer(incoming, std::move(*response), Outcome());
  const Outcome outcome{.error = response.error().code, .rule = response.error().rule};
  if (response.error().code == Code::client_gone) {  // nobody is there to answer
    socket_.reset_on_close();
    incoming.finish(outcome);
    co_return false;
  }
  Response ours = gateway_answer(incoming.arena, response.error(), incoming.request.head);
  co_return co_await answer(incoming, std::move(ours), outcome);
}

// False: the client ended before the first byte of a request. Most heads are there, whole.
net::Task<Result<bool>> ServerConnection::read_head(Incoming& incoming) {
  if (scratch_->inbox->unread().empty()) {
    const std::span<char> room = scratch_->inbox->room_for_head();
    if (room.empty()) return net::Task<Result<bool>>::with(fail(Code::overloaded));
    const auto got = socket_.read_now(room);
    if (got && *got) scratch_->inbox->received(**got);
  }
  if (scratch_->inbox->unread().empty()) return read_rest_of_head(incoming);
  const Result<std::size_t> size = parse_head(incoming);
  if (!size) return net::Task<Result<bool>>::with(Failure(size.error()));
  return *size == 0 ? read_rest_of_head(incoming) : net::Task<Result<bool>>::with(true);
}

// 0: there is more to come.
Result<std::size_t> ServerConnection::parse_head(Incoming& incoming) {
  const ServerSettings& settings = server_.settings();
  incoming.arena.clear();
  Result<std::size_t> size = parse_request_head(scratch_->inbox->unread(), settings.limits, settings.conduct,
                                                incoming.arena, incoming.request.head, scratch_->notes);
  if (size) scratch_->inbox->use(*size);
  if (size.value_or(0) != 0 && is_too_odd(scratch_->notes, settings.limits)) {
    ++scratch_->notes.glitch_ends;
    return fail(Code::bad_request, "glitches", too_odd);
  }
  return size;
}

net::Task<Result<bool>> ServerConnection::read_rest_of_head(Incoming& incoming) {
  const net::Time deadline = incoming.received + server_.settings().head;
  HeadScanner scanner = HeadScanner::for_head(server_.settings().limits);
  static_cast<void>(scanner.worth_parsing(scratch_->inbox->unread()));
  for (unsigned reads = scratch_->inbox->unread().empty() ? 0 : 1;; ++reads) {
    const std::span<char> room = scratch_->inbox->room_for_head();
    if (room.empty()) co_return fail(Code::overloaded);
    const net::IoResult<std::size_t> got = co_await socket_.read(room, deadline);
    const bool nothing_yet = scratch_->inbox->unread().empty();
    if (!got && got.error() == net::IoError::timeout && !nothing_yet) co_return fail(Code::client_timeout, "H1-16");
    if ((!got || *got == 0) && nothing_yet) co_return false;
    if (!got || *got == 0) co_return fail(Code::client_gone);
    if (reads >= reads_forgiven && *got <= tiny_read) ++scratch_->notes.tiny_reads;
    scratch_->inbox->received(*got);
    if (!nothing_yet && !scanner.worth_parsing(scratch_->inbox->unread())) continue;
    const Result<std::size_t> size = parse_head(incoming);
    if (!size) co_return Failure(size.error());
    if (*size != 0) co_return true;
  }
}

bool ServerConnection::may_stay(const RequestHead& request, const Response& response) {
  if (!request.keep_alive || !response.head.keep_alive || !server_.keeps_connections()) return false;
  // A client that still waits for 100 may send its body or not (RFC 9110 10.1.1).
  if (scratch_->body && scratch_->body->waits_for_continue()) return false;
  // Bytes behind a request that asked to switch protocols may be of either one, also those still on their way (H1-12).
  return request.upgrade.empty();
}

// Without a length a body is sent in chunks, or until the end to a client that knows none: false, it cannot stay.
bool ServerConnection::frame_for(const RequestHead& request, ResponseHead& head) {
  if (head.framing.kind != Framing::Kind::chunked && head.framing.kind != Framing::Kind::close) return true;
  const bool chunks = request.version == Version::http11;
  head.framing.kind = chunks ? Framing::Kind::chunked : Framing::Kind::close;
  return chunks;
}

net::Task<bool> ServerConnection::answer(Incoming& incoming, Response response, Outcome outcome) {
  const RequestHead& request = incoming.request.head;
  ResponseHead& head = response.head;
  say_explanation(incoming, head);
  if (response.tunnel) co_return co_await run_tunnel(incoming, response, outcome);

  const bool can_stay = frame_for(request, head);
  const bool may = can_stay && may_stay(request, response);
  const bool stays = may && !is_rather_odd(scratch_->notes, server_.settings().limits);
  if (scratch_->body) scratch_->body->forget_continue();
  const Hop hop{.close = !stays, .keep_alive_1_0 = stays && request.version == Version::http10};
  MessageWriter writer(socket_, ledger_, server_.settings().write_stall, server_.settings().read_rate);
  if (stays && read_whole()) writer.may_put_off();
  const Stamp stamp = server_.stamp(head.fields.find(syntax::HeaderId::date) != nullptr);
  const bool ready = writer.put_head(room_for(head, hop, stamp),
                                     [&](std::span<char> room) { return write_response_head(room, head, hop, stamp); });
  if (!ready) {  // no buffer could be had, or a filter made what cannot be written
    response.body.reset();
    socket_.reset_on_close();
    incoming.finish({.error = Code::overloaded});
    co_return false;
  }
  Body* const body = request.method == Method::head ? nullptr : response.body.get();
  answering_ = true;
  const MessageWriter::Failed failed = co_await writer.send(body, head.framing.kind);
  answering_ = false;
  if (failed.body && writer.nothing_sent()) {
    response.body.reset();
    outcome = {.error = failed.body->code, .rule = failed.body->rule};
    Response ours = gateway_answer(incoming.arena, *failed.body, request);
    co_return co_await answer(incoming, std::move(ours), outcome);
  }
  if (stays != may) ++scratch_->notes.glitch_ends;
  outcome.status = head.status;
  outcome.sent = writer.body_bytes();
  if (scratch_->body) outcome.received = scratch_->body->bytes_read();
  if (failed) {
    socket_.reset_on_close();
    outcome.error = failed.body ? failed.body->code : Code::client_gone;
  }
  response.body.reset();
  incoming.finish(outcome);
  if (failed) co_return false;
  co_return co_await leave(stays);
}

// What the client still sends of a request that was answered. True: the connection stays.
net::Task<bool> ServerConnection::leave(bool stays) {
  return stays && read_whole() ? net::Task<bool>::with(true) : leave_slowly(stays);
}

// A client that did not say itself that this was its last request may have sent the next one (RFC 9112 9.3.2).
net::Task<bool> ServerConnection::leave_slowly(bool stays) {
  if (stays && !read_whole()) stays = co_await drain_body();
  const bool is_last = scratch_->body && scratch_->body->complete() && !scratch_->incoming->request.head.keep_alive;
  const bool more_may_come = !is_last || more_to_read();
  if (!stays && more_may_come) co_await linger();
  co_return stays;
}

net::Task<bool> ServerConnection::run_tunnel(Incoming& incoming, Response& response, Outcome outcome) {
  const Hop hop{.upgrade = response.head.upgrade};
  const Stamp stamp{.server_header = ServerHeader::pass};
  MessageWriter writer(socket_, ledger_, server_.settings().write_stall, server_.settings().read_rate);
  const bool ready = writer.put_head(room_for(response.head, hop, stamp), [&](std::span<char> room) {
    return write_response_head(room, response.head, hop, stamp);
  });
  if (ready) {
    outcome.status = response.head.status;
    const MessageWriter::Failed failed = co_await writer.send(nullptr, Framing::Kind::none);
    TunnelTotals totals;
    socket_.set_owner(nullptr);  // the tunnel sees every end itself, after the bytes before it
    SocketStream client(socket_, ledger_, scratch_->inbox->unread());
    if (!failed) co_await response.tunnel->run(client, totals);
    socket_.set_owner(this);
    outcome.received = totals.from_client;
    outcome.sent = totals.to_client;
    if (failed) outcome.error = Code::client_gone;
  }
  response.tunnel.reset();
  incoming.finish(outcome);
  co_return false;
}

// The rest of a request that was answered without it; true: it was short enough to stay (H1-4).
net::Task<bool> ServerConnection::drain_body() {
  const std::uint64_t enough = scratch_->body->bytes_read() + server_.settings().linger_bytes;
  scratch_->body->hurry(server_.loop().now() + server_.settings().linger);
  while (!scratch_->body->complete()) {
    const Result<std::string_view> piece = co_await scratch_->body->read();
    if (!piece || scratch_->body->bytes_read() > enough) co_return false;
  }
  co_return true;
}

// Closing with bytes unread would reset the connection, and the client might lose the answer.
net::Task<void> ServerConnection::linger() {
  socket_.shutdown_write();
  const net::Time deadline = server_.loop().now() + server_.settings().linger;
  std::size_t left = server_.settings().linger_bytes;
  scratch_->inbox->use(scratch_->inbox->unread().size());
  for (;;) {
    const std::span<char> room = scratch_->inbox->room_for_body();
    if (room.empty()) co_return;
    const net::IoResult<std::size_t> got = co_await socket_.read(room, deadline);
    if (!got || *got == 0 || *got >= left) co_return;
    left -= *got;
  }
}

net::Task<Result<void>> ServerConnection::interim(const ResponseHead& head) {
  if (scratch_->incoming->request.head.version == Version::http10)
    co_return Result<void>();  // it knows none (RFC 9110 15.2)
  MessageWriter writer(socket_, ledger_, server_.settings().write_stall, server_.settings().read_rate);
  const Hop hop;
  const Stamp stamp{.server_header = ServerHeader::pass};
  const bool ready = writer.put_head(room_for(head, hop, stamp),
                                     [&](std::span<char> room) { return write_response_head(room, head, hop, stamp); });
  if (!ready) co_return fail(Code::overloaded);
  const MessageWriter::Failed failed = co_await writer.send(nullptr, Framing::Kind::none);
  if (failed) co_return fail(Code::client_gone);
  co_return Result<void>();
}

}  // namespace sallyport::http::h1
