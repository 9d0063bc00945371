// SPDX-License-Identifier: Apache-2.0
// Lines on their way from one worker to the thread that writes them: a ring of bytes with one writer and one reader.
//
// The worker publishes once a turn, whatever it wrote; full means that a line is dropped and counted, as the reader
// counts those that it could not write. No lock, and no line of memory that two workers write.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/own_lines.hpp"

namespace sallyport::proxy {

class LogRing {
 public:
  static constexpr std::size_t size = 1024 * 1024;

  // The worker's. Takes the whole line or, when there is no room, nothing.
  void write(std::string_view line) {
    if (line.size() > size - (written_ - read_.load(std::memory_order_acquire))) {
      ++lost_;
      return;
    }
    const std::size_t at = written_ % size;
    const std::size_t first = std::min(line.size(), size - at);
    std::memcpy(bytes_.get() + at, line.data(), first);
    std::memcpy(bytes_.get(), line.data() + first, line.size() - first);
    written_ += line.size();
  }
  // True: there is something new for the reader.
  bool publish() {
    if (written_ == published_.load(std::memory_order_relaxed)) return false;
    published_.store(written_, std::memory_order_seq_cst);  // before the look whether the reader sleeps
    return true;
  }
  // By both.
  std::uint64_t lost() const { return lost_ + unwritten_.load(std::memory_order_relaxed); }

  // The reader's: what is there in one piece; empty when all was taken.
  std::string_view peek() const {
    const std::uint64_t from = read_.load(std::memory_order_relaxed);
    // In one order with the worker's look whether the reader sleeps: one of the two sees the other.
    const std::uint64_t to = published_.load(std::memory_order_seq_cst);
    const std::size_t at = from % size;
    return {bytes_.get() + at, std::min<std::size_t>(to - from, size - at)};
  }
  void take(std::size_t bytes) { read_.fetch_add(bytes, std::memory_order_release); }
  // Taken, and written nowhere: the ends of so many lines were in it.
  void lose(std::size_t bytes, std::uint64_t lines) {
    unwritten_.fetch_add(lines, std::memory_order_relaxed);
    take(bytes);
  }

 private:
  std::unique_ptr<char[]> bytes_ = std::make_unique_for_overwrite<char[]>(size);
  std::uint64_t written_ = 0;
  std::uint64_t lost_ = 0;
  alignas(line_size) std::atomic<std::uint64_t> published_ = 0;
  alignas(line_size) std::atomic<std::uint64_t> read_ = 0;
  std::atomic<std::uint64_t> unwritten_ = 0;  // lines
};

}  // namespace sallyport::proxy
