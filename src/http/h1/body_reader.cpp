// SPDX-License-Identifier: Apache-2.0
#include "http/h1/body_reader.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::http::h1 {

BodyReader::BodyReader(net::Socket& socket, Inbox& inbox, Framing framing, const Pace& pace, const Faults& faults,
                       const Limits& limits, Arena& arena, Notes& notes)
    : socket_(socket), inbox_(inbox), framing_(framing), faults_(faults), left_(framing.length), patience_(pace) {
  if (framing_.kind == Framing::Kind::chunked) chunks_.emplace(faults.of, limits, arena, notes);
  complete_ = framing_.kind == Framing::Kind::none || (framing_.kind == Framing::Kind::length && left_ == 0);
}

bool BodyReader::ready() const {
  // Behind a chunk's data its framing was used up with it: what is unread then is the next message's, or not yet begun.
  return complete_ || failed_ || !next_.empty() || !inbox_.unread().empty() || socket_.readable();
}

const Fields* BodyReader::trailers() const {
  return chunks_ && complete_ && !chunks_->trailers().empty() ? &chunks_->trailers() : nullptr;
}

net::Task<Result<std::string_view>> BodyReader::read() {
  const std::string_view piece = take_piece();
  if (!piece.empty() || (complete_ && !failed_)) return net::Task<Result<std::string_view>>::with(piece);
  return read_more();
}

net::Task<Result<std::string_view>> BodyReader::read_more() {
  for (;;) {
    if (failed_) co_return Failure(*failed_);
    const Result<void> more = co_await receive();
    if (!more) co_return Failure(more.error());
    const std::string_view piece = take_piece();
    if (!piece.empty() || (complete_ && !failed_)) co_return piece;
  }
}

// Empty: more bytes are needed, or there will be none.
std::string_view BodyReader::take_piece() {
  std::string_view piece = next_.empty() ? decode() : std::exchange(next_, std::string_view());
  // The framing behind it goes with it, so that ready() need not tell framing from data.
  if (chunks_ && !piece.empty()) next_ = decode();
  got_ += piece.size();
  return piece;
}

std::string_view BodyReader::decode() {
  std::string_view piece = inbox_.unread();
  if (complete_ || failed_ || piece.empty()) return {};
  if (framing_.kind == Framing::Kind::length) {
    piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size())));
    left_ -= piece.size();
    complete_ = left_ == 0;
  } else if (chunks_) {
    const auto step = chunks_->step(piece);
    if (!step) {
      failed_ = step.error();
      return {};
    }
    inbox_.use(step->consumed);
    complete_ = step->end;
    return step->data;
  }
  inbox_.use(piece.size());
  return piece;
}

bool BodyReader::movable() const {
  return framing_.kind == Framing::Kind::length && !complete_ && !failed_ && inbox_.unread().empty() &&
         socket_.tls() == nullptr;
}

net::Task<Result<void>> BodyReader::move(net::Pipe& into) {
  const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left_, net::Pipe::most));
  const net::Time from = socket_.loop().now();
  const net::Time deadline = std::min(patience_.deadline(from), latest_);
  const std::span<char> nothing;
  std::optional<net::IoResult<std::size_t>> got;
  while (!got) {
    const net::IoResult<std::size_t> there = co_await socket_.read(nothing, deadline);
    if (!there) co_return fail_with(there.error());
    got = socket_.read_now(into, most);
  }
  if (!*got) co_return fail_with(got->error());
  const std::size_t bytes = **got;
  if (bytes == 0) co_return fail_with(faults_.cut);
  patience_.spend(from, socket_.loop().now(), bytes);
  got_ += bytes;
  left_ -= bytes;
  complete_ = left_ == 0;
  co_return Result<void>();
}

net::Task<Result<void>> BodyReader::receive() {
  std::span<char> room = inbox_.room_for_body(most_);
  if (room.empty()) co_return fail_with(Code::overloaded);
  room = room.first(std::min(room.size(), most_));
  const net::Time from = socket_.loop().now();
  const net::Time deadline = std::min(patience_.deadline(from), latest_);
  const net::IoResult<std::size_t> got = co_await socket_.read(room, deadline);
  patience_.spend(from, socket_.loop().now(), got.value_or(0));
  if (!got) co_return fail_with(got.error());
  if (*got == 0) {
    // Without a length only the peer's word says that it is whole, and TLS has one for that.
    if (framing_.kind != Framing::Kind::close || socket_.truncated()) co_return fail_with(faults_.cut);
    complete_ = true;
  }
  inbox_.received(*got);
  co_return Result<void>();
}

}  // namespace sallyport::http::h1
