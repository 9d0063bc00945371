// SPDX-License-Identifier: Apache-2.0
#include "http/h2/session_memory.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "http/h2/frame.hpp"

namespace sallyport::http::h2 {
namespace {

// In front of each block: its size, which free() does not tell.
constexpr std::size_t before = alignof(std::max_align_t);

// A frame of the usual size and the length of a padding, which is what nghttp2 asks for.
constexpr std::size_t packing_size = largest_frame + 1;

struct Packing {
  alignas(std::max_align_t) std::array<char, packing_size> bytes;
};

void* packing() {
  static thread_local Packing block;
  return block.bytes.data();
}

std::size_t& size_of(void* block) { return *reinterpret_cast<std::size_t*>(static_cast<char*>(block) - before); }

}  // namespace

SessionMemory::SessionMemory(net::Ledger& ledger)
    : ledger_(ledger),
      functions_{
          .mem_user_data = this, .malloc = allocate, .free = give, .calloc = allocate_zeroed, .realloc = reallocate} {}

void* SessionMemory::allocate_zeroed(std::size_t count, std::size_t size, void* self) {
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max() - before;
  if (size != 0 && count > most / size) return nullptr;
  net::Ledger& ledger = static_cast<SessionMemory*>(self)->ledger_;
  const std::size_t wanted = count * size + before;
  if (!ledger.charge(wanted)) return nullptr;
  auto* const raw = static_cast<char*>(std::calloc(wanted, 1));
  if (raw == nullptr) {
    ledger.release(wanted);
    return nullptr;
  }
  size_of(raw + before) = wanted - before;
  return raw + before;
}

void* SessionMemory::allocate(std::size_t size, void* self) {
  auto& memory = *static_cast<SessionMemory*>(self);
  if (size == packing_size && std::exchange(memory.lends_, false)) {
    memory.lent_ = packing();
    return packing();
  }
  if (size > std::numeric_limits<std::size_t>::max() - before || !memory.ledger_.charge(size + before)) return nullptr;
  auto* const raw = static_cast<char*>(std::malloc(size + before));
  if (raw == nullptr) {
    memory.ledger_.release(size + before);
    return nullptr;
  }
  size_of(raw + before) = size;
  return raw + before;
}

void SessionMemory::give(void* block, void* self) {
  auto& memory = *static_cast<SessionMemory*>(self);
  if (block == nullptr || block == memory.lent_) return;
  memory.ledger_.release(size_of(block) + before);
  std::free(static_cast<char*>(block) - before);
}

void* SessionMemory::reallocate(void* block, std::size_t size, void* self) {
  void* const larger = allocate(size, self);
  if (block == nullptr || larger == nullptr) return larger;
  const std::size_t old = block == static_cast<SessionMemory*>(self)->lent_ ? packing_size : size_of(block);
  std::memcpy(larger, block, old < size ? old : size);
  give(block, self);
  return larger;
}

}  // namespace sallyport::http::h2
