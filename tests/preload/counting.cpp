// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program (LD_PRELOAD), it counts for each thread what a warm request must do without: allocations,
// locks and clock calls, and beside them the turns of an event loop.
//
// The file that COUNTING_FILE names is mapped and shared, so that a test reads while the program runs;
// tests/release/counted.py knows its layout: rows of sixteen 64-bit numbers, one row a thread in the order in which
// they first did anything, the thread's id first. A row has one writer, but for the last one, which all later threads
// share.

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <dlfcn.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>

// What glibc's own names lead to when they are not replaced.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace {

enum Column : std::size_t {
  thread,
  allocations,
  releases,
  bytes_taken,
  bytes_given,
  mappings,
  locks,
  clocks,
  wall_clocks,
  turns
};

using Row = std::array<std::atomic<std::uint64_t>, 16>;
constexpr std::size_t row_count = 64;
using Rows = std::array<Row, row_count>;

Row before_mapping;  // of the time before main(), which nobody reads
std::atomic<Rows*> rows = nullptr;
std::atomic<std::size_t> rows_taken = 0;
// Initial-exec: the first use of another kind would allocate.
[[gnu::tls_model("initial-exec")]] thread_local Row* own_row = nullptr;

Row& row() {
  if (own_row != nullptr) return *own_row;
  Rows* const all = rows.load(std::memory_order_acquire);
  if (all == nullptr) return before_mapping;
  const std::size_t taken = rows_taken.fetch_add(1, std::memory_order_relaxed);
  own_row = &(*all)[taken < row_count ? taken : row_count - 1];
  (*own_row)[thread].store(static_cast<std::uint64_t>(::syscall(SYS_gettid)), std::memory_order_relaxed);
  return *own_row;
}

void count(Column column, std::uint64_t by = 1) { row()[column].fetch_add(by, std::memory_order_relaxed); }

// The block is null when there was none to be had.
void* allocated(void* block) {
  count(allocations);
  if (block != nullptr) count(bytes_taken, ::malloc_usable_size(block));
  return block;
}

void released(void* block) {
  if (block == nullptr) return;
  count(releases);
  count(bytes_given, ::malloc_usable_size(block));
}

// The function of that name which this one stands in front of.
template <class Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

[[gnu::constructor]] void map_the_file() {
  const char* const file = std::getenv("COUNTING_FILE");
  const int fd = file == nullptr ? -1 : ::open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  if (::ftruncate(fd, sizeof(Rows)) == 0) {
    void* const mapped = ::mmap(nullptr, sizeof(Rows), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) rows.store(static_cast<Rows*>(mapped), std::memory_order_release);
  }
  ::close(fd);
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept { return allocated(__libc_malloc(size)); }
void* calloc(std::size_t amount, std::size_t size) noexcept { return allocated(__libc_calloc(amount, size)); }
void* memalign(std::size_t alignment, std::size_t size) noexcept { return allocated(__libc_memalign(alignment, size)); }
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept { return memalign(alignment, size); }

int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
  if (alignment < sizeof(void*) || (alignment & (alignment - 1)) != 0) return EINVAL;
  void* const taken = memalign(alignment, size);
  if (taken == nullptr) return ENOMEM;
  *block = taken;
  return 0;
}

void* realloc(void* block, std::size_t size) noexcept {
  const std::size_t before = block == nullptr ? 0 : ::malloc_usable_size(block);
  void* const taken = __libc_realloc(block, size);
  if (taken == nullptr && size != 0) return nullptr;
  if (before != 0) {
    count(releases);
    count(bytes_given, before);
  }
  return allocated(taken);
}

void* reallocarray(void* block, std::size_t amount, std::size_t size) noexcept {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(amount, size, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(block, bytes);
}

void free(void* block) noexcept {
  released(block);
  __libc_free(block);
}

void* mmap(void* address, std::size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  static const auto real = next(&mmap, "mmap");
  count(mappings);
  return real(address, size, protection, flags, fd, offset);
}

int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  static const auto real = next(&pthread_mutex_lock, "pthread_mutex_lock");
  count(locks);
  return real(mutex);
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) noexcept {
  static const auto real = next(&pthread_mutex_trylock, "pthread_mutex_trylock");
  count(locks);
  return real(mutex);
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* until) noexcept {
  static const auto real = next(&pthread_mutex_timedlock, "pthread_mutex_timedlock");
  count(locks);
  return real(mutex, until);
}

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  static const auto real = next(&pthread_rwlock_rdlock, "pthread_rwlock_rdlock");
  count(locks);
  return real(lock);
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  static const auto real = next(&pthread_rwlock_wrlock, "pthread_rwlock_wrlock");
  count(locks);
  return real(lock);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) noexcept {
  static const auto real = next(&pthread_rwlock_tryrdlock, "pthread_rwlock_tryrdlock");
  count(locks);
  return real(lock);
}

int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) noexcept {
  static const auto real = next(&pthread_rwlock_trywrlock, "pthread_rwlock_trywrlock");
  count(locks);
  return real(lock);
}

int pthread_spin_lock(pthread_spinlock_t* lock) noexcept {
  static const auto real = next(&pthread_spin_lock, "pthread_spin_lock");
  count(locks);
  return real(lock);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  static const auto real = next(&clock_gettime, "clock_gettime");
  count(clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ? wall_clocks : clocks);
  return real(clock, time);
}

int gettimeofday(timeval* __restrict time, void* __restrict zone) noexcept {
  static const auto real = next(&gettimeofday, "gettimeofday");
  count(wall_clocks);
  return real(time, zone);
}

std::time_t time(std::time_t* seconds) noexcept {
  static const auto real = next(&time, "time");
  count(wall_clocks);
  return real(seconds);
}

int timespec_get(timespec* time, int base) noexcept {
  static const auto real = next(&timespec_get, "timespec_get");
  count(wall_clocks);
  return real(time, base);
}

// A turn begins when it returns.
int epoll_wait(int epoll, epoll_event* events, int most, int milliseconds) {
  static const auto real = next(&epoll_wait, "epoll_wait");
  const int got = real(epoll, events, most, milliseconds);
  const int error = errno;
  count(turns);
  errno = error;
  return got;
}

}  // extern "C"
