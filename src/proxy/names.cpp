// SPDX-License-Identifier: Apache-2.0
#include "proxy/names.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::proxy {

class Name::Waiter {
 public:
  explicit Waiter(Name& at) : at_(at) { at_.waiters_.push_back(this); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { std::erase(at_.waiters_, this); }

  net::Signal signal;

 private:
  Name& at_;
};

Name::Name(Names& names, std::string host) : names_(names), host_(std::move(host)) {}

Name::~Name() { names_.by_host_.erase(host_); }

Name::State Name::look() {
  const net::Time now = names_.loop_.now();
  const bool known = !addresses_.empty();
  if (known && (now < expires_ || now == answered_)) return State::usable;
  if (!is_asking_ && now >= next_try_) ask();
  if (is_asking_) return known && now < expires_ + names_.settings_.late ? State::usable : State::waiting;
  return known && now < expires_ + names_.settings_.stale ? State::usable : State::failed;
}

void Name::ask() {
  is_asking_ = true;
  asking_ = ask_once();
  asking_.start();
}

net::Task<void> Name::ask_once() {
  answer_.emplace(co_await names_.resolver_.resolve(host_, names_.loop_.now() + names_.settings_.wait));
  names_.loop_.defer(*this);
}

net::Task<bool> Name::answered(net::Time deadline) {
  const std::shared_ptr<Name> self = shared_from_this();
  Waiter waiter(*self);
  const bool in_time = co_await waiter.signal.wait(names_.loop_, deadline);
  co_return in_time;
}

void Name::take(const Result<net::Resolved>& answer) {
  const net::Time now = names_.loop_.now();
  next_try_ = now + names_.settings_.resolver.least_ttl;
  if (!answer) {
    error_ = answer.error();
    error_.retry_safe = true;
    if (error_.code != Code::name_not_found) return;
  }
  std::vector<syntax::IpAddress> next;
  if (answer) {
    next = answer->addresses;
    answered_ = now;
    expires_ = now + answer->ttl;
  }
  if (next == addresses_) return;
  addresses_ = std::move(next);
  ++version_;
}

// Outside of the resolver.
void Name::at_turn_end() {
  const std::shared_ptr<Name> self = shared_from_this();  // who goes on may be the last who holds it
  const Result<net::Resolved> answer = *std::exchange(answer_, std::nullopt);
  asking_.reset();
  is_asking_ = false;
  take(answer);
  const std::vector<Waiter*> now = waiters_;
  for (Waiter* const waiter : now) {
    if (std::ranges::find(waiters_, waiter) != waiters_.end()) waiter->signal.notify();
  }
}

std::shared_ptr<Name> Names::name(const std::string& host) {
  if (const auto known = by_host_.find(host); known != by_host_.end()) return known->second->shared_from_this();
  auto made = std::make_shared<Name>(*this, host);
  by_host_.emplace(made->host(), made.get());
  return made;
}

}  // namespace sallyport::proxy
