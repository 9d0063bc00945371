// SPDX-License-Identifier: Apache-2.0
// Memory whose lines of the cache are nobody else's: for what a thread writes at every request.
//
// What malloc gives may have a neighbour of another thread: a message is made by one thread and freed by another, which
// uses its memory for something of its own, and two threads that write into one line wait for each other.

#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace sallyport {

inline constexpr std::size_t line_size = 64;

// Whole lines, as many as there have to be.
inline void* take_lines(std::size_t bytes) {
  return ::operator new((bytes + line_size - 1) / line_size * line_size, std::align_val_t(line_size));
}
inline void give_lines(void* memory) { ::operator delete(memory, std::align_val_t(line_size)); }

// An allocator of the standard library's kind.
template <class T>
struct OwnLines {
  using value_type = T;

  OwnLines() = default;
  template <class Other>
  explicit(false) OwnLines(const OwnLines<Other>& /*other*/) {}

  T* allocate(std::size_t count) { return static_cast<T*>(take_lines(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t /*count*/) { give_lines(memory); }

  bool operator==(const OwnLines&) const = default;
};

template <class T>
using LineVector = std::vector<T, OwnLines<T>>;

}  // namespace sallyport
