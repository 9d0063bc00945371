// SPDX-License-Identifier: Apache-2.0
#include "routing/node_memory.hpp"

#include <array>
#include <cstddef>
#include <mutex>
#include <new>

namespace sallyport::routing {
namespace {

constexpr std::size_t sizes = 8;  // one to eight lines; what is larger comes from the heap
constexpr std::size_t slab_bytes = 32 * 1024;

struct Free {
  Free* next;
};

struct Size {
  Free* free = nullptr;
  std::byte* next = nullptr;  // in the newest slab
  std::byte* end = nullptr;
};

// Slabs are never freed, and reached from here by nobody but their nodes and the lists of free ones.
struct Slabs {
  std::mutex mutex;  // all but always the compiler's thread, so nobody waits
  std::array<Size, sizes> all;
};

Slabs& slabs() {
  static Slabs& of_the_process = *new Slabs;  // nodes may be freed after static objects are gone
  return of_the_process;
}

std::size_t size_number(std::size_t size) { return (size - 1) / node_line; }

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool from_heap = true;  // where each node has its own bounds and end
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool from_heap = true;
#else
constexpr bool from_heap = false;
#endif
#else
constexpr bool from_heap = false;
#endif

}  // namespace

void* take_node_memory(std::size_t size) {
  const std::size_t number = size_number(size);
  if (from_heap || number >= sizes) return ::operator new(size);
  Slabs& of = slabs();
  const std::lock_guard lock(of.mutex);
  Size& from = of.all[number];
  if (from.free != nullptr) {
    Free* const found = from.free;
    from.free = found->next;
    return found;
  }
  const std::size_t step = (number + 1) * node_line;
  if (static_cast<std::size_t>(from.end - from.next) < step) {
    from.next = static_cast<std::byte*>(::operator new(slab_bytes, std::align_val_t(node_line)));
    from.end = from.next + slab_bytes;
  }
  void* const found = from.next;
  from.next += step;
  return found;
}

void give_node_memory(void* memory, std::size_t size) {
  const std::size_t number = size_number(size);
  if (from_heap || number >= sizes) return ::operator delete(memory);
  Slabs& of = slabs();
  const std::lock_guard lock(of.mutex);
  of.all[number].free = ::new (memory) Free{of.all[number].free};
}

}  // namespace sallyport::routing
