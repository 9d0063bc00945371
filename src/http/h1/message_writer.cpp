// SPDX-License-Identifier: Apache-2.0
#include "http/h1/message_writer.hpp"

#include <cstring>
#include <utility>

#include "http/h1/chunked.hpp"
#include "net/yield.hpp"

namespace sallyport::http::h1 {

bool MessageWriter::take_buffer(std::size_t room) {
  const std::size_t size = room <= net::BufferPool::small ? net::BufferPool::small : net::BufferPool::large;
  out_ = socket_.loop().buffers().take(size, ledger_);
  return static_cast<bool>(out_);
}

bool MessageWriter::put(std::string_view text) {
  if (text.size() > out_.size() - held_) return false;
  if (!text.empty()) std::memcpy(out_.data() + held_, text.data(), text.size());
  held_ += text.size();
  return true;
}

net::Task<MessageWriter::Failed> MessageWriter::flush(std::string_view behind) {
  const std::string_view held(out_.data(), std::exchange(held_, 0));
  sent_ = true;
  const net::IoResult<void> written = co_await socket_.write(held, behind, stall_);
  Failed failed;
  if (!written) failed.socket = written.error();
  co_return failed;
}

// Copied behind what is held when it fits, sent from where it lies when it does not.
net::Task<MessageWriter::Failed> MessageWriter::send_piece(std::string_view piece, bool chunked) {
  body_bytes_ += piece.size();
  const ChunkHeader header(piece.size());
  const std::string_view before = chunked ? header.text() : std::string_view();
  const std::string_view after = chunked ? chunk_end : std::string_view();
  if (before.size() + piece.size() + after.size() > out_.size() - held_) {
    if (before.size() > out_.size() - held_) {
      const Failed failed = co_await flush(std::string_view());
      if (failed) co_return failed;
    }
    put(before);
    const Failed failed = co_await flush(piece);
    if (failed) co_return failed;
    put(after);
  } else {
    put(before);
    put(piece);
    put(after);
  }
  co_return Failed();
}

bool MessageWriter::put_end(const Body& body, Framing::Kind framing) {
  if (framing != Framing::Kind::chunked) return true;
  const auto size = write_last_chunk(out_.span().subspan(held_), body.trailers());
  held_ += size.value_or(0);
  return size.has_value();
}

net::Task<MessageWriter::Failed> MessageWriter::send(Body* body, Framing::Kind framing) {
  // Then others get their turn, however fast this body flows, and however small its pieces.
  constexpr unsigned pieces_a_turn = 256;
  constexpr std::uint64_t bytes_a_turn = 1024 * 1024;
  std::uint64_t turn_end = bytes_a_turn;
  for (unsigned pieces = 0; body != nullptr; ++pieces) {
    if (pieces % pieces_a_turn == pieces_a_turn - 1 || body_bytes_ >= turn_end) {
      turn_end = body_bytes_ + bytes_a_turn;
      co_await net::Yield(socket_.loop());
    }
    if (held_ != 0 && !body->ready()) {
      const Failed failed = co_await flush(std::string_view());
      if (failed) co_return failed;
    }
    const Result<std::string_view> piece = co_await body->read();
    if (!piece) {
      Failed failed;
      failed.body = piece.error();
      co_return failed;
    }
    if (piece->empty()) break;
    const Failed failed = co_await send_piece(*piece, framing == Framing::Kind::chunked);
    if (failed) co_return failed;
  }
  if (body != nullptr && !put_end(*body, framing)) {
    // Trailers that do not fit behind what is held do after it: they are limited to less than a buffer.
    const Failed failed = co_await flush(std::string_view());
    if (failed) co_return failed;
    put_end(*body, framing);
  }
  if (held_ == 0) co_return Failed();
  const Failed failed = co_await flush(std::string_view());
  co_return failed;
}

}  // namespace sallyport::http::h1
