// SPDX-License-Identifier: Apache-2.0
#include "net/loop.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "base/prefetch.hpp"

namespace sallyport::net {
namespace {

Fd need(int fd, const char* what) {
  if (fd >= 0) return Fd(fd);
  std::perror(what);  // before anything is served: there is no loop without these
  std::exit(1);
}

}  // namespace

Loop::Loop()
    : epoll_(need(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(need(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      now_(Clock::now()),
      timers_(now_) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
}

Loop::~Loop() = default;

void Loop::run() {
  std::array<epoll_event, batch> events;
  note_turn();
  while (!stopping_.load(std::memory_order_relaxed)) {
    int count = ::epoll_wait(epoll_.get(), events.data(), batch, wait_milliseconds());
    note_turn();
    deliver(std::span(events.data(), static_cast<std::size_t>(std::max(count, 0))));
    // What has happened is heard before it is found to be late.
    for (int more = 0; count == batch && more < most_batches; ++more) {
      count = ::epoll_wait(epoll_.get(), events.data(), batch, 0);
      deliver(std::span(events.data(), static_cast<std::size_t>(std::max(count, 0))));
    }
    timers_.advance(now_);
    if (woken_ || unheard_.load(std::memory_order_relaxed)) take_messages();
    run_deferred();
    if (after_turn_) after_turn_();
  }
  take_messages();  // what was posted before stop() is not lost
  stopping_.store(false, std::memory_order_relaxed);
}

void Loop::note_turn() {
  now_ = Clock::now();
  last_turn_.store(std::chrono::duration_cast<Duration>(now_.time_since_epoch()).count(), std::memory_order_relaxed);
}

void Loop::post(Message message) {
  {
    const std::lock_guard lock(messages_mutex_);
    messages_.push_back(std::move(message));
  }
  const std::uint64_t one = 1;
  // Full means that it is awake already; after any other failure it looks by itself at its next turn.
  if (::write(wake_.get(), &one, sizeof one) < 0 && errno != EAGAIN) unheard_.store(true, std::memory_order_relaxed);
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_relaxed);
  post([] {});
}

bool Loop::add(int fd, std::uint32_t events, Watcher& watcher) {
  epoll_event event{.events = events, .data = {.ptr = &watcher}};
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void Loop::remove(int fd, const Watcher& watcher) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  forget(watcher);
}

void Loop::forget(const Watcher& watcher) {
  // An event of this batch that is still to come must not find a watcher that is gone.
  for (epoll_event& event : undelivered_) {
    if (event.data.ptr == &watcher) event.events = 0;
  }
}

void Loop::defer(Deferred& work) {
  if (work.link_ != nullptr) return;
  work.next_ = deferred_;
  work.link_ = &deferred_;
  if (deferred_ != nullptr) deferred_->link_ = &work.next_;
  deferred_ = &work;
}

void Loop::deliver(std::span<epoll_event> events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    undelivered_ = events.subspan(i + 1);
    prefetch(undelivered_);
    const epoll_event event = events[i];
    if (event.events == 0) continue;
    if (event.data.ptr == nullptr) {
      woken_ = true;
    } else {
      static_cast<Watcher*>(event.data.ptr)->on_events(event.events);
    }
  }
  undelivered_ = {};
}

// With many connections each one's memory has left the nearer caches since its last event. So the object is fetched
// while the events before it are at work, and what it points to one event later.
void Loop::prefetch(std::span<const epoll_event> coming) {
  constexpr std::size_t ahead = 2;
  if (coming.size() > ahead && coming[ahead].events != 0) fetch_lines(coming[ahead].data.ptr, 4);
  if (!coming.empty() && coming[0].events != 0 && coming[0].data.ptr != nullptr) {
    static_cast<const Watcher*>(coming[0].data.ptr)->prefetch();
  }
}

void Loop::take_messages() {
  woken_ = false;
  unheard_.store(false, std::memory_order_relaxed);
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
  std::vector<Message> messages;
  {
    const std::lock_guard lock(messages_mutex_);
    messages.swap(messages_);
  }
  for (Message& message : messages) message();
}

// What is deferred meanwhile waits for the next turn, which then does not sleep.
void Loop::run_deferred() {
  Deferred* work = deferred_;
  deferred_ = nullptr;
  if (work != nullptr) work->link_ = &work;
  while (work != nullptr) {
    Deferred& first = *work;
    first.take_out();
    first.at_turn_end();
  }
}

// Never long, so that last_turn() moves while nothing happens.
int Loop::wait_milliseconds() const {
  constexpr Duration longest{1'000};
  if (deferred_ != nullptr) return 0;
  return static_cast<int>(std::min(timers_.sleep_from(now_).value_or(longest), longest).count());
}

}  // namespace sallyport::net
