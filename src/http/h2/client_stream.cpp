// SPDX-License-Identifier: Apache-2.0
#include "http/h2/client_stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/h2/client_connection.hpp"
#include "http/h2/request_lines.hpp"
#include "http/websocket.hpp"

namespace sallyport::http::h2 {

ClientStream::ClientStream(ClientConnection& connection, Arena& arena, Notes& notes)
    : connection_(connection), arena_(arena), notes_(notes), is_later_(connection.has_answered()) {
  connection_.add(*this);
}

ClientStream::~ClientStream() {
  if (id_ != 0 && is_tunnel_over()) {
    connection_.session().forget_after_end(id_);
  } else if (id_ != 0) {
    connection_.session().forget(id_);
    connection_.session().reset(id_, ended_ ? ErrorCode::no_error : ErrorCode::cancel);
  }
  connection_.remove(*this);
}

// Both sides have ended it, and only our END_STREAM is still to be written: a reset in its place would count as one.
// Where the upstream has left us no window the end could not go out, though it is no byte long.
bool ClientStream::is_tunnel_over() const {
  return ended_ && !failed_ && tunnel_ != nullptr && tunnel_->stream.is_shut() && piece_.empty() &&
         connection_.session().window(id_) != 0;
}

void ClientStream::note() { connection_.note(*this); }

// Answers.

// The first thing that goes wrong is what is told.
bool ClientStream::refuse(Error error) {
  if (!failed_) failed_ = std::move(error);
  if (body_) body_->fail(*failed_);
  note();
  return false;
}

bool ClientStream::on_field(const Line& field) {
  if (failed_) return false;
  was_answered_ = true;
  if (!reader_) {
    const auto of = has_final_head_ ? ResponseReader::Of::trailers : ResponseReader::Of::head;
    reader_.emplace(of, connection_.settings().limits, method_, arena_);
  }
  const Result<void> added = reader_->add(field);
  return added ? true : refuse(added.error());
}

bool ClientStream::on_fields_end(bool ends_stream) {
  if (failed_ || !reader_) return refuse({.code = Code::upstream_malformed, .rule = "H2-7", .detail = "an empty head"});
  const Result<void> whole = reader_->finish(ends_stream, notes_);
  if (!whole) return refuse(whole.error());
  if (has_final_head_) {
    body_->coming_trailers() = reader_->fields();
  } else if (!keep_head(reader_->head())) {
    return false;
  }
  reader_.reset();
  note();
  return true;
}

// Interim ones may come faster than they are read, but not without end (H1-13).
bool ClientStream::keep_head(const ResponseHead& head) {
  has_final_head_ = head.status >= 200;
  if (!has_final_head_ && interim_heads_++ > connection_.settings().interim_heads) {
    return refuse({.code = Code::upstream_malformed, .rule = "H1-13"});
  }
  auto* const kept = arena_.make<KeptHead>(KeptHead{head, nullptr});
  if (kept == nullptr) return refuse({.code = Code::overloaded});
  KeptHead** last = &heads_;
  while (*last != nullptr) last = &(*last)->next;
  *last = kept;
  if (!has_final_head_) return true;
  framing_ = head.framing;
  if (asks_for_tunnel_ != nullptr) {
    if (!from_extended_connect_answer(*asks_for_tunnel_, kept->head, arena_)) return refuse({.code = Code::overloaded});
    // A length would be of no body (RFC 9110 9.3.6).
    if (kept->head.status == 101) framing_.kind = Framing::Kind::chunked;
  }
  if (framing_.kind == Framing::Kind::none) body_->end();
  return true;
}

// The connection's window opens at once, so that a slow reader of one stream does not hold up the others; the stream's
// own opens as it is read.
bool ClientStream::on_data(std::string_view bytes) {
  connection_.gate().carried(bytes.size());
  if (failed_) return false;
  const bool has_length = framing_.kind == Framing::Kind::length;
  const bool is_too_long =
      framing_.kind == Framing::Kind::none || (has_length && bytes.size() > framing_.length - body_->bytes_put());
  if (is_too_long)
    return refuse({.code = Code::upstream_malformed, .rule = "H2-8", .detail = "more than the body has"});
  if (!body_->put(bytes)) return refuse({.code = Code::overloaded});
  connection_.session().consumed(bytes.size());
  note();
  return true;
}

void ClientStream::on_end() {
  if (framing_.kind == Framing::Kind::length && body_->bytes_put() != framing_.length) {
    refuse({.code = Code::upstream_malformed, .rule = "H2-8", .detail = "the body is shorter than its length"});
    return;
  }
  ended_ = true;
  body_->end();
  note();
}

void ClientStream::on_closed(ErrorCode error) {
  const bool by_peer = was_reset_ = connection_.was_reset_by_peer(id_);
  id_ = 0;
  if (by_peer) is_later_ = false;  // the connection lives: it has seen the request, unless it says otherwise
  was_refused_ = error == ErrorCode::refused_stream && !was_answered_;
  // nghttp2 has found what breaks the rules of HTTP/2, or a length that is not so.
  const bool is_malformed = error == ErrorCode::protocol_error && !by_peer;
  if (!ended_) {
    refuse({.code = is_malformed ? Code::upstream_malformed : Code::upstream_reset,
            .retry_safe = was_refused_,
            .rule = is_malformed ? "H2-7" : ""});
  }
  note();
}

void ClientStream::lose(Code code) {
  id_ = 0;
  if (ended_) return;
  // Nothing of an answer: as when a kept connection of HTTP/1 turns out to be dead.
  if (code == Code::upstream_truncated && !was_answered_) code = Code::upstream_reset;
  refuse({.code = code});
}

void ClientStream::taken(std::size_t bytes) {
  if (id_ == 0) return;
  connection_.session().consumed_of_stream(id_, bytes);
  connection_.write_soon();
}

void ClientStream::interrupt() {
  interrupted_ = true;
  note();
  connection_.write_soon();
}

net::Task<Result<void>> ClientStream::read_head(Method, ResponseHead& head, net::Time deadline) {
  if (take_head(head)) return net::Task<Result<void>>::with(Result<void>());
  return wait_for_head(head, deadline);
}

bool ClientStream::take_head(ResponseHead& head) {
  if (heads_ == nullptr) return false;
  head = heads_->head;
  heads_ = heads_->next;
  return true;
}

net::Task<Result<void>> ClientStream::wait_for_head(ResponseHead& head, net::Time deadline) {
  for (;;) {
    if (take_head(head)) co_return Result<void>();
    if (failed_) co_return Failure(*failed_);
    if (interrupted_) co_return fail(Code::upstream_reset);
    const bool in_time = co_await head_came_.wait(connection_.loop(), deadline);
    if (!in_time) co_return fail(Code::upstream_timeout);
  }
}

Body& ClientStream::begin_body(const Framing&) { return *body_; }

ByteStream& ClientStream::begin_tunnel() {
  body_->be_patient();
  tunnel_ = std::make_unique<Tunnelled>(connection_.loop(), *body_);
  tunnel_->sending = send_tunnel(tunnel_->stream);
  tunnel_->sending.start();
  return tunnel_->stream;
}

net::Task<void> ClientStream::send_tunnel(BodyStream& stream) {
  for (bool ends = false; !ends;) {
    const Result<std::string_view> piece = co_await stream.outgoing().read();
    ends = !piece || piece->empty();
    const Result<void> sent = co_await send_piece(ends ? std::string_view() : *piece, ends);
    if (!sent) {
      stream.break_off();
      co_return;
    }
  }
}

// Requests.

Result<void> ClientStream::open(const Request& request, const Hop& hop) {
  if (failed_) return Failure(*failed_);
  method_ = request.head.method;
  const auto lines = request_lines(arena_, request.head, hop, connection_.is_tls());
  if (!lines) return fail(Error{.code = Code::overloaded, .retry_safe = true});
  StreamBody::Source& source = *this;
  body_.emplace(source, connection_.loop(), connection_.ledger(), connection_.settings().body, Code::upstream_timeout,
                arena_);
  if (!hop.upgrade.empty()) asks_for_tunnel_ = &request.head;
  const bool has_body = request.body != nullptr || asks_for_tunnel_ != nullptr;
  id_ = connection_.is_over() ? 0 : connection_.session().submit_request(*lines, has_body, *this);
  if (id_ == 0) {
    was_refused_ = true;
    refuse({.code = Code::upstream_reset, .retry_safe = true});
    return Failure(*failed_);
  }
  connection_.write_soon();
  return {};
}

// Whether it takes WebSockets an upstream says in its SETTINGS (RFC 8441 3).
net::Task<Result<void>> ClientStream::connect(const Request& request, const Hop& hop) {
  const net::Time deadline = connection_.loop().now() + connection_.settings().head;
  while (!connection_.has_settings() && !failed_) {
    const bool in_time = co_await head_came_.wait(connection_.loop(), deadline);
    if (!in_time) refuse({.code = Code::upstream_timeout});
  }
  if (!failed_ && !connection_.takes_tunnels()) co_return fail(Code::upstream_no_websocket, "W-1");
  co_return open(request, hop);
}

net::Task<Result<void>> ClientStream::send(const Request& request, const Hop& hop) {
  if (!hop.upgrade.empty()) return connect(request, hop);
  const Result<void> opened = open(request, hop);
  if (!opened || request.body == nullptr) return net::Task<Result<void>>::with(opened);
  return upload(request);
}

net::Task<Result<void>> ClientStream::upload(const Request& request) {
  constexpr std::size_t most_gathered = 2048;
  Body& body = *request.body;
  const Framing framing = request.head.framing;
  const bool has_length = framing.kind == Framing::Kind::length;
  std::uint64_t total = 0;
  std::span<char> room;
  std::string_view piece;
  for (bool ends = false; !ends;) {
    const Result<std::string_view> read = co_await body.read();
    if (!read) co_return Failure(read.error());
    piece = *read;
    total += piece.size();
    ends = piece.empty() || (has_length && total == framing.length);
    // A filter has had the body, or changed the length: the upstream would wait for bytes that do not come.
    if (has_length && (total > framing.length || (ends && total != framing.length))) co_return fail(Code::internal);
    // What is there at once goes into one frame, above all the end.
    if (!ends && !has_length && piece.size() < most_gathered && body.ready()) {
      if (room.empty()) room = arena_.text(most_gathered);
      if (room.empty()) co_return fail(Code::overloaded);
      std::memcpy(room.data(), piece.data(), piece.size());
      const Result<std::string_view> more = co_await body.read();
      if (!more) co_return Failure(more.error());
      ends = more->empty();
      const std::size_t fits = std::min(more->size(), room.size() - piece.size());
      if (fits != 0) std::memcpy(room.data() + piece.size(), more->data(), fits);
      const std::string_view rest = more->substr(fits);
      piece = {room.data(), piece.size() + fits};
      if (!rest.empty()) {
        const Result<void> sent = co_await send_piece(piece, false);
        if (!sent) co_return sent;
        piece = rest;
      }
    }
    if (ends) trailers_ = body.trailers();
    const Result<void> sent = co_await send_piece(piece, ends);
    if (!sent) co_return sent;
  }
  co_return Result<void>();
}

// Until the session has taken it: then the bytes may go.
net::Task<Result<void>> ClientStream::send_piece(std::string_view bytes, bool ends) {
  if (sending_is_over()) co_return Failure(why_over());
  piece_ = bytes;
  ends_ = ends;
  connection_.session().resume(id_);
  connection_.write_soon();
  while (!piece_.empty() && !sending_is_over()) {
    const net::Time deadline = connection_.loop().now() + connection_.settings().write_stall;
    const bool in_time = co_await piece_went_.wait(connection_.loop(), deadline);
    if (in_time) continue;
    piece_ = {};
    ends_ = false;
    // An answer that has begun would go on as if the upstream had seen all of the request.
    if (has_final_head_) give_up({.code = Code::upstream_timeout});
    co_return fail(Code::upstream_timeout);
  }
  const bool is_taken = std::exchange(piece_, std::string_view()).empty();
  if (!is_taken) co_return Failure(why_over());
  co_return Result<void>();
}

void ClientStream::give_up(Error error) {
  if (id_ != 0) {
    connection_.session().forget(id_);
    connection_.session().reset(id_, ErrorCode::cancel);
    id_ = 0;
  }
  refuse(std::move(error));
  connection_.write_soon();
}

StreamEvents::Supply ClientStream::supply(std::size_t most) {
  const std::size_t size = std::min(most, piece_.size());
  return {.size = size, .ends = ends_ && size == piece_.size(), .trailers = trailers_};
}

void ClientStream::take(std::span<char> to) {
  std::memcpy(to.data(), piece_.data(), to.size());
  piece_.remove_prefix(to.size());
  note();
}

}  // namespace sallyport::http::h2
