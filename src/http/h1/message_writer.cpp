// SPDX-License-Identifier: Apache-2.0
#include "http/h1/message_writer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/h1/chunked.hpp"
#include "net/yield.hpp"

namespace sallyport::http::h1 {
namespace {

constexpr std::uint64_t bytes_a_turn = 1024 * 1024;  // of one body: others get their turn, however fast it flows

}  // namespace

bool MessageWriter::take_room(std::size_t size) {
  constexpr std::size_t for_a_body = 4096;
  if (may_put_off_ && !socket_.has_unsent()) room_ = socket_.loop().outbox().room(size + for_a_body);
  return !room_.empty() || take_buffer(size);
}

bool MessageWriter::take_buffer(std::size_t size) {
  const std::size_t whole = size <= net::BufferPool::small ? net::BufferPool::small : net::BufferPool::large;
  buffer_ = socket_.loop().buffers().take(whole, ledger_);
  room_ = buffer_.span();
  return static_cast<bool>(buffer_);
}

// It is not this message's when something has to be waited for.
bool MessageWriter::leave_outbox() {
  if (buffer_) return true;
  const char* const held = room_.data();
  if (!take_buffer(held_)) return false;
  std::memcpy(room_.data(), held, held_);
  return true;
}

bool MessageWriter::put(std::string_view text) {
  if (text.size() > room_.size() - held_) return false;
  if (!text.empty()) std::memcpy(room_.data() + held_, text.data(), text.size());
  held_ += text.size();
  return true;
}

// Waiting is paid from what may be waited beyond the rate; what goes at once can only earn.
net::Duration MessageWriter::earned_by(std::size_t bytes) const {
  return net::Duration(rate_ == 0 ? 0 : bytes * 1000 / rate_);
}

net::Time MessageWriter::latest(net::Duration earned) const {
  return rate_ == 0 ? net::Time::max() : socket_.loop().now() + patience_ + earned;
}

net::Socket::Taking MessageWriter::taking(net::Duration earned) const {
  return {.stall = stall_, .latest = latest(earned), .rate = rate_, .slack = std::max(patience_, net::Duration())};
}

void MessageWriter::settle(net::Time from, net::Duration earned) {
  const auto waited = std::chrono::duration_cast<net::Duration>(socket_.loop().now() - from);
  patience_ = std::min(stall_, patience_ + earned - waited);
}

// What takes no waiting needs no coroutine.
net::Task<MessageWriter::Failed> MessageWriter::flush(std::string_view behind, bool flows) {
  std::string_view held(room_.data(), std::exchange(held_, 0));
  sent_ = true;
  const net::Duration earned = earned_by(held.size() + behind.size());
  const net::IoResult<std::size_t> sent = socket_.write_now(held, behind, flows);
  Failed failed;
  if (!sent) failed.socket = sent.error();
  if (!sent || *sent == held.size() + behind.size()) {
    patience_ = std::min(stall_, patience_ + earned);
    return net::Task<Failed>::with(failed);
  }
  const std::size_t of_held = std::min(*sent, held.size());
  held.remove_prefix(of_held);
  behind.remove_prefix(*sent - of_held);
  return write(held, behind, earned);
}

net::Task<MessageWriter::Failed> MessageWriter::write(std::string_view held, std::string_view behind,
                                                      net::Duration earned) {
  const net::Time from = socket_.loop().now();
  const net::Socket::Taking limits = taking(earned);
  const net::IoResult<void> written = co_await socket_.write(held, behind, limits);
  settle(from, earned);
  Failed failed;
  if (!written) failed.socket = written.error();
  co_return failed;
}

// The last bytes.
net::Task<MessageWriter::Failed> MessageWriter::finish() {
  if (buffer_ || held_ == 0) return held_ == 0 ? net::Task<Failed>::with(Failed()) : flush(std::string_view());
  sent_ = true;
  const net::Time at_latest = latest(earned_by(held_));
  socket_.put_off(socket_.loop().outbox().keep(room_.first(std::exchange(held_, 0))), ledger_, stall_, at_latest);
  return net::Task<Failed>::with(Failed());
}

// Behind what is held, if it fits, and is not so long that a copy costs more than another part of a send.
bool MessageWriter::put_piece(std::string_view piece, bool chunked) {
  constexpr std::size_t worth_copying = 4096;
  if (piece.size() > worth_copying) return false;
  const ChunkHeader header(piece.size());
  const std::string_view before = chunked ? header.text() : std::string_view();
  const std::string_view after = chunked ? chunk_end : std::string_view();
  if (before.size() + piece.size() + after.size() > room_.size() - held_) return false;
  body_bytes_ += piece.size();
  return put(before) && put(piece) && put(after);
}

// From some point on full segments count. And a peer that has taken so much is no slow reader: the kernel may hold more
// for it than for all (net/listening_sockets.cpp), so that it need not wait for us.
bool MessageWriter::flows() {
  constexpr std::uint64_t long_body = 4 * 1024 * 1024;
  constexpr int most_unsent = 2 * 1024 * 1024;
  if (body_bytes_ >= long_body && !std::exchange(flows_, true)) socket_.set_most_unsent(most_unsent);
  return flows_;
}

// What nobody wants to see goes from one socket to the other by the kernel alone, as long as that is so.
net::Task<MessageWriter::Failed> MessageWriter::move_pieces(Body& body) {
  Failed failed;
  if (!moves_ || !body.movable() || socket_.tls() != nullptr) co_return failed;
  net::Pipe pipe = socket_.loop().pipes().take(ledger_);
  moves_ = static_cast<bool>(pipe);
  if (moves_ && held_ != 0) failed = co_await flush(std::string_view(), true);
  std::uint64_t turn_end = body_bytes_ + bytes_a_turn;
  while (moves_ && !failed && body.movable()) {
    const Result<void> moved = co_await body.move(pipe);
    if (!moved) {
      failed.body = moved.error();
      co_return failed;
    }
    body_bytes_ += pipe.held();
    const net::Duration earned = earned_by(pipe.held());
    const net::Time from = socket_.loop().now();
    const net::Socket::Taking limits = taking(earned);
    const net::IoResult<void> written = co_await socket_.write(pipe, limits);
    settle(from, earned);
    if (!written) {
      failed.socket = written.error();
      co_return failed;
    }
    if (body_bytes_ >= turn_end) {
      turn_end = body_bytes_ + bytes_a_turn;
      co_await net::Yield(socket_.loop());
    }
  }
  co_return failed;
}

// Copied, or sent from where it lies.
net::Task<MessageWriter::Failed> MessageWriter::send_piece(std::string_view piece, bool chunked) {
  if (put_piece(piece, chunked)) co_return Failed();
  body_bytes_ += piece.size();
  if (chunked) {
    const ChunkHeader header(piece.size());
    if (header.text().size() > room_.size() - held_) {
      const Failed failed = co_await flush(std::string_view());
      if (failed) co_return failed;
    }
    put(header.text());
  }
  const Failed failed = co_await flush(piece, flows());
  if (failed) co_return failed;
  if (chunked) put(chunk_end);
  co_return Failed();
}

bool MessageWriter::put_end(const Body& body, Framing::Kind framing) {
  if (framing != Framing::Kind::chunked) return true;
  const auto size = write_last_chunk(room_.subspan(held_), omits_trailers_ ? nullptr : body.trailers());
  held_ += size.value_or(0);
  return size.has_value();
}

net::Task<MessageWriter::Failed> MessageWriter::send(Body* body, Framing::Kind framing) {
  if (body != nullptr && !gather(*body, framing)) return send_pieces(*body, framing);
  return finish();
}

// All of a body that is there at once and short. False: the rest takes longer.
bool MessageWriter::gather(Body& body, Framing::Kind framing) {
  constexpr unsigned most_pieces = 16;
  for (unsigned pieces = 0; pieces < most_pieces && body.ready(); ++pieces) {
    net::Task<Result<std::string_view>> reading = body.read();
    if (reading.done()) {
      Result<std::string_view> piece = reading.take();
      const bool at_end = piece && piece->empty();
      if (at_end && put_end(body, framing)) return true;
      if (piece && !at_end && put_piece(*piece, framing == Framing::Kind::chunked)) continue;
      reading = net::Task<Result<std::string_view>>::with(std::move(piece));
    }
    reading_ = std::move(reading);
    return false;
  }
  return false;
}

net::Task<MessageWriter::Failed> MessageWriter::send_pieces(Body& body, Framing::Kind framing) {
  constexpr unsigned pieces_a_turn = 256;  // however small they are
  std::uint64_t turn_end = bytes_a_turn;
  if (!leave_outbox()) {
    Failed failed;
    failed.body = Error{.code = Code::overloaded};
    co_return failed;
  }
  for (unsigned pieces = 0;; ++pieces) {
    if (pieces % pieces_a_turn == pieces_a_turn - 1 || body_bytes_ >= turn_end) {
      turn_end = body_bytes_ + bytes_a_turn;
      co_await net::Yield(socket_.loop());
    }
    if (!reading_) {
      if (held_ != 0 && !body.ready()) {
        const Failed failed = co_await flush(std::string_view());
        if (failed) co_return failed;
      }
      reading_ = body.read();
    }
    net::Task<Result<std::string_view>> reading = std::move(*reading_);
    reading_.reset();
    const Result<std::string_view> piece = co_await reading;
    if (!piece) {
      Failed failed;
      failed.body = piece.error();
      co_return failed;
    }
    if (piece->empty()) break;
    Failed failed = co_await send_piece(*piece, framing == Framing::Kind::chunked);
    if (!failed && flows_ && framing == Framing::Kind::length) failed = co_await move_pieces(body);
    if (failed) co_return failed;
  }
  if (!put_end(body, framing)) {
    // Trailers that do not fit behind what is held do after it: they are limited to less than a buffer.
    const Failed failed = co_await flush(std::string_view());
    if (failed) co_return failed;
    put_end(body, framing);
  }
  const Failed failed = co_await finish();
  co_return failed;
}

}  // namespace sallyport::http::h1
