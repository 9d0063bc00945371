// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program (LD_PRELOAD), it notes which lines of memory each thread reads and writes, so that a test
// can tell what threads share.
//
// While it watches, all private memory that can be written is closed to the program, but for the stacks of threads
// beside the main one and what is thread_local with them, which are their own business. An instruction that touches
// some of it meets SIGSEGV, which notes the address; the page is opened for this one instruction (SIGTRAP comes after
// it) and closed again. So nothing is missed that one thread does while the others rest, but for the second line of an
// access that lies across two lines of one page. The kernel cannot read or write closed memory: the calls that a warm
// request makes go through memory that is open. Any other call fails with EFAULT, which shows. glibc.pthread.rseq=0 has
// to be set, as the kernel writes into a thread's memory for it.
//
// The file that TOUCHING_FILE names is mapped and shared: a test asks for watching in it, and reads what was noted;
// tests/release/touched.py knows its layout. A thread that waits for events by epoll_wait() carries out what is asked,
// when one has come, and has a table of its own, in the order of their first waits; a program may have eight such
// threads, and no other that does anything. For x86-64.

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <span>
#include <string_view>

namespace {

constexpr std::size_t most_threads = 8;
constexpr std::size_t page_size = 4096;
constexpr std::size_t line_size = 64;
constexpr greg_t trap_flag = 0x100;
constexpr greg_t was_a_write = 2;  // in the page fault's error code

enum State : std::uint64_t { off, on_wanted, on, off_wanted };

// What the file holds.
struct Access {
  std::uint64_t what;         // the line's address, and 1 for a read or 2 for a write; 0: a free entry
  std::uint64_t instruction;  // that of the first of its kind
};
struct Table {
  std::uint64_t thread;
  std::uint64_t missed;  // as the table was full
  std::array<Access, 32766> accesses;
};
struct Shared {
  alignas(page_size) std::atomic<std::uint64_t> state;
  alignas(page_size) std::array<Table, most_threads> tables;
};

struct Range {
  std::uintptr_t begin;
  std::uintptr_t end;
  bool holds(std::uintptr_t address) const { return begin <= address && address < end; }
};

// All that is used while other memory is closed; itself it never is.
struct Own {
  struct Thread {
    std::array<char, 64 * 1024> signal_stack;
    std::array<char, 128 * 1024> scratch;  // what the kernel reads and writes
    std::array<std::uintptr_t, 4> open;    // pages, for the instruction that is being done
    std::size_t open_count;
    std::uintptr_t
        in_stack;  // an address in its own, which stays open; 0 for the main thread's, which holds what all use
  };
  alignas(page_size) std::array<Thread, most_threads> threads;
  std::atomic<std::size_t> threads_taken;
  std::atomic_flag changing = ATOMIC_FLAG_INIT;  // held while memory is opened or closed
  std::array<Range, 1024> closed;
  std::size_t closed_count;
  std::array<char, 256 * 1024> maps;
  Shared* shared;
  decltype(&::epoll_wait) epoll_wait;
  decltype(&::recv) recv;
  decltype(&::read) read;
  decltype(&::write) write;
  decltype(&::sendto) sendto;
  decltype(&::sendmsg) sendmsg;
  decltype(&::clock_gettime) clock_gettime;
  decltype(&::syscall) syscall;
  alignas(page_size) char end;
};
Own own;

// Initial-exec: the first use of another kind would allocate.
[[gnu::tls_model("initial-exec")]] thread_local Own::Thread* mine = nullptr;

class Changing {
 public:
  Changing() {
    while (own.changing.test_and_set(std::memory_order_acquire)) {
    }
  }
  Changing(const Changing&) = delete;
  Changing& operator=(const Changing&) = delete;
  ~Changing() { own.changing.clear(std::memory_order_release); }
};

void note(Table& table, std::uint64_t what, std::uint64_t instruction) {
  const std::size_t first = (what / line_size * 2 + what % line_size) * 0x9E3779B97F4A7C15U % table.accesses.size();
  for (std::size_t tried = 0; tried < table.accesses.size(); ++tried) {
    Access& access = table.accesses[(first + tried) % table.accesses.size()];
    if (access.what == what) return;
    if (access.what != 0) continue;
    access.instruction = instruction;
    access.what = what;
    return;
  }
  ++table.missed;
}

// The one on whose stack for signals this runs: a handler cannot use what thread_local means.
std::size_t thread_of_handler() {
  const char here = 0;
  return static_cast<std::size_t>(&here - own.threads[0].signal_stack.data()) / sizeof(Own::Thread);
}

void close_or_open(std::uintptr_t begin, std::size_t size, int protection) {
  if (::mprotect(reinterpret_cast<void*>(begin), size, protection) != 0) std::abort();
}

void on_fault(int signal, siginfo_t* info, void* context) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  const std::span<const Range> closed(own.closed.data(), own.closed_count);
  if (std::ranges::none_of(closed, [&](const Range& range) { return range.holds(address); })) {
    ::signal(signal, SIG_DFL);  // a fault of the program's own
    return;
  }
  const Changing changing;
  if (own.shared->state.load() == off) return;  // opened again since
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const std::size_t thread = thread_of_handler();
  const std::uint64_t kind = (registers[REG_ERR] & was_a_write) != 0 ? 2 : 1;
  note(own.shared->tables[thread], address / line_size * line_size + kind,
       static_cast<std::uint64_t>(registers[REG_RIP]));
  Own::Thread& here = own.threads[thread];
  const std::uintptr_t page = address / page_size * page_size;
  if (std::find(here.open.data(), here.open.data() + here.open_count, page) == here.open.data() + here.open_count) {
    here.open[here.open_count++] = page;
  }
  close_or_open(page, page_size, PROT_READ | PROT_WRITE);
  registers[REG_EFL] |= trap_flag;
}

