// SPDX-License-Identifier: Apache-2.0
#include "net/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <coroutine>
#include <csignal>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace sallyport::net {
namespace {

struct Spawned {
  pid_t pid = -1;
  Fd output;
  Fd errors;
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The error number, or 0.
int make_pipe(Fd& reading, Fd& writing) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno;
  reading = Fd(ends[0]);
  writing = Fd(ends[1]);
  return ::fcntl(reading.get(), F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

class Preparation {
 public:
  Preparation(int output, int errors) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    error_ = ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    note(::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO));
    note(::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO));
    note(::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1));
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    note(::posix_spawnattr_setsigmask(&attributes_, &none));
    note(::posix_spawnattr_setsigdefault(&attributes_, &all));
    note(::posix_spawnattr_setpgroup(&attributes_, 0));
    note(::posix_spawnattr_setflags(&attributes_,
                                    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }
  Preparation(const Preparation&) = delete;
  Preparation& operator=(const Preparation&) = delete;
  ~Preparation() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  int spawn(Program& program, pid_t& pid) const {
    if (error_ != 0) return error_;
    std::vector<std::string> arguments{program.file};
    arguments.insert(arguments.end(), program.arguments.begin(), program.arguments.end());
    const std::vector<char*> argv = pointers_to(arguments);
    const std::vector<char*> envp = pointers_to(program.environment);
    return ::posix_spawnp(&pid, program.file.c_str(), &actions_, &attributes_, argv.data(), envp.data());
  }

 private:
  void note(int error) {
    if (error_ == 0) error_ = error;
  }

  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  int error_ = 0;
};

int spawn(Program& program, Spawned& into) {
  Fd output;
  Fd errors;
  if (const int error = make_pipe(into.output, output); error != 0) return error;
  if (const int error = make_pipe(into.errors, errors); error != 0) return error;
  return Preparation(output.get(), errors.get()).spawn(program, into.pid);
}

// A process that was killed, until it is gone: a moment, or as long as it hangs in the kernel. Whoever ran it does not
// wait for that, and nobody stands still.
class Reaper final : public Lingering, private Watcher {
 public:
  Reaper(Loop& loop, pid_t pid, Fd end_of_it)
      : loop_(loop),
        pid_(pid),
        end_of_it_(std::move(end_of_it)),
        watching_(loop.add(end_of_it_.get(), EPOLLIN, *this)) {}
  ~Reaper() override {
    if (watching_) loop_.remove(end_of_it_.get(), *this);
  }

  bool watching() const { return watching_; }

 private:
  // This destroys it.
  void on_events(std::uint32_t) override {
    if (::waitpid(pid_, nullptr, WNOHANG) != 0) loop_.drop(*this);
  }

