// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program (LD_PRELOAD), counts the bytes that it holds: what malloc and its sisters gave (as much as
// is usable of each piece), and what the program itself has mapped anonymously, as pools do. The count stands in the
// file $HELD_BYTES.PID, two numbers of eight bytes: allocated, mapped. A forked child goes on counting in a file of its
// own.
//
// Written for glibc, whose own functions are called below it; what malloc maps for itself is therefore not counted
// twice. It costs time: nothing else may be measured of the program.

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// NOLINTBEGIN(bugprone-reserved-identifier): glibc's names
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace {

struct Held {
  std::atomic<std::int64_t> allocated;
  std::atomic<std::int64_t> mapped;
};

constinit Held before{};  // until there is a file
constinit std::atomic<Held*> held = &before;

void publish() {
  const char* prefix = std::getenv("HELD_BYTES");
  if (prefix == nullptr) return;
  char path[4096];
  std::snprintf(path, sizeof path, "%s.%d", prefix, static_cast<int>(::getpid()));
  const int fd = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ::ftruncate(fd, sizeof(Held)) != 0) return;
  const long address = ::syscall(SYS_mmap, nullptr, sizeof(Held), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
  ::close(fd);
  if (address == -1) return;
  auto* const file = reinterpret_cast<Held*>(address);
  Held& now = *held.load();
  file->allocated = now.allocated.load();
  file->mapped = now.mapped.load();
  held = file;
}

[[gnu::constructor]] void start() {
  publish();
  ::pthread_atfork(nullptr, nullptr, publish);
}

void add(std::int64_t bytes) {
  held.load(std::memory_order_relaxed)->allocated.fetch_add(bytes, std::memory_order_relaxed);
}

// glibc's malloc_usable_size(), which cannot be asked: a program with an allocator of its own has another function of
// that name. The word before a piece is the size of its chunk, that word included, with three flags in the lowest bits.
std::int64_t usable(void* memory) {
  if (memory == nullptr) return 0;
  constexpr std::size_t word = sizeof(std::size_t);
  std::size_t size = 0;
  std::memcpy(&size, static_cast<const char*>(memory) - word, word);
  return static_cast<std::int64_t>((size & ~std::size_t{7}) - word);
}

void* count(void* memory) {
  add(usable(memory));
  return memory;
}

}  // namespace

extern "C" {

[[gnu::visibility("default")]] void* malloc(std::size_t size) { return count(__libc_malloc(size)); }

[[gnu::visibility("default")]] void* calloc(std::size_t number, std::size_t size) {
  return count(__libc_calloc(number, size));
}

[[gnu::visibility("default")]] void* realloc(void* memory, std::size_t size) {
  const std::int64_t old = usable(memory);
  void* const moved = __libc_realloc(memory, size);
  if (moved == nullptr && size != 0) return nullptr;  // the old piece is still there
  add(-old);
  return count(moved);
}

[[gnu::visibility("default")]] void free(void* memory) {
  add(-usable(memory));
  __libc_free(memory);
}

[[gnu::visibility("default")]] void* memalign(std::size_t align, std::size_t size) {
  return count(__libc_memalign(align, size));
}

[[gnu::visibility("default")]] void* aligned_alloc(std::size_t align, std::size_t size) {
  return count(__libc_memalign(align, size));
}

[[gnu::visibility("default")]] int posix_memalign(void** memory, std::size_t align, std::size_t size) {
  void* const made = count(__libc_memalign(align, size));
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}

[[gnu::visibility("default")]] void* mmap(void* address, std::size_t size, int protection, int flags, int fd,
                                          off_t offset) {
  const long made = ::syscall(SYS_mmap, address, size, protection, flags, fd, offset);
  if (made != -1 && (flags & MAP_ANONYMOUS) != 0 && (protection & PROT_WRITE) != 0) {
    held.load(std::memory_order_relaxed)->mapped.fetch_add(static_cast<std::int64_t>(size), std::memory_order_relaxed);
  }
  return reinterpret_cast<void*>(made);  // -1 is MAP_FAILED
}

// Of what is unmapped it is not known whether it was counted: files are mapped before the measurement or not at all.
[[gnu::visibility("default")]] int munmap(void* address, std::size_t size) {
  const long done = ::syscall(SYS_munmap, address, size);
  if (done == 0) {
    held.load(std::memory_order_relaxed)->mapped.fetch_sub(static_cast<std::int64_t>(size), std::memory_order_relaxed);
  }
  return static_cast<int>(done);
}

}  // extern "C"
