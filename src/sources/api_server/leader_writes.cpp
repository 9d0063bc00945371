// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/leader_writes.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace sallyport::sources::api_server {
namespace {

constexpr net::Duration first_pause{500};
constexpr net::Duration longest_pause{30'000};

// The API server ends the write by then too, so that one that lies about somewhere on its way is not done much later.
std::string with_timeout(const std::string& target, net::Duration patience) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience).count();
  return text::cat(target, target.find('?') == target.npos ? "?" : "&", "timeout=", seconds, "s");
}

// Nobody is there, or whoever is has too much to do.
bool is_about_all(const Result<Answer>& answer) {
  return !answer || answer->status == 429 || (answer->status >= 502 && answer->status <= 504);
}

}  // namespace

LeaderWrites::LeaderWrites(net::Loop& loop, Api& api, const Lease& lease, std::vector<Outgoing*> queues)
    : loop_(loop), api_(api), lease_(lease), queues_(std::move(queues)), backoff_(first_pause, chance_) {
  for (Outgoing* const queue : queues_) queue->on_news([this] { look(); });
}

LeaderWrites::~LeaderWrites() {
  for (Outgoing* const queue : queues_) queue->on_news({});
}

void LeaderWrites::stop(std::move_only_function<void()> done) {
  is_stopping_ = true;
  done_ = std::move(done);
  look();
}

void LeaderWrites::at_turn_end() {
  std::erase_if(flights_, [](const auto& flight) { return flight->is_done; });
  if (is_stopping_) {
    if (flights_.empty() && done_) std::exchange(done_, {})();
    return;
  }
  if (!leads()) return;
  while (flights_.size() < most_under_way && loop_.now() >= not_before_) {
    const auto patience = time_for_one();
    if (!patience || !begin_one(*patience)) break;
  }
  arm();
}

bool LeaderWrites::leads() {
  const bool leads = lease_.held_until().has_value();
  if (leads && !led_) {
    for (Outgoing* const queue : queues_) queue->lead();
  }
  led_ = leads;
  return leads;
}

std::optional<net::Duration> LeaderWrites::time_for_one() const {
  const auto until = lease_.held_until();
  if (!until) return std::nullopt;
  const auto left = std::chrono::floor<net::Duration>(*until - loop_.now());
  if (left < shortest_write) return std::nullopt;
  return std::min(left, longest_write);
}

bool LeaderWrites::begin_one(net::Duration patience) {
  for (Outgoing* const queue : queues_) {
    auto write = queue->next(loop_.now());
    if (!write) continue;
    write->ask.target = with_timeout(write->ask.target, patience);
    write->ask.patience = patience;
    Flight& flight = *flights_.emplace_back(std::make_unique<Flight>(Flight{.queue = queue, .ref = write->ref}));
    flight.task = fly(flight, std::move(write->ask));
    flight.task.start();
    return true;
  }
  return false;
}

net::Task<void> LeaderWrites::fly(Flight& flight, Ask ask) {
  const auto answer = co_await api_.ask(std::move(ask));
  heed(answer);
  flight.queue->answered(flight.ref, answer, loop_.now());
  flight.is_done = true;
  look();
}

// Many writes that lose one connection are one failure. What fails for one object alone, as by an admission webhook of
// its kind (500), is that object's affair.
void LeaderWrites::heed(const Result<Answer>& answer) {
  if (!may_pass(answer)) return backoff_.reset();
  if (!is_about_all(answer)) return;
  const net::Time now = loop_.now();
  const auto asked = answer ? answer->retry_after : std::nullopt;
  if (now >= not_before_) {
    not_before_ = now + backoff_.next(longest_pause, asked);
  } else if (asked) {
    not_before_ = std::max(not_before_, now + std::min(*asked, longest_asked));
  }
}

// The lease's own steps wake it too.
void LeaderWrites::arm() {
  net::TimerWheel::disarm(wake_);
  if (flights_.size() >= most_under_way) return;
  std::optional<net::Time> due;
  for (const Outgoing* const queue : queues_) {
    const auto its = queue->due();
    if (its && (!due || *its < *due)) due = its;
  }
  if (due && time_for_one()) loop_.timers().arm(wake_, std::max(*due, not_before_));
}

}  // namespace sallyport::sources::api_server
