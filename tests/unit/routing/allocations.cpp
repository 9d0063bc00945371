// SPDX-License-Identifier: Apache-2.0
#include "unit/routing/allocations.hpp"

#include <cstdlib>
#include <new>

#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define COUNTED_BY_HOOK  // it brings operators of its own, and a hook into them
#include <sanitizer/allocator_interface.h>
#endif
#endif

namespace {

thread_local std::uint64_t count = 0;

#ifdef COUNTED_BY_HOOK
const int installed = __sanitizer_install_malloc_and_free_hooks([](const volatile void*, std::size_t) { ++count; },
                                                                [](const volatile void*) {});
#endif

}  // namespace

namespace sallyport::routing {

std::uint64_t allocations() { return count; }

}  // namespace sallyport::routing

#ifndef COUNTED_BY_HOOK
void* operator new(std::size_t size) {
  ++count;
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif
