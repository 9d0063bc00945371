// SPDX-License-Identifier: Apache-2.0
#include "proxy/passage.hpp"

#include <algorithm>
#include <utility>

#include "proxy/capped_body.hpp"
#include "proxy/upstream_call.hpp"
#include "syntax/path.hpp"

namespace sallyport::proxy {
namespace {

net::Task<Result<http::Response>> failed(Error error) { co_return fail(std::move(error)); }

}  // namespace

Passage::Passage(http::Incoming& incoming_request, Hold<Serving> serving, const routing::Listener& at,
                 filters::WorkerStates& states, const std::array<std::uint64_t, 2>& number)
    : Exchange(incoming_request, at.model, states, calls_, number), serving_(std::move(serving)), listener_(at) {}

net::Task<Result<http::Response>> Passage::run() { return filters::Next(listener_.chain, choosing_rule_)(*this); }

net::Task<Result<http::Response>> Passage::choose_rule() {
  merged_path_ = request().path;
  candidates_ = listener_.table->find(request().host, request().path, request().unmerged_path);
  return run_next_rule();
}

net::Task<Result<http::Response>> Passage::run_next_rule() {
  const routing::Candidate candidate = candidates_.next();
  // What an earlier rule chose is not this request's any more.
  rule_ = nullptr;
  pool_ = nullptr;
  match = {};
  log.backend = {};
  log.endpoint = {};
  log.attempts = 0;
  if (candidate.rule == nullptr) {
    return failed({.code = candidates_.host_known() ? Code::no_path : Code::no_host});
  }
  rule_ = candidate.rule;
  match = {.rule = &rule_->model, .prefix = candidate.prefix};
  request().path = candidate.unmerged ? request().unmerged_path : merged_path_;
  if (!rule_->model.path_options.keep_encoded_slash && request().path.find("%2F") != std::string_view::npos) {
    return failed({.code = Code::bad_path, .rule = "H1-20", .detail = syntax::encoded_slash_refused});
  }
  return filters::Next(rule_->chain, choosing_destination_)(*this);
}

net::Task<Result<http::Response>> Passage::choose_destination() {
  const routing::Destination* destination = rule_->destination_for(random[0]);
  if (destination == nullptr) return failed({.code = Code::no_service});
  if (!destination->backend) return failed({.code = destination->answer});
  pool_ = serving_->pool(*destination->backend);
  if (pool_ == nullptr) return failed({.code = Code::no_service});
  log.backend = pool_->id();
  return filters::Next(destination->chain, asking_)(*this);
}

net::Task<Result<http::Response>> Passage::ask_upstream() {
  return ask(*pool_, {.request = incoming.request,
                      .arena = incoming.arena,
                      .deadline = deadline,
                      .interim = &incoming.interim,
                      .log = log});
}

net::Task<Result<http::Response>> Passage::Calls::call(std::string_view backend, const http::Request& request,
                                                       Arena& arena, http::CallLimits limits) {
  const auto& pools = passage.serving_->pools;
  const auto pool =
      std::ranges::find_if(pools, [&](const auto& one) { return one != nullptr && one->id() == backend; });
  filters::LogRecord* const log = arena.make<filters::LogRecord>();
  if (pool == pools.end() || log == nullptr) co_return fail(Code::no_service);
  Question question{.request = request, .arena = arena, .deadline = limits.deadline, .interim = nullptr, .log = *log};
  Result<http::Response> response = co_await ask(**pool, question);
  if (response && response->body) {
    response->body = cap(std::move(response->body), arena, limits.response_bytes);
    if (response->body == nullptr) co_return fail(Code::overloaded);
  }
  co_return response;
}

}  // namespace sallyport::proxy
