// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/lease.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <utility>

#include "base/printable.hpp"
#include "base/text.hpp"
#include "net/sleep.hpp"
#include "sources/api_server/refusal.hpp"
#include "sources/api_server/resource.hpp"

namespace sallyport::sources::api_server {
namespace {

// No part of any configuration.
constexpr kube::Kind lease_kind{"coordination.k8s.io", "v1", "Lease", "leases", true, nullptr};
constexpr std::size_t most_bytes = std::size_t{1} << 20U;

bool has(const Result<Answer>& answer, std::initializer_list<unsigned> statuses) {
  return answer && std::ranges::find(statuses, answer->status) != statuses.end();
}

}  // namespace

ClusterLease::ClusterLease(net::Loop& loop, Api& api, LeasePlace place, ElectionSettings settings, Log log)
    : loop_(loop), api_(api), place_(std::move(place)), election_(std::move(settings)), log_(std::move(log)) {}

void ClusterLease::start() {
  running_ = run();
  running_.start();
}

net::Task<void> ClusterLease::run() {
  for (;;) {
    auto step = election_.next(loop_.now(), loop_.wall());
    if (step) {
      co_await take(*std::move(step));
    } else {
      co_await net::Sleep(loop_, std::chrono::ceil<net::Duration>(election_.next_try() - loop_.now()));
    }
    note();
  }
}

net::Task<void> ClusterLease::take(Election::Step step) {
  using Do = Election::Do;
  const net::Time sent = loop_.now();
  std::string body;
  if (step.what == Do::create) body = new_lease_text(place_.namespace_, place_.name, step.record);
  if (step.what == Do::update) body = lease_patch_text(step.record);
  const Verb verb = step.what == Do::read ? Verb::get : step.what == Do::create ? Verb::post : Verb::patch;
  const auto answer = co_await ask(verb, std::move(body), sent + patience);
  heed(step.what, answer, sent);
}

net::Task<void> ClusterLease::read_it(net::Time until) {
  const net::Time sent = loop_.now();
  const auto answer = co_await ask(Verb::get, std::string(), until);
  heed(Election::Do::read, answer, sent);
}

net::Task<Result<Answer>> ClusterLease::ask(Verb verb, std::string body, net::Time until) {
  Ask ask;
  ask.verb = verb;
  ask.target = verb == Verb::post ? collection(lease_kind, place_.namespace_)
                                  : path_of(lease_kind, place_.namespace_, place_.name);
  if (verb == Verb::post) ask.content_type = "application/json";
  if (verb == Verb::patch) ask.content_type = "application/merge-patch+json";
  ask.body = std::move(body);
  ask.patience = std::max(net::Duration(0), std::chrono::floor<net::Duration>(until - loop_.now()));
  ask.most_bytes = most_bytes;
  is_asking_ = true;
  auto answer = co_await api_.ask(std::move(ask));
  is_asking_ = false;
  co_return answer;
}

void ClusterLease::heed(Election::Do what, const Result<Answer>& answer, net::Time sent) {
  using Do = Election::Do;
  const net::Time now = loop_.now();
  if (what == Do::read && has(answer, {404})) return election_.was_absent(now);
  if (what == Do::create && has(answer, {409})) return election_.was_refused(now);
  if (what == Do::update && has(answer, {404, 409})) return election_.was_refused(now);
  if (!has(answer, {200, 201})) {
    const bool is_forbidden = has(answer, {401, 403});
    complain(
        text::cat(refusal_text(answer),
                  is_forbidden ? " (it needs the rights to get, create and patch leases of coordination.k8s.io)" : ""));
    return election_.failed(now);
  }
  auto record = parse_lease(answer->body);
  if (!record) {
    complain(text::cat("what the API server says of it cannot be read: ", record.error().detail));
    return election_.failed(now);
  }
  complaint_.clear();
  if (what == Do::read) return election_.was_read(*std::move(record), now);
  election_.was_written(*std::move(record), sent, now);
}

void ClusterLease::complain(std::string why) {
  if (why == complaint_) return;
  log_(text::cat("Lease ", place_.namespace_, "/", place_.name, ": ", why), true);
  complaint_ = std::move(why);
}

// Who leads, where that is another than before.
void ClusterLease::note() {
  const bool leads = held_until().has_value();
  const std::string_view lease = "statuses and Events: ";
  if (leads && !led_) {
    log_(text::cat(lease, "this replica writes them (Lease ", place_.namespace_, "/", place_.name, ")"), false);
  } else if (!leads && led_) {
    log_(text::cat(lease, "this replica does not write them any more"), false);
  }
  if (!leads && !election_.holder().empty() && election_.holder() != told_holder_) {
    log_(text::cat(lease, text::printable(election_.holder()), " writes them"), false);
  }
  led_ = leads;
  told_holder_ = leads ? std::string() : election_.holder();
  if (on_step_) on_step_();
}

// A write that was under way, or whose answer was lost, may have happened or not: then the lease is read before it is
// given back. So it is when somebody else, a label perhaps, has changed it since.
net::Task<void> ClusterLease::give_back() {
  running_.reset();
  const net::Time until = loop_.now() + patience;
  if (std::exchange(is_asking_, false) || election_.must_read()) co_await read_it(until);
  auto record = election_.release(loop_.wall());
  if (!record) co_return;
  const auto answer = co_await ask(Verb::patch, lease_patch_text(*record), until);
  if (!has(answer, {409})) co_return;
  co_await read_it(until);
  record = election_.release(loop_.wall());
  if (record) co_await ask(Verb::patch, lease_patch_text(*record), until);
}

}  // namespace sallyport::sources::api_server
