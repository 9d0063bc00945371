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

ClientConnection::ClientConnection(net::Loop& loop, net::Fd fd, const ClientSettings& settings, net::Ledger& ledger,
                                   net::Quota* quota)
    : ClientConnection(loop, net::Socket::Released{.fd = std::move(fd), .stream = nullptr}, settings, ledger, quota) {}

ClientConnection::ClientConnection(net::Loop& loop, net::Socket::Released connection, const ClientSettings& settings,
                                   net::Ledger& ledger, net::Quota* quota)
    : settings_(settings),
      share_(quota),
      ledger_(settings.connection_bytes, &ledger),
      socket_(loop, std::move(connection.fd), nullptr, std::move(connection.stream), net::Loop::Order::first),
      inbox_(loop.buffers(), ledger_) {
  static_cast<void>(ledger_.charge(sizeof *this));  // refused: connected() says so
}

// After a FIN of ours its port stays in TIME_WAIT: whoever gives up many would use up all there are. An upstream that
// has begun to answer is not cut short: it may have more to say, or has ended already.
ClientConnection::~ClientConnection() {
  if (awaits_answer_) socket_.reset_on_close();
}

Result<void> ClientConnection::usable() const {
  if (socket_.registered() && ledger_.held() != 0) return {};
  return fail(Error{.code = Code::overloaded, .retry_safe = true});
}

net::Task<Result<void>> ClientConnection::connected(net::Time deadline) {
  Error error{.code = Code::connect_failed, .retry_safe = true};
  const Result<void> there = usable();
  if (!there) co_return there;
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
  awaits_answer_ = true;
  arena_ = &arena;
  notes_ = &notes;
  sent_all_ = received_ = keep_alive_ = upgraded_ = false;
  return true;
}

bool ClientConnection::put_head(MessageWriter& writer, const Request& request, const Hop& hop) {
  upgraded_ = !hop.upgrade.empty();
  writer.may_put_off();
  if (!hop.trailers) writer.omit_trailers();
  return writer.put_head(room_for(request.head, hop),
                         [&](std::span<char> room) { return write_request_head(room, request.head, hop); });
}

Result<void> ClientConnection::sent(const MessageWriter::Failed& failed) {
  if (failed.body) return Failure(*failed.body);
  if (failed.socket) return fail(code_of(*failed.socket));
  sent_all_ = true;
  return Result<void>();
}

// A head alone is nearly always put off, which takes no waiting.
net::Task<Result<void>> ClientConnection::send(const Request& request, const Hop& hop) {
  // One of many streams may have to wait for its client with the beginning of the answer in hand (H2-4).
  const bool is_one_of_many = request.head.version == Version::http2;
  inbox_.begin_with(is_one_of_many ? net::BufferPool::tiny : net::BufferPool::small);
  if (request.body == nullptr) {
    MessageWriter writer(socket_, ledger_, settings_.write_stall);
    if (put_head(writer, request, hop) && writer.is_put_off()) {
      return net::Task<Result<void>>::with(sent(writer.send(nullptr, request.head.framing.kind).take()));
    }
  }
  return send_pieces(request, hop);
}

net::Task<Result<void>> ClientConnection::send_pieces(const Request& request, const Hop& hop) {
  MessageWriter writer(socket_, ledger_, settings_.write_stall);
  if (!put_head(writer, request, hop)) co_return fail(Error{.code = Code::overloaded, .retry_safe = true});
  const MessageWriter::Failed failed = co_await writer.send(request.body, request.head.framing.kind);
  const Framing& framing = request.head.framing;
  const bool is_short = framing.kind == Framing::Kind::length && writer.body_bytes() != framing.length;
  // A filter has had the body, or changed the length: the upstream waits for bytes that will not come.
  if (!failed && is_short) co_return fail(Code::internal);
  co_return sent(failed);
}

// An upstream that does not take our certificate, or wants one, says so behind the handshake (RFC 8446 4.4.2.4), and
// may reset the connection right after it.
Code ClientConnection::code_without_head(net::IoError error) {
  if (error == net::IoError::reset && exchanges_ == 1 && !received_ && socket_.tls() != nullptr) {
    char last = 0;
    static_cast<void>(socket_.read_now({&last, 1}));
    if (socket_.alerted()) return Code::upstream_tls;
  }
  return code_of(error);
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
    const std::span<char> nothing;
    const net::IoResult<std::size_t> is_there = co_await socket_.read(nothing, deadline);
    if (!is_there) co_return fail(code_without_head(is_there.error()));
    if (socket_.is_put_off()) {  // bytes that nobody asked for (H1-18), or the end: the request is not sent
      socket_.discard_put_off();
      co_return fail(Error{.code = Code::upstream_reset, .retry_safe = true});
    }
    const std::span<char> room = inbox_.room_for_head();
    if (room.empty()) co_return fail(Code::overloaded);
    const auto received = socket_.read_now(room);
    if (!received) continue;
    const net::IoResult<std::size_t>& got = *received;
    if (!got) co_return fail(code_without_head(got.error()));
    if (*got == 0) co_return fail(received_ ? Code::upstream_truncated : Code::upstream_reset);
    received_ = true;
    inbox_.received(*got);
  }
}

BodyReader& ClientConnection::begin_body(const Framing& framing) {
  return body_.emplace(socket_, inbox_, framing, settings_.body, upstream_faults, settings_.limits, *arena_, *notes_);
}

ByteStream& ClientConnection::begin_tunnel() {
  tunnel_ = std::make_unique<SocketStream>(socket_, ledger_, inbox_.unread());
  return *tunnel_;
}

bool ClientConnection::end() {
  if (socket_.is_put_off()) {  // whoever asked is gone
    socket_.discard_put_off();
    sent_all_ = false;
  }
  const bool clean = sent_all_ && body_ && body_->complete() && keep_alive_ && !upgraded_ && inbox_.unread().empty() &&
                     !socket_.readable() && !socket_.has_unsent() && !share_.is_scarce();
  awaits_answer_ = !received_;
  body_.reset();
  tunnel_.reset();
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
