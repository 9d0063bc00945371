// SPDX-License-Identifier: Apache-2.0
// Coroutine frames of this thread, kept by size for the next one: a request makes about ten of them.
//
// A frame has its lines of memory to itself.

#pragma once

#include <array>
#include <cstddef>
#include <new>

#include "base/own_lines.hpp"

namespace sallyport::net {

class FramePool {
 public:
  static FramePool& mine() {
    thread_local FramePool pool;
    return pool;
  }

  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  ~FramePool() {
    for (List& list : free_) {
      while (list.first != nullptr) {
        Free* next = list.first->next;
        give_lines(list.first);
        list.first = next;
      }
    }
  }

  // Bytes of frames that are in use.
  std::size_t in_use() const { return in_use_; }

  void* take(std::size_t size) {
    in_use_ += size;
    const std::size_t kind = kind_of(size);
    if (kind >= kinds) return take_lines((kind + 1) * step);
    if (Free* frame = free_[kind].first; frame != nullptr) {
      free_[kind].first = frame->next;
      --free_[kind].count;
      return frame;
    }
    return take_lines((kind + 1) * step);
  }

  void give(void* memory, std::size_t size) {
    in_use_ -= size;
    const std::size_t kind = kind_of(size);
    if (kind >= kinds || free_[kind].count == most_kept) return give_lines(memory);
    free_[kind].first = new (memory) Free{free_[kind].first};
    ++free_[kind].count;
  }

 private:
  struct Free {
    Free* next;
  };
  struct List {
    Free* first = nullptr;
    std::size_t count = 0;
  };

  static constexpr std::size_t step = line_size;
  static constexpr std::size_t kinds = 32;        // frames of up to 2 KiB
  static constexpr std::size_t most_kept = 4096;  // of each kind

  static std::size_t kind_of(std::size_t size) { return (size - 1) / step; }

  std::array<List, kinds> free_{};
  std::size_t in_use_ = 0;
};

}  // namespace sallyport::net
