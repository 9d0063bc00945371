// SPDX-License-Identifier: Apache-2.0
#include "commands/signals.hpp"

#include <sys/signalfd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace sallyport::commands {

Signals::Signals(net::Loop& loop, std::initializer_list<int> signals, std::move_only_function<void(int)> on_signal)
    : loop_(loop), on_signal_(std::move(on_signal)) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // writing to who is gone is an error value
  fd_ = net::Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_ || !loop_.add(fd_.get(), EPOLLIN, *this)) {
    std::perror("signalfd");  // they are blocked: nothing could end the program
    std::exit(1);
  }
}

Signals::~Signals() {
  if (fd_) loop_.remove(fd_.get(), *this);
}

void Signals::on_events(std::uint32_t) {
  signalfd_siginfo info;
  while (::read(fd_.get(), &info, sizeof info) == sizeof info) on_signal_(static_cast<int>(info.ssi_signo));
}

}  // namespace sallyport::commands
