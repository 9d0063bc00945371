// SPDX-License-Identifier: Apache-2.0
// Which lines of memory each thread reads and writes. Linked in the place of ThreadSanitizer's runtime into a program
// that was compiled for it, it hears of every access of that program's own code, atomics included; not of those that
// libraries and the kernel make.
//
// SIGUSR2 begins to note, and the next one ends it; the file that ACCESSES_FILE names then has a line "on", or "off".
// At the end of the program it gets a line for each line of memory of each thread: the thread, its address, and where
// in the program (as an offset of its file) it was read and written first; 0 where it was not.
// tests/sharing/test_sharing.py reads that.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr unsigned line_bits = 6;
constexpr std::size_t most_lines = std::size_t{1} << 16;  // of a thread; what is more ends the program
constexpr std::size_t most_threads = 64;

struct Line {
  std::uintptr_t number;  // address >> line_bits; 0: free
  std::uintptr_t reader;
  std::uintptr_t writer;
};

struct Thread {
  long id;
  std::size_t used;
  std::array<Line, most_lines> lines;
};

std::atomic<bool> is_noting = false;
std::atomic<std::size_t> thread_count = 0;
std::array<std::atomic<Thread*>, most_threads> threads;
int file = -1;
[[gnu::tls_model("initial-exec")]] thread_local Thread* mine = nullptr;

// A library call here could make accesses of its own; these make none.
[[noreturn]] void give_up() { std::_Exit(70); }

Thread& this_thread() {
  if (mine != nullptr) return *mine;
  void* const room = ::mmap(nullptr, sizeof(Thread), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const std::size_t at = thread_count.fetch_add(1);
  if (room == MAP_FAILED || at >= most_threads) give_up();
  mine = static_cast<Thread*>(room);
  mine->id = ::syscall(SYS_gettid);
  threads[at].store(mine);
  return *mine;
}

Line& line_of(Thread& thread, std::uintptr_t number) {
  constexpr std::uintptr_t spread = 0x9E3779B97F4A7C15U;
  for (std::size_t at = (number * spread) >> 48U;; ++at) {
    Line& line = thread.lines[at % most_lines];
    if (line.number == number) return line;
    if (line.number != 0) continue;
    if (++thread.used > most_lines / 2) give_up();
    line.number = number;
    return line;
  }
}

void note(const volatile void* where, std::size_t size, bool is_write, void* caller) {
  if (!is_noting.load(std::memory_order_relaxed) || size == 0) return;
  Thread& thread = this_thread();
  const auto address = reinterpret_cast<std::uintptr_t>(where);
  for (std::uintptr_t number = address >> line_bits; number <= (address + size - 1) >> line_bits; ++number) {
    Line& line = line_of(thread, number);
    std::uintptr_t& first = is_write ? line.writer : line.reader;
    if (first == 0) first = reinterpret_cast<std::uintptr_t>(caller);
  }
}

void say(const char* text) { [[maybe_unused]] const auto written = ::write(file, text, std::strlen(text)); }

void turn_over(int) { say(is_noting.exchange(!is_noting.load()) ? "off\n" : "on\n"); }

[[gnu::constructor]] void begin() {
  const char* const name = std::getenv("ACCESSES_FILE");
  if (name == nullptr) return;
  file = ::open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  std::signal(SIGUSR2, turn_over);
}

std::uintptr_t offset_of(std::uintptr_t place) {
  Dl_info about{};
  const bool is_known = place != 0 && ::dladdr(reinterpret_cast<void*>(place), &about) != 0;
  return is_known ? place - reinterpret_cast<std::uintptr_t>(about.dli_fbase) : 0;
}

[[gnu::destructor]] void tell() {
  is_noting = false;
  for (std::size_t at = 0; at < thread_count; ++at) {
    const Thread* const thread = threads[at];
    for (const Line& line : thread->lines) {
      if (line.number == 0) continue;
      std::array<char, 128> text;
      std::snprintf(text.data(), text.size(), "%ld %#zx %#zx %#zx\n", thread->id, line.number << line_bits,
                    offset_of(line.reader), offset_of(line.writer));
      say(text.data());
    }
  }
}

}  // namespace

