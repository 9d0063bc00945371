// SPDX-License-Identifier: Apache-2.0
#include "http/h1/body_reader.hpp"

#include <algorithm>

namespace sallyport::http::h1 {

BodyReader::BodyReader(net::Socket& socket, Inbox& inbox, Framing framing, const Pace& pace, const Faults& faults,
                       const Limits& limits, Arena& arena, Notes& notes)
    : socket_(socket), inbox_(inbox), framing_(framing), pace_(pace), faults_(faults), left_(framing.length) {
  if (framing_.kind == Framing::Kind::chunked) chunks_.emplace(faults.of, limits, arena, notes);
  complete_ = framing_.kind == Framing::Kind::none || (framing_.kind == Framing::Kind::length && left_ == 0);
}

bool BodyReader::ready() const { return complete_ || failed_ || !inbox_.unread().empty() || socket_.readable(); }

const Fields* BodyReader::trailers() const {
  return chunks_ && complete_ && !chunks_->trailers().empty() ? &chunks_->trailers() : nullptr;
}

net::Task<Result<std::string_view>> BodyReader::read() {
  for (;;) {
    if (failed_) co_return Failure(*failed_);
    if (complete_) co_return std::string_view();
    if (!inbox_.unread().empty()) {
      Result<std::string_view> piece = take_piece();
      if (!piece || !piece->empty() || complete_) co_return piece;
    }
    const Result<void> more = co_await receive();
    if (!more) co_return Failure(more.error());
  }
}

// Empty: framing was used up, and more bytes are needed or the end was reached.
Result<std::string_view> BodyReader::take_piece() {
  std::string_view piece = inbox_.unread();
  if (framing_.kind == Framing::Kind::length) {
    piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size())));
    left_ -= piece.size();
    complete_ = left_ == 0;
    inbox_.use(piece.size());
  } else if (framing_.kind == Framing::Kind::chunked) {
    const auto step = chunks_->step(piece);
    if (!step) return Failure(failed_.emplace(step.error()));
    inbox_.use(step->consumed);
    piece = step->data;
    complete_ = step->end;
  } else {
    inbox_.use(piece.size());
  }
  got_ += piece.size();
  return piece;
}

net::Task<Result<void>> BodyReader::receive() {
  const std::span<char> room = inbox_.room_for_body();
  if (room.empty()) co_return fail_with(Code::overloaded);
  const net::Time from = socket_.loop().now();
  net::Time deadline = from + pace_.grace;
  if (pace_.bytes_per_second != 0) deadline += net::Duration(got_ * 1000 / pace_.bytes_per_second) - waited_;
  const net::IoResult<std::size_t> got = co_await socket_.read(room, std::min(deadline, latest_));
  waited_ += std::chrono::duration_cast<net::Duration>(socket_.loop().now() - from);
  if (!got) co_return fail_with(got.error() == net::IoError::timeout ? faults_.slow : faults_.reset);
  if (*got == 0) {
    if (framing_.kind != Framing::Kind::close) co_return fail_with(faults_.cut);
    complete_ = true;
  }
  inbox_.received(*got);
  co_return Result<void>();
}

}  // namespace sallyport::http::h1
