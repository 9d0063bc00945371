// SPDX-License-Identifier: Apache-2.0
#include "net/pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace sallyport::net {

Pipe::~Pipe() {
  if (*this) pool_->put(*this);
}

Pipe PipePool::take(Ledger& ledger) {
  if (in_use_ == most_in_use || !ledger.charge(Pipe::most)) return {};
  std::optional<Pipe::Ends> ends;
  if (kept_.empty()) {
    ends = make();
  } else {
    ends = std::move(kept_.back());
    kept_.pop_back();
  }
  if (!ends) {
    ledger.release(Pipe::most);
    return {};
  }
  ++in_use_;
  return {std::move(*ends), *this, ledger};
}

std::optional<Pipe::Ends> PipePool::make() {
  std::array<int, 2> numbers{};
  if (::pipe2(numbers.data(), O_CLOEXEC | O_NONBLOCK) != 0) return std::nullopt;
  Pipe::Ends ends{.in = Fd(numbers[1]), .out = Fd(numbers[0])};
  // It counts its slots, a page for each, and a packet's piece takes one: fewer would make short steps.
  if (::fcntl(ends.in.get(), F_SETPIPE_SZ, static_cast<int>(Pipe::most)) < 0) return std::nullopt;
  return ends;
}

void PipePool::put(Pipe& pipe) {
  --in_use_;
  pipe.ledger_->release(Pipe::most);
  // What is left in it is of a message that ended too early.
  if (pipe.held_ == 0) kept_.push_back(std::move(pipe.ends_));
}

}  // namespace sallyport::net