  Loop& loop_;
  pid_t pid_;
  Fd end_of_it_;
  bool watching_;
};

// One that runs. Awaiting it waits for its end.
class Child final : private Timer {
 public:
  Child(Loop& loop, Spawned spawned, const Program& program, Time deadline)
      : loop_(loop),
        pid_(spawned.pid),
        end_of_it_(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))),
        output_fd_(std::move(spawned.output)),
        errors_fd_(std::move(spawned.errors)),
        program_(program) {
    watching_ = end_of_it_ && loop.add(end_of_it_.get(), EPOLLIN, exited_) &&
                loop.add(output_fd_.get(), EPOLLIN, writes_) && loop.add(errors_fd_.get(), EPOLLIN, complains_);
    if (watching_) loop.timers().arm(*this, deadline);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() override {
    unwatch(output_fd_, writes_);
    unwatch(errors_fd_, complains_);
    if (end_of_it_) loop_.remove(end_of_it_.get(), exited_);
    if (!is_reaped_) kill_and_reap();
  }

  bool watching() const { return watching_; }
  ProgramEnd take_end() {
    end_.output.shorten(size_);
    return std::move(end_);
  }

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}

 private:
  struct Exited final : Watcher {
    explicit Exited(Child& of) : child(of) {}
    void on_events(std::uint32_t) override { child.on_exit(); }
    Child& child;
  };
  struct Writes final : Watcher {
    explicit Writes(Child& of) : child(of) {}
    void on_events(std::uint32_t) override { child.on_output(); }
    Child& child;
  };
  struct Complains final : Watcher {
    explicit Complains(Child& of) : child(of) {}
    void on_events(std::uint32_t) override { child.on_errors(); }
    Child& child;
  };

  void unwatch(Fd& fd, const Watcher& watcher) {
    if (fd) loop_.remove(fd.get(), watcher);
    fd.reset();
  }

  void fire() override {
    end_.in_time = false;
    finish();
  }
  void finish() { waiter_.resume(); }

  void on_exit() {
    siginfo_t told{};
    if (::waitid(P_PID, static_cast<id_t>(pid_), &told, WEXITED | WNOHANG) != 0 || told.si_pid == 0) return;
    is_reaped_ = true;
    (told.si_code == CLD_EXITED ? end_.exit_status : end_.signal) = told.si_status;
    read_output();
    read_errors();
    finish();
  }

  // Less than there may be: others wait for the loop too.
  void on_output() {
    if (!read_output()) return unwatch(output_fd_, writes_);
    if (end_.is_too_long) finish();
  }
  void on_errors() {
    if (!read_errors()) unwatch(errors_fd_, complains_);
  }

  // False: it will write no more.
  bool read_output() {
    while (output_fd_ && !end_.is_too_long) {
      if (size_ == end_.output.size()) grow();
      const ssize_t got = ::read(output_fd_.get(), end_.output.writable() + size_, end_.output.size() - size_);
      if (got <= 0) return got < 0 && errno == EAGAIN;
      size_ += static_cast<std::size_t>(got);
      end_.is_too_long = size_ > program_.most_output;
    }
    return true;
  }
  void grow() {
    constexpr std::size_t first = 16 * 1024;
    SecretBytes larger(std::max(first, 2 * size_));
    if (size_ != 0) std::memcpy(larger.writable(), end_.output.reveal().data(), size_);
    end_.output = std::move(larger);
  }

  bool read_errors() {
    std::array<char, 4096> room{};
    for (int reads = 0; errors_fd_ && reads < 16; ++reads) {
      const ssize_t got = ::read(errors_fd_.get(), room.data(), room.size());
      if (got <= 0) return got < 0 && errno == EAGAIN;
      const std::size_t left = program_.most_errors - std::min(program_.most_errors, end_.errors.size());
      end_.errors.append(room.data(), std::min(left, static_cast<std::size_t>(got)));
    }
    return true;
  }

  // Without a descriptor to watch it by, it stays until we end.
  void kill_and_reap() {
    ::kill(-pid_, SIGKILL);
    if (::waitpid(pid_, nullptr, WNOHANG) != 0 || !end_of_it_) return;
    auto reaper = std::make_unique<Reaper>(loop_, pid_, std::move(end_of_it_));
    if (reaper->watching()) loop_.keep(std::move(reaper));
  }

  Loop& loop_;
  pid_t pid_;
  Fd end_of_it_;
  Fd output_fd_;
  Fd errors_fd_;
  const Program& program_;
  Exited exited_{*this};
  Writes writes_{*this};
  Complains complains_{*this};
  std::coroutine_handle<> waiter_;
  ProgramEnd end_;
  std::size_t size_ = 0;  // of the output so far
  bool watching_ = false;
  bool is_reaped_ = false;
};

}  // namespace

Task<Result<ProgramEnd>> run_program(Loop& loop, Program program, Time deadline, bool* no_such_program) {
  Spawned spawned;
  const int error = spawn(program, spawned);
  if (no_such_program != nullptr) *no_such_program = error == ENOENT;
  if (error != 0) co_return fail(invalid(std::strerror(error)));
  Child child(loop, std::move(spawned), program, deadline);
  if (!child.watching()) co_return fail(invalid("cannot be watched"));
  co_await child;
  co_return child.take_end();
}

}  // namespace sallyport::net
