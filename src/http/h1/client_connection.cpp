// SPDX-License-Identifier: Apache-2.0
#include "http/h1/client_connection.hpp"

#include <utility>

#include "http/h1/head_scanner.hpp"
#include "http/h1/response_parser.hpp"
#include "http/h1/serialiser.hpp"

namespace sallyport::http::h1 {
namespace {

constexpr Faults upstream_faults = {.of = ChunkedDecoder::Of::response,
                                    .slow = Code::upstream_timeout,
                                    .reset = Code::upstream_reset,
                                    .cut = Code::upstream_truncated};

Code code_of(net::IoError error) {
  return error == net::IoError::timeout ? Code::upstream_timeout : Code::upstream_reset;
}

}  // namespace

ClientConnection::ClientConnection(net::Loop& loop, net::Fd fd, const ClientSettings& settings, net::Ledger& ledger)
    : settings_(settings),
      ledger_(settings.connection_bytes, &ledger),
      socket_(loop, std::move(fd), nullptr),
      inbox_(loop.buffers(), ledger_) {}

net::Task<Result<void>> ClientConnection::connected(net::Time deadline) {
  Error error{.code = Code::connect_failed, .retry_safe = true};
  if (!socket_.registered()) co_return fail(error);
  const net::IoResult<void> done = co_await socket_.connected(deadline);
  if (done) co_return Result<void>();
  if (done.error() == net::IoError::timeout) error.code = Code::connect_timeout;
  co_return fail(error);
}

bool ClientConnection::begin(Arena& arena, Notes& notes) {
  keeper_ = nullptr;
  socket_.set_owner(nullptr);
  // Bytes nobody asked for, or the end, that came in this very turn.
  if (exchanges_ != 0 && socket_.readable()) return false;
  ++exchanges_;
  arena_ = &arena;
  notes_ = &notes;
  sent_all_ = received_ = keep_alive_ = upgraded_ = false;
  return true;
}

net::Task<Result<void>> ClientConnection::send(const Request& request, const Hop& hop) {
  MessageWriter writer(socket_, ledger_, settings_.write_stall);
  const bool ready = writer.put_head(room_for(request.head, hop),
                                     [&](std::span<char> room) { return write_request_head(room, request.head, hop); });
  if (!ready) co_return fail(Error{.code = Code::internal, .retry_safe = true});
  upgraded_ = !hop.upgrade.empty();
  const MessageWriter::Failed failed = co_await writer.send(request.body, request.head.framing.kind);
  if (failed.body) co_return Failure(*failed.body);
  if (failed.socket) co_return fail(code_of(*failed.socket));
  sent_all_ = true;
  co_return Result<void>();
}

net::Task<Result<void>> ClientConnection::read_head(Method request_method, ResponseHead& head, net::Time deadline) {
  HeadScanner scanner = HeadScanner::for_head(settings_.limits);
  bool tried = false;
  for (;;) {
    const std::string_view bytes = inbox_.unread();
    if (!bytes.empty() && (!tried || scanner.worth_parsing(bytes))) {
      tried = true;
      head = ResponseHead(*arena_);
      const Result<std::size_t> size =
          parse_response_head(bytes, settings_.limits, request_method, *arena_, head, *notes_);
      if (!size) co_return Failure(size.error());
      inbox_.use(*size);
      keep_alive_ = head.keep_alive;
      if (*size != 0) co_return Result<void>();
    }
    const std::span<char> room = inbox_.room_for_head();
    if (room.empty()) co_return fail(Code::overloaded);
    const net::IoResult<std::size_t> got = co_await socket_.read(room, deadline);
    if (!got) co_return fail(code_of(got.error()));
    if (*got == 0) co_return fail(received_ ? Code::upstream_truncated : Code::upstream_reset);
    received_ = true;
    inbox_.received(*got);
  }
}

BodyReader& ClientConnection::begin_body(const Framing& framing) {
  return body_.emplace(socket_, inbox_, framing, settings_.body, upstream_faults, settings_.limits, *arena_, *notes_);
}

bool ClientConnection::end() {
  const bool clean = sent_all_ && body_ && body_->complete() && keep_alive_ && !upgraded_ && inbox_.unread().empty() &&
                     !socket_.readable();
  body_.reset();
  inbox_.settle();
  arena_ = nullptr;
  notes_ = nullptr;
  return clean;
}

void ClientConnection::keep(Keeper& keeper) {
  keeper_ = &keeper;
  socket_.set_owner(this);
  socket_.idle_until(socket_.loop().now() + settings_.idle);
}

void ClientConnection::dropped() {
  if (keeper_ != nullptr) keeper_->drop(*this);
}

}  // namespace sallyport::http::h1
