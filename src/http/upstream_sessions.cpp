// SPDX-License-Identifier: Apache-2.0
#include "http/upstream_sessions.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::http {

using h2::ClientConnection;

UpstreamSessions::~UpstreamSessions() {
  if (destroyed_ != nullptr) *destroyed_ = true;
}

// The first with room is filled up, so that the last ones fall idle when there is less to do.
ClientConnection* UpstreamSessions::with_room() const {
  const auto found = std::ranges::find_if(all_, [](const auto& one) { return one->has_room(); });
  return found == all_.end() ? nullptr : found->get();
}

bool UpstreamSessions::is_making() const {
  return is_making_ || std::ranges::any_of(all_, [](const auto& one) { return one->awaits_settings(); });
}

void UpstreamSessions::add(std::unique_ptr<ClientConnection> made) {
  made->keep(*this);
  all_.push_back(std::move(made));
}

void UpstreamSessions::make(net::Task<Result<MadeConnection>> making) {
  is_making_ = true;
  making_ = make_one(std::move(making));
  making_.start();
}

net::Task<void> UpstreamSessions::make_one(net::Task<Result<MadeConnection>> making) {
  made_.emplace(co_await making);
  loop_.defer(*this);
}

// Outside of any coroutine and any connection.
void UpstreamSessions::at_turn_end() {
  if (made_) {
    Result<MadeConnection> made = std::move(*made_);
    made_.reset();
    making_.reset();
    is_making_ = false;
    ++attempts_;
    failure_.reset();
    if (!made) {
      failure_ = made.error();
    } else if (made->http2 != nullptr) {
      speaks_http1_ = false;
      add(std::move(made->http2));
    } else {
      speaks_http1_ = true;
      http1_ = std::move(made->http1);
    }
  }
  bool gone = false;
  destroyed_ = &gone;
  waiters_.notify_all();
  if (gone) return;
  destroyed_ = nullptr;
  http1_.reset();
}

void UpstreamSessions::drop(ClientConnection& connection) {
  std::erase_if(all_, [&](const auto& one) { return one.get() == &connection; });
  wake_soon();
}

void UpstreamSessions::retire() {
  for (const auto& one : all_) one->retire();
}

void UpstreamSessions::end_idle() {
  for (const auto& one : all_) {
    if (one->streams() == 0) one->retire();
  }
}

}  // namespace sallyport::http
