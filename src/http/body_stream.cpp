// SPDX-License-Identifier: Apache-2.0
#include "http/body_stream.hpp"

#include <utility>

namespace sallyport::http {

using Piece = net::IoResult<std::string_view>;
using Written = net::IoResult<void>;

void BodyStream::Waiting::start(std::coroutine_handle<> handle, net::Time deadline) {
  handle_ = handle;
  timed_out_ = false;
  if (deadline != net::Time::max()) loop_.timers().arm(*this, deadline);
}

void BodyStream::Waiting::stop() {
  handle_ = {};
  net::TimerWheel::disarm(*this);
}

void BodyStream::Waiting::go_on(bool timed_out) {
  if (!handle_) return;
  timed_out_ = timed_out;
  std::exchange(handle_, {}).resume();
}

// Runs beside the reader, whose deadline may come first.
net::Task<void> BodyStream::receive() {
  received_ = co_await incoming_.read();
  is_receiving_ = false;
  reader_.wake();
}

// The end and an error stay: nothing comes behind them.
std::optional<Piece> BodyStream::take_received() {
  if (!received_) return std::nullopt;
  if (!*received_) return std::unexpected(net::IoError::reset);
  const std::string_view piece = **received_;
  if (!piece.empty()) received_.reset();
  return piece;
}

net::Task<Piece> BodyStream::read(net::Time deadline) {
  if (!received_ && !is_receiving_) {
    is_receiving_ = true;
    receiving_ = receive();
    receiving_.start();
  }
  if (auto piece = take_received()) return net::Task<Piece>::with(*piece);
  return wait_for_piece(deadline);
}

net::Task<Piece> BodyStream::wait_for_piece(net::Time deadline) {
  for (;;) {
    if (auto piece = take_received()) co_return *piece;
    if (std::exchange(interrupted_, false)) co_return std::unexpected(net::IoError::interrupted);
    const bool woken = co_await reader_.until(deadline);
    if (!woken && !received_) co_return std::unexpected(net::IoError::timeout);
  }
}

void BodyStream::interrupt() {
  interrupted_ = true;
  reader_.wake();
}

net::Task<Written> BodyStream::write(std::string_view bytes, net::Duration stall) {
  if (broken_ || shut_) return net::Task<Written>::with(Written(std::unexpected(net::IoError::reset)));
  if (bytes.empty()) return net::Task<Written>::with(Written());
  offered_ = bytes;
  puller_.wake();
  return wait_for_pull(stall);
}

net::Task<Written> BodyStream::wait_for_pull(net::Duration stall) {
  const Offer offer{*this};
  while (!broken_ && (pulled_ || !offered_.empty())) {
    const bool woken = co_await writer_.until(loop_.now() + stall);
    if (!woken) co_return std::unexpected(net::IoError::timeout);
  }
  if (broken_) co_return std::unexpected(net::IoError::reset);
  co_return Written();
}

void BodyStream::shutdown_write() {
  shut_ = true;
  puller_.wake();
}

void BodyStream::break_off() {
  broken_ = true;
  writer_.wake();
}

net::Task<Result<std::string_view>> BodyStream::pull() {
  if (std::exchange(pulled_, false)) writer_.wake();
  if (!offered_.empty()) {
    pulled_ = true;
    return net::Task<Result<std::string_view>>::with(std::exchange(offered_, {}));
  }
  if (shut_) return net::Task<Result<std::string_view>>::with(std::string_view());
  return wait_for_offer();
}

net::Task<Result<std::string_view>> BodyStream::wait_for_offer() {
  while (offered_.empty() && !shut_) co_await puller_.until(net::Time::max());
  pulled_ = !offered_.empty();
  co_return std::exchange(offered_, {});
}

}  // namespace sallyport::http
