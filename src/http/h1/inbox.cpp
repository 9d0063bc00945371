// SPDX-License-Identifier: Apache-2.0
#include "http/h1/inbox.hpp"

#include <cstring>
#include <utility>

namespace sallyport::http::h1 {

std::span<char> Inbox::room_for_head() {
  if (!head_) {
    head_ = pool_.take(first_size_, ledger_);
    at_ = head_.data();
    begin_ = end_ = 0;
  }
  if (!head_ || (end_ == head_.size() && !grow())) return {};
  return head_.span().subspan(end_);
}

// The head does not fit behind what was there before it, or not into so small a buffer.
bool Inbox::grow() {
  const std::string_view kept = unread();
  if (kept.size() == net::BufferPool::large) return false;
  const bool is_tiny = head_.size() == net::BufferPool::tiny;
  net::Buffer larger = pool_.take(is_tiny ? net::BufferPool::small : net::BufferPool::large, ledger_);
  if (!larger) return false;
  std::memcpy(larger.data(), kept.data(), kept.size());
  begin_ = 0;
  end_ = kept.size();
  head_ = std::move(larger);
  at_ = head_.data();
  return true;
}

std::span<char> Inbox::room_for_body(std::size_t most) {
  const std::size_t size = net::BufferPool::size_for(most);
  if (body_ && body_.size() != size) body_.give_back();
  if (!body_) body_ = pool_.take(size, ledger_);
  at_ = body_.data();
  begin_ = end_ = 0;
  return body_.span();
}

void Inbox::settle() {
  const std::string_view kept = unread();
  if (kept.empty()) {
    head_.give_back();
  } else {
    if (body_ && kept.size() > head_.size()) std::swap(head_, body_);
    std::memmove(head_.data(), kept.data(), kept.size());
  }
  body_.give_back();
  begin_ = 0;
  end_ = kept.size();
  at_ = head_.data();
}

}  // namespace sallyport::http::h1
