// SPDX-License-Identifier: Apache-2.0
#include "commands/backend_series.hpp"

#include <algorithm>
#include <cstdint>

namespace sallyport::commands {
namespace {

using proxy::BackendReport;

bool was_asked(const BackendReport& backend) {
  return backend.connects != 0 || backend.connect_failures != 0 || backend.stale_retries != 0 ||
         std::ranges::any_of(backend.requests.by_class, [](std::uint64_t count) { return count != 0; });
}

// One that counts less than before was gone in between, and began anew.
template <class Number>
void add_growth(Number& sum, Number now, Number before) {
  sum += now < before ? now : now - before;
}

template <class Numbers>
void add_growths(Numbers& sums, const Numbers& now, const Numbers& before) {
  for (std::size_t i = 0; i < sums.size(); ++i) add_growth(sums[i], now[i], before[i]);
}

void add_growth(BackendReport& sum, const BackendReport& now, const BackendReport& before) {
  add_growths(sum.requests.by_class, now.requests.by_class, before.requests.by_class);
  add_growths(sum.requests.by_duration, now.requests.by_duration, before.requests.by_duration);
  add_growths(sum.requests.by_call_result, now.requests.by_call_result, before.requests.by_call_result);
  add_growth(sum.requests.duration_sum, now.requests.duration_sum, before.requests.duration_sum);
  add_growth(sum.connects, now.connects, before.connects);
  add_growth(sum.connect_failures, now.connect_failures, before.connect_failures);
  add_growth(sum.stale_retries, now.stale_retries, before.stale_retries);
}

}  // namespace

void BackendSeries::take(const ById& now, std::size_t most_own) {
  forget_those_gone(now);
  for (const auto& [id, backend] : now) {
    if (own_.contains(id) || !was_asked(backend)) continue;
    const auto over = over_.find(id);
    if (over == over_.end() && own_.size() < most_own) {
      own_.insert(id);
      continue;
    }
    add_growth(overflow_, backend, over == over_.end() ? BackendReport() : over->second);
    over_.insert_or_assign(id, backend);
    has_overflow_ = true;
  }
}

void BackendSeries::forget_those_gone(const ById& now) {
  std::erase_if(own_, [&](const std::string& id) { return !now.contains(id); });
  std::erase_if(over_, [&](const auto& one) { return !now.contains(one.first); });
}

}  // namespace sallyport::commands
