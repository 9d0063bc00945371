// SPDX-License-Identifier: Apache-2.0
#include "http/h2/stream_body.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sallyport::http::h2 {

StreamBody::~StreamBody() {
  give_back(coming_);
  give_back(given_);
}

void StreamBody::give_back(Block& block) {
  if (block.capacity == 0) return;
  ledger_.release(block.capacity);
  block = {};
}

// Blocks are as large as what they hold, nearly: a byte of a body may wait on every stream.
bool StreamBody::grow(std::size_t wanted) {
  constexpr std::size_t least = 1024;
  std::size_t capacity = std::max(coming_.capacity * 2, least);
  while (capacity < wanted) capacity *= 2;
  if (!ledger_.charge(capacity)) return false;
  Block larger{.bytes = std::make_unique_for_overwrite<char[]>(capacity), .capacity = capacity};
  if (end_ != begin_) std::memcpy(larger.bytes.get(), coming_.bytes.get() + begin_, end_ - begin_);
  end_ -= std::exchange(begin_, 0);
  give_back(coming_);
  coming_ = std::move(larger);
  return true;
}

bool StreamBody::put(std::string_view bytes) {
  if (bytes.empty()) return true;
  if (coming_.capacity - end_ < bytes.size() && !grow(unread() + bytes.size())) return false;
  std::memcpy(coming_.bytes.get() + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
  put_ += bytes.size();
  return true;
}

void StreamBody::fail(Error error) {
  if (!failed_ && !ended_) failed_ = std::move(error);
}

// The reader is done with what it had.
void StreamBody::settle() {
  if (given_size_ != 0) source_.taken(std::exchange(given_size_, 0));
  give_back(given_);
}

// Empty: nothing is there, or all was given.
std::string_view StreamBody::take() {
  if (unread() == 0) {
    complete_ = ended_ && !failed_;
    if (complete_) give_back(coming_);
    return {};
  }
  given_ = std::exchange(coming_, Block());
  const std::string_view piece(given_.bytes.get() + begin_, unread());
  begin_ = end_ = 0;
  given_size_ = piece.size();
  read_ += piece.size();
  return piece;
}

net::Task<Result<std::string_view>> StreamBody::read() {
  if (!std::exchange(was_read_, true)) source_.before_first_read();
  settle();
  const std::string_view piece = take();
  if (!piece.empty() || complete_) return net::Task<Result<std::string_view>>::with(piece);
  return read_more();
}

net::Task<Result<std::string_view>> StreamBody::read_more() {
  for (;;) {
    if (failed_) co_return Failure(*failed_);
    const net::Time from = loop_.now();
    const std::size_t before = unread();
    const bool was_held = source_.is_held();
    const bool notified = co_await arrived_.wait(loop_, patience_.deadline(from));
    const bool is_excused = was_held || source_.is_held();
    const bool is_late = !notified && loop_.now() >= patience_.deadline(from);  // it may have become patient meanwhile
    is_excused ? patience_.renew() : patience_.spend(from, loop_.now(), unread() - before);
    if (is_late && !is_excused && !failed_ && unread() == 0 && !ended_) failed_ = Error{.code = slow_};
    const std::string_view piece = take();
    if (!piece.empty() || complete_) co_return piece;
  }
}

}  // namespace sallyport::http::h2
