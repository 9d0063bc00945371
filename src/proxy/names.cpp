// SPDX-License-Identifier: Apache-2.0
#include "proxy/names.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::proxy {

Name::Name(Names& names, std::string host) : names_(names), host_(std::move(host)) {}

Name::~Name() { names_.by_host_.erase(host_); }

Name::State Name::look() {
  const NameSettings& settings = names_.settings_;
  const net::Time now = names_.loop_.now();
  const bool known = !addresses_.empty();
  if (known && (now < expires_ || now == answered_)) return State::usable;
  if (!is_asking_ && now >= next_try_) ask();
  if (is_asking_) {
    const net::Duration most = has_failed_ ? settings.stale : settings.late;
    return known && now < expires_ + most ? State::usable : State::waiting;
  }
  return known && now < expires_ + settings.stale ? State::usable : State::failed;
}

bool Name::is_over() const {
  const net::Time now = names_.loop_.now();
  const net::Duration most = std::max(names_.settings_.late, names_.settings_.stale);
  return !addresses_.empty() && now >= expires_ + most && now != answered_;
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

void Name::take(const Result<net::Resolved>& answer) {
  const net::Time now = names_.loop_.now();
  const net::Duration soon = names_.settings_.resolver.least_ttl;
  next_try_ = now + soon;
  has_failed_ = !answer;
  if (!answer) return note_failure(answer.error());
  std::vector<syntax::IpAddress> next = kept_beside(*answer);
  // What is lacking is asked for again soon: but not of a server that never says it, of which there are some.
  const bool is_partial = answer->lacks_v4 || answer->lacks_v6;
  const bool is_news = is_partial && (!next.empty() || !was_partial_);
  was_partial_ = is_partial;
  answered_ = now;
  expires_ = now + (is_news ? soon : answer->ttl);
  if (!answer->lacks_v4) of_family_.v4 = expires_;
  if (!answer->lacks_v6) of_family_.v6 = expires_;
  next.insert(next.end(), answer->addresses.begin(), answer->addresses.end());
  std::ranges::sort(next);
  next.erase(std::unique(next.begin(), next.end()), next.end());
  next.resize(std::min(next.size(), names_.settings_.resolver.most_addresses));
  set(std::move(next));
}

void Name::note_failure(const Error& error) {
  error_ = error;
  error_.retry_safe = true;
  if (error_.code == Code::name_not_found) set({});
}

// Those of a family that was not answered for: no other answer is known of it, as long as an answer may be old.
std::vector<syntax::IpAddress> Name::kept_beside(const net::Resolved& answer) const {
  const auto latest = [&](const syntax::IpAddress& ip) { return ip.is_v4() ? of_family_.v4 : of_family_.v6; };
  std::vector<syntax::IpAddress> kept;
  for (const syntax::IpAddress& ip : addresses_) {
    const bool lacks = ip.is_v4() ? answer.lacks_v4 : answer.lacks_v6;
    if (lacks && names_.loop_.now() < latest(ip) + names_.settings_.stale) kept.push_back(ip);
  }
  return kept;
}

void Name::set(std::vector<syntax::IpAddress> addresses) {
  if (addresses == addresses_) return;
  addresses_ = std::move(addresses);
  ++version_;
}

// Outside of the resolver.
void Name::at_turn_end() {
  const std::shared_ptr<Name> self = shared_from_this();  // who goes on may be the last who holds it
  const Result<net::Resolved> answer = *std::exchange(answer_, std::nullopt);
  asking_.reset();
  is_asking_ = false;
  take(answer);
  waiters_.notify_all();
}

std::shared_ptr<Name> Names::name(const std::string& host) {
  if (const auto known = by_host_.find(host); known != by_host_.end()) return known->second->shared_from_this();
  auto made = std::make_shared<Name>(*this, host);
  by_host_.emplace(made->host(), made.get());
  return made;
}

}  // namespace sallyport::proxy