// What the compiler calls; the names are its own.
#define CALLER __builtin_return_address(0)
#define ACCESS(name, size, is_write) \
  void name(void* where) { note(where, size, is_write, CALLER); }
#define ACCESSES(size)                             \
  ACCESS(__tsan_read##size, size, false)           \
  ACCESS(__tsan_write##size, size, true)           \
  ACCESS(__tsan_unaligned_read##size, size, false) \
  ACCESS(__tsan_unaligned_write##size, size, true) \
  ACCESS(__tsan_read_write##size, size, true)      \
  ACCESS(__tsan_unaligned_read_write##size, size, true)
#define CHANGE(bits, type, name)                                             \
  type __tsan_atomic##bits##_##name(volatile type* where, type value, int) { \
    note(where, sizeof(type), true, CALLER);                                 \
    return __atomic_##name(where, value, __ATOMIC_SEQ_CST);                  \
  }
#define COMPARE(bits, type, name, is_weak)                                                                        \
  int __tsan_atomic##bits##_compare_exchange_##name(volatile type* where, type* expected, type value, int, int) { \
    note(where, sizeof(type), true, CALLER);                                                                      \
    return __atomic_compare_exchange_n(where, expected, value, is_weak, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);      \
  }
#define ATOMICS(bits, type)                                                                                    \
  type __tsan_atomic##bits##_load(const volatile type* where, int) {                                           \
    note(where, sizeof(type), false, CALLER);                                                                  \
    return __atomic_load_n(where, __ATOMIC_SEQ_CST);                                                           \
  }                                                                                                            \
  void __tsan_atomic##bits##_store(volatile type* where, type value, int) {                                    \
    note(where, sizeof(type), true, CALLER);                                                                   \
    __atomic_store_n(where, value, __ATOMIC_SEQ_CST);                                                          \
  }                                                                                                            \
  type __tsan_atomic##bits##_exchange(volatile type* where, type value, int) {                                 \
    note(where, sizeof(type), true, CALLER);                                                                   \
    return __atomic_exchange_n(where, value, __ATOMIC_SEQ_CST);                                                \
  }                                                                                                            \
  CHANGE(bits, type, fetch_add)                                                                                \
  CHANGE(bits, type, fetch_sub)                                                                                \
  CHANGE(bits, type, fetch_and)                                                                                \
  CHANGE(bits, type, fetch_or)                                                                                 \
  CHANGE(bits, type, fetch_xor)                                                                                \
  CHANGE(bits, type, fetch_nand)                                                                               \
  COMPARE(bits, type, strong, false)                                                                           \
  COMPARE(bits, type, weak, true)                                                                              \
  type __tsan_atomic##bits##_compare_exchange_val(volatile type* where, type expected, type value, int, int) { \
    note(where, sizeof(type), true, CALLER);                                                                   \
    __atomic_compare_exchange_n(where, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);           \
    return expected;                                                                                           \
  }

extern "C" {

void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_atomic_thread_fence(int) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int) {}
ACCESS(__tsan_vptr_read, sizeof(void*), false)
void __tsan_vptr_update(void** where, void*) { note(where, sizeof(void*), true, CALLER); }
void __tsan_read_range(void* where, unsigned long size) { note(where, size, false, CALLER); }
void __tsan_write_range(void* where, unsigned long size) { note(where, size, true, CALLER); }
ACCESSES(1)
ACCESSES(2)
ACCESSES(4)
ACCESSES(8)
ACCESSES(16)
ATOMICS(8, std::uint8_t)
ATOMICS(16, std::uint16_t)
ATOMICS(32, std::uint32_t)
ATOMICS(64, std::uint64_t)

void* __tsan_memcpy(void* to, const void* from, unsigned long size) {
  note(from, size, false, CALLER);
  note(to, size, true, CALLER);
  return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, unsigned long size) {
  note(from, size, false, CALLER);
  note(to, size, true, CALLER);
  return std::memmove(to, from, size);
}
void* __tsan_memset(void* to, int value, unsigned long size) {
  note(to, size, true, CALLER);
  return std::memset(to, value, size);
}

}  // extern "C"
