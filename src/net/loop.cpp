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

constexpr std::uint64_t first_mark = 1;  // in an event's pointer, whose lowest bit is none of its own
static_assert(alignof(Watcher) > first_mark);

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
  note_turn();
  while (!stopping_.load(std::memory_order_relaxed)) {
    poll(wait_milliseconds());
    note_turn();
    deliver_round();
    // What has happened is heard before it is found to be late.
    while (!later_.undelivered().empty()) {
      run_deferred();
      if (later_.undelivered().size() < most_waiting) poll(0);
      deliver_round();
    }
    timers_.advance(now_);
    if (woken_ || unheard_.load(std::memory_order_relaxed)) take_messages();
    run_deferred();
    if (after_turn_) after_turn_();
  }
  take_messages();  // what was posted before stop() is not lost
  stopping_.store(false, std::memory_order_relaxed);
}

void Loop::poll(int milliseconds) {
  std::array<epoll_event, batch> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), batch, milliseconds);
  for (const epoll_event& event : std::span(events.data(), static_cast<std::size_t>(std::max(count, 0)))) {
    Known& known = (event.data.u64 & first_mark) != 0 ? first_ : later_;
    known.events.push_back(event);
  }
}

void Loop::deliver_round() {
  deliver(first_, first_.events.size());
  deliver(later_, later_a_round);
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

bool Loop::add(int fd, std::uint32_t events, Watcher& watcher, Order order) {
  epoll_event event{.events = events, .data = {.ptr = &watcher}};
  if (order == Order::first) event.data.u64 |= first_mark;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

Watcher* Loop::watcher_of(const epoll_event& event) {
  epoll_data_t data = event.data;
  data.u64 &= ~first_mark;
  return static_cast<Watcher*>(data.ptr);
}

void Loop::remove(int fd, const Watcher& watcher) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  forget(watcher);
}

void Loop::forget(const Watcher& watcher) {
  // An event that is still to come must not find a watcher that is gone.
  for (Known* known : {&first_, &later_}) {
    for (epoll_event& event : known->undelivered()) {
      if (watcher_of(event) == &watcher) event.events = 0;
    }
  }
}

void Loop::defer(Deferred& work) {
  if (work.link_ != nullptr) return;
  work.next_ = deferred_;
  work.link_ = &deferred_;
  if (deferred_ != nullptr) deferred_->link_ = &work.next_;
  deferred_ = &work;
}

void Loop::deliver(Known& known, std::size_t most) {
  for (std::size_t i = 0; i < most && known.at < known.events.size(); ++i) {
    const epoll_event event = known.events[known.at++];
    prefetch(known.undelivered());
    if (event.events == 0) continue;
    if (Watcher* const watcher = watcher_of(event)) {
      watcher->on_events(event.events);
    } else {
      woken_ = true;
    }
  }
  if (known.at != known.events.size()) return;
  known.events.clear();
  known.at = 0;
}

// With many connections each one's memory has left the nearer caches since its last event. So the object is fetched
// while the events before it are at work, and what it points to one event later.
void Loop::prefetch(std::span<const epoll_event> coming) {
  constexpr std::size_t ahead = 2;
  if (coming.size() > ahead && coming[ahead].events != 0) fetch_lines(watcher_of(coming[ahead]), 4);
  if (coming.empty() || coming[0].events == 0) return;
  if (const Watcher* const next = watcher_of(coming[0])) next->prefetch();
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
