// SPDX-License-Identifier: Apache-2.0
#include "http/h1/server_connection.hpp"

#include <utility>

#include "http/gateway_answer.hpp"
#include "http/h1/head_scanner.hpp"
#include "http/h1/message_writer.hpp"
#include "http/h1/request_parser.hpp"
#include "http/h1/serialiser.hpp"

namespace sallyport::http::h1 {
ServerConnection::ServerConnection(Server& server, net::Fd fd, const syntax::SocketAddress& peer)
    : server_(server),
      peer_(peer),
      ledger_(server.settings().connection_bytes, &server.ledger()),
      socket_(server.loop(), std::move(fd), this),
      inbox_(server.loop().buffers(), ledger_) {
  socket_.idle_until(server_.loop().now() + server_.settings().idle);
}

ServerConnection::~ServerConnection() {
  task_.reset();
  finish();
}

// A request that is there, or on its way on a new connection, is answered first: closing would reset it.
void ServerConnection::end_when_idle() {
  constexpr net::Duration first_request{1'000};
  if (state_ != State::idle) return;
  if (socket_.has_bytes()) {
    start();
  } else if (!served_) {
    socket_.idle_until(server_.loop().now() + first_request);
  } else {
    end();
  }
}

void ServerConnection::end() {
  state_ = State::over;
  server_.loop().defer(*this);
}

void ServerConnection::on_readable() {
  if (state_ == State::idle) start();
}

// The one thing that ends an exchange from outside: nobody is there to answer.
void ServerConnection::on_gone() {
  task_.reset();
  finish();
  end();
}

void ServerConnection::on_deadline() {
  if (state_ == State::idle) end();
}

void ServerConnection::at_turn_end() {
  if (state_ == State::busy) return;
  task_.reset();
  finish();
  if (state_ == State::over) return server_.remove(*this);  // destroys this
  if (more_to_read()) return start();
  if (server_.draining()) return server_.remove(*this);  // it began to drain after this answer's head
  socket_.idle_until(server_.loop().now() + server_.settings().idle);
}

void ServerConnection::start() {
  state_ = State::busy;
  served_ = true;
  if (!scratch_) scratch_ = server_.take_scratch();
  task_ = serve();
  task_.start();
}

// Gives back all that only an exchange needs.
void ServerConnection::finish() {
  if (scratch_) {
    scratch_->clear();
    server_.give_scratch(std::move(scratch_));
  }
  inbox_.settle();
}

net::Task<void> ServerConnection::serve() {
  constexpr int most_a_start = 16;  // so that one client that pipelines does not keep the others waiting
  bool stays = true;
  for (int served = 0; stays && served < most_a_start && (served == 0 || more_to_read()); ++served) {
    stays = co_await serve_one();
    scratch_->clear();
    inbox_.settle();
  }
  state_ = stays ? State::idle : State::over;
  server_.loop().defer(*this);
}

// True: the connection stays.
net::Task<bool> ServerConnection::serve_one() {
  InterimSink& sink = *this;
  Incoming& incoming = scratch_->incoming.emplace(scratch_->arena, server_.loop(), peer_, sink);
  const Result<bool> head = co_await read_head(incoming);
  if (!head) {
    const Error& error = head.error();
    server_.handler().refused(incoming);
    Outcome outcome{.error = error.code, .rule = error.rule};
    if (error.code == Code::client_gone) {
      incoming.finish(outcome);
      co_return false;
    }
    Response response = gateway_answer(incoming.arena, error, incoming.request.head.method);
    response.head.keep_alive = false;  // where the next request would start is not known
    co_return co_await answer(incoming, std::move(response), outcome);
  }
  if (!*head) co_return false;

  RequestBody& body = scratch_->body.emplace(socket_, inbox_, server_.settings(), incoming, scratch_->notes);
  if (!body.complete()) incoming.request.body = &body;
  Result<Response> response = co_await server_.handler().handle(incoming);
  if (response) co_return co_await answer(incoming, std::move(*response), Outcome());
  const Outcome outcome{.error = response.error().code, .rule = response.error().rule};
  if (response.error().code == Code::client_gone) {  // nobody is there to answer
    socket_.reset_on_close();
    incoming.finish(outcome);
    co_return false;
  }
  Response ours = gateway_answer(incoming.arena, response.error(), incoming.request.head.method);
  co_return co_await answer(incoming, std::move(ours), outcome);
}

// False: the client ended before the first byte of a request.
net::Task<Result<bool>> ServerConnection::read_head(Incoming& incoming) {
  const ServerSettings& settings = server_.settings();
  const net::Time deadline = incoming.received + settings.head;
  HeadScanner scanner = HeadScanner::for_head(settings.limits);
  bool tried = false;
  for (;;) {
    const std::string_view bytes = inbox_.unread();
    if (!bytes.empty() && (!tried || scanner.worth_parsing(bytes))) {
      tried = true;
      RequestHead& head = incoming.request.head;
      incoming.arena.clear();
      head = RequestHead(incoming.arena);
      const Result<std::size_t> size =
          parse_request_head(bytes, settings.limits, settings.conduct, incoming.arena, head, scratch_->notes);
      if (!size) co_return Failure(size.error());
      inbox_.use(*size);
      if (*size != 0) co_return true;
    }
    const std::span<char> room = inbox_.room_for_head();
    if (room.empty()) co_return fail(Code::overloaded);
    const net::IoResult<std::size_t> got = co_await socket_.read(room, deadline);
    const bool nothing_yet = inbox_.unread().empty();
    if (!got && got.error() == net::IoError::timeout && !nothing_yet) co_return fail(Code::client_timeout, "H1-16");
    if ((!got || *got == 0) && nothing_yet) co_return false;
    if (!got || *got == 0) co_return fail(Code::client_gone);
    inbox_.received(*got);
  }
}

bool ServerConnection::may_stay(const RequestHead& request, const Response& response) {
  if (!request.keep_alive || !response.head.keep_alive || server_.draining()) return false;
  // A client that still waits for 100 may send its body or not (RFC 9110 10.1.1).
  if (scratch_->body && scratch_->body->waits_for_continue()) return false;
  // Bytes behind a request that asked to switch protocols may be of either one, also those still on their way (H1-12).
  return request.upgrade.empty();
}

// Only we say it, whatever an upstream writes there. One that finds no room is left out: the answer matters more.
void ServerConnection::explain(const Incoming& incoming, ResponseHead& head) {
  head.fields.remove(syntax::HeaderId::x_sallyport_explain);
  if (incoming.explanation.empty()) return;
  static_cast<void>(head.fields.add(syntax::HeaderId::x_sallyport_explain, incoming.explanation));
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
  explain(incoming, head);
  if (response.tunnel) co_return co_await run_tunnel(incoming, response, outcome);

  const bool can_stay = frame_for(request, head);
  const bool stays = can_stay && may_stay(request, response);
  if (scratch_->body) scratch_->body->forget_continue();
  const Hop hop{.close = !stays, .keep_alive_1_0 = stays && request.version == Version::http10};
  MessageWriter writer(socket_, ledger_, server_.settings().write_stall);
  const Stamp stamp = server_.stamp();
  const bool ready = writer.put_head(room_for(head, hop, stamp),
                                     [&](std::span<char> room) { return write_response_head(room, head, hop, stamp); });
  if (!ready) {  // no buffer could be had, or a filter made what cannot be written
    response.body.reset();
    socket_.reset_on_close();
    incoming.finish({.error = Code::overloaded});
    co_return false;
  }
  Body* const body = request.method == Method::head ? nullptr : response.body.get();
  const MessageWriter::Failed failed = co_await writer.send(body, head.framing.kind);
  if (failed.body && writer.nothing_sent()) {
    response.body.reset();
    outcome = {.error = failed.body->code, .rule = failed.body->rule};
    Response ours = gateway_answer(incoming.arena, *failed.body, request.method);
    co_return co_await answer(incoming, std::move(ours), outcome);
  }
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
  const auto& body = scratch_->body;
  if (stays && body && !body->complete()) stays = co_await drain_body();
  const bool more_may_come = !body || !body->complete() || more_to_read();
  if (!stays && more_may_come) co_await linger();
  co_return stays;
}

net::Task<bool> ServerConnection::run_tunnel(Incoming& incoming, Response& response, Outcome outcome) {
  const Hop hop{.upgrade = response.head.upgrade};
  const Stamp stamp{.server_header = ServerHeader::pass};
  MessageWriter writer(socket_, ledger_, server_.settings().write_stall);
  const bool ready = writer.put_head(room_for(response.head, hop, stamp), [&](std::span<char> room) {
    return write_response_head(room, response.head, hop, stamp);
  });
  if (ready) {
    outcome.status = response.head.status;
    const MessageWriter::Failed failed = co_await writer.send(nullptr, Framing::Kind::none);
    TunnelTotals totals;
    socket_.set_owner(nullptr);  // the tunnel sees every end itself, after the bytes before it
    if (!failed) co_await response.tunnel->run(socket_, inbox_.unread(), totals);
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
  inbox_.use(inbox_.unread().size());
  for (;;) {
    const std::span<char> room = inbox_.room_for_body();
    if (room.empty()) co_return;
    const net::IoResult<std::size_t> got = co_await socket_.read(room, deadline);
    if (!got || *got == 0 || *got >= left) co_return;
    left -= *got;
  }
}

net::Task<Result<void>> ServerConnection::interim(const ResponseHead& head) {
  if (scratch_->incoming->request.head.version == Version::http10)
    co_return Result<void>();  // it knows none (RFC 9110 15.2)
  MessageWriter writer(socket_, ledger_, server_.settings().write_stall);
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