// Takes it off the front of the text.
std::uintptr_t hexadecimal(std::string_view& text) {
  std::uintptr_t value = 0;
  const char* const end = std::from_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

void will_close(Range range) {
  if (range.begin >= range.end) return;
  if (own.closed_count == own.closed.size()) std::abort();
  own.closed[own.closed_count++] = range;
}

// What /proc/self/maps calls rw-p, without our own.
void find_memory() {
  const int fd = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  std::size_t size = 0;
  while (size + 1 < own.maps.size()) {
    const ssize_t got = own.read(fd, own.maps.data() + size, own.maps.size() - 1 - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  ::close(fd);
  const Range ours{reinterpret_cast<std::uintptr_t>(&own), reinterpret_cast<std::uintptr_t>(&own.end)};
  own.closed_count = 0;
  for (std::string_view rest(own.maps.data(), size); !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
    Range range{};
    range.begin = hexadecimal(rest);
    rest.remove_prefix(1);
    range.end = hexadecimal(rest);
    if (!rest.starts_with(" rw-p")) continue;
    if (std::ranges::any_of(own.threads, [&](const auto& thread) { return range.holds(thread.in_stack); })) continue;
    will_close({range.begin, std::min(range.end, std::max(range.begin, ours.begin))});
    will_close({std::max(range.begin, std::min(range.end, ours.end)), range.end});
  }
}

void protect_all(int protection) {
  for (std::size_t i = 0; i < own.closed_count; ++i) {
    close_or_open(own.closed[i].begin, own.closed[i].end - own.closed[i].begin, protection);
  }
}

// In a handler, on memory that stays open.
void do_what_is_asked() {
  const Changing changing;
  const std::uint64_t asked = own.shared->state.load();
  if (asked == on_wanted) {
    find_memory();
    own.shared->state.store(on);
    protect_all(PROT_NONE);
  } else if (asked == off_wanted) {
    own.shared->state.store(off);
    protect_all(PROT_READ | PROT_WRITE);
  }
}

void on_trap(int, siginfo_t* info, void* context) {
  if (info->si_code == SI_TKILL) return do_what_is_asked();
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~trap_flag;
  const Changing changing;
  Own::Thread& here = own.threads[thread_of_handler()];
  if (own.shared->state.load() != off) {
    for (std::size_t i = 0; i < here.open_count; ++i) close_or_open(here.open[i], page_size, PROT_NONE);
  }
  here.open_count = 0;
}

Own::Thread& here() {
  if (mine != nullptr) return *mine;
  const std::size_t taken = own.threads_taken.fetch_add(1);
  if (taken >= most_threads) std::abort();
  mine = &own.threads[taken];
  const stack_t stack{.ss_sp = mine->signal_stack.data(), .ss_flags = 0, .ss_size = mine->signal_stack.size()};
  ::sigaltstack(&stack, nullptr);
  if (::gettid() != ::getpid()) mine->in_stack = reinterpret_cast<std::uintptr_t>(&stack);
  if (own.shared != nullptr) own.shared->tables[taken].thread = static_cast<std::uint64_t>(::gettid());
  return *mine;
}

template <class Function>
void find(Function*& function, const char* name) {
  function = reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

[[gnu::constructor]] void begin() {
  find(own.epoll_wait, "epoll_wait");
  find(own.recv, "recv");
  find(own.read, "read");
  find(own.write, "write");
  find(own.sendto, "sendto");
  find(own.sendmsg, "sendmsg");
  find(own.clock_gettime, "clock_gettime");
  find(own.syscall, "syscall");
  const char* const file = std::getenv("TOUCHING_FILE");
  const int fd = file == nullptr ? -1 : ::open(file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  if (::ftruncate(fd, sizeof(Shared)) == 0) {
    void* const mapped = ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) own.shared = static_cast<Shared*>(mapped);
  }
  ::close(fd);
  struct sigaction action{};
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  action.sa_sigaction = on_fault;
  ::sigaction(SIGSEGV, &action, nullptr);
  action.sa_sigaction = on_trap;
  ::sigaction(SIGTRAP, &action, nullptr);
}

// A call that fills `into`, by way of the scratch memory; where nothing waits for events it is as it always was.
template <class Call>
ssize_t filled(void* into, std::size_t size, Call call) {
  if (mine == nullptr) return call(into, size);
  const ssize_t got = call(mine->scratch.data(), std::min(size, mine->scratch.size()));
  if (got > 0) std::memcpy(into, mine->scratch.data(), static_cast<std::size_t>(got));
  return got;
}

// A call that takes what lies at `from`.
template <class Call>
ssize_t emptied(const void* from, std::size_t size, Call call) {
  if (mine == nullptr || size > mine->scratch.size()) return call(from, size);
  std::memcpy(mine->scratch.data(), from, size);
  return call(mine->scratch.data(), size);
}

}  // namespace

extern "C" {

int epoll_wait(int epoll, epoll_event* events, int most, int milliseconds) {
  char* const room = here().scratch.data();
  const int most_in_room = static_cast<int>(mine->scratch.size() / sizeof(epoll_event));
  const int got =
      own.epoll_wait(epoll, reinterpret_cast<epoll_event*>(room), std::min(most, most_in_room), milliseconds);
  const int error = errno;
  const std::uint64_t state = own.shared == nullptr ? off : own.shared->state.load();
  if (state == on_wanted || state == off_wanted) ::raise(SIGTRAP);
  if (got > 0) std::memcpy(events, room, static_cast<std::size_t>(got) * sizeof(epoll_event));
  errno = error;
  return got;
}

ssize_t recv(int fd, void* into, std::size_t size, int flags) {
  return filled(into, size, [&](void* room, std::size_t most) { return own.recv(fd, room, most, flags); });
}

ssize_t read(int fd, void* into, std::size_t size) {
  return filled(into, size, [&](void* room, std::size_t most) { return own.read(fd, room, most); });
}

ssize_t write(int fd, const void* from, std::size_t size) {
  return emptied(from, size, [&](const void* bytes, std::size_t count) { return own.write(fd, bytes, count); });
}

ssize_t sendto(int fd, const void* from, std::size_t size, int flags, const sockaddr* to, socklen_t to_size) {
  return emptied(from, size, [&](const void* bytes, std::size_t count) {
    return own.sendto(fd, bytes, count, flags, to, to_size);
  });
}

ssize_t send(int fd, const void* from, std::size_t size, int flags) {
  return sendto(fd, from, size, flags, nullptr, 0);
}

// As one send of all parts.
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (mine == nullptr || message->msg_name != nullptr || message->msg_controllen != 0)
    return own.sendmsg(fd, message, flags);
  std::size_t size = 0;
  for (std::size_t i = 0; i < message->msg_iovlen; ++i) {
    const iovec& part = message->msg_iov[i];
    if (size + part.iov_len > mine->scratch.size()) return own.sendmsg(fd, message, flags);
    std::memcpy(mine->scratch.data() + size, part.iov_base, part.iov_len);
    size += part.iov_len;
  }
  return own.sendto(fd, mine->scratch.data(), size, flags, nullptr, 0);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (mine == nullptr) return own.clock_gettime != nullptr ? own.clock_gettime(clock, time) : -1;
  const int got = own.clock_gettime(clock, reinterpret_cast<timespec*>(mine->scratch.data()));
  std::memcpy(time, mine->scratch.data(), sizeof *time);
  return got;
}

// net/system_calls.hpp receives and sends by it.
long syscall(long number, ...) noexcept {
  std::array<long, 6> given{};
  std::va_list list;
  va_start(list, number);
  for (long& one : given) one = va_arg(list, long);
  va_end(list);
  const auto fd = static_cast<int>(given[0]);
  auto* const bytes = reinterpret_cast<void*>(given[1]);
  const auto size = static_cast<std::size_t>(given[2]);
  const auto flags = static_cast<int>(given[3]);
  if (number == SYS_recvfrom && given[4] == 0) return recv(fd, bytes, size, flags);
  if (number == SYS_sendto && given[4] == 0) return send(fd, bytes, size, flags);
  return own.syscall(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}

}  // extern "C"
