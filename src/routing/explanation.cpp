// SPDX-License-Identifier: Apache-2.0
#include "routing/explanation.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace sallyport::routing {
namespace {

// One line a filter: every alternative of model::Filter needs its own.
struct Namer {
  std::string_view operator()(const model::ForwardedHeaders&) const { return "forwarded-headers"; }
  std::string_view operator()(const model::RequestId&) const { return "request-id"; }
  std::string_view operator()(const model::ModifyHeaders&) const { return "modify-headers"; }
  std::string_view operator()(const model::UrlRewrite&) const { return "url-rewrite"; }
  std::string_view operator()(const model::HttpsRedirect&) const { return "https-redirect"; }
  std::string_view operator()(const model::TlsGuard&) const { return "tls-guard"; }
  std::string_view operator()(const model::GrpcWeb&) const { return "grpc-web"; }
};

std::vector<std::string_view> names_of(const std::vector<model::Filter>& chain) {
  std::vector<std::string_view> names;
  for (const model::Filter& one : chain) names.push_back(name_of(one));
  return names;
}

// Why a request that comes to this destination is not forwarded.
std::optional<Code> code_of(const Explanation::Destination& to) {
  if (to.backend.empty()) return to.answer;
  if (to.endpoints == nullptr) return Code::no_service;
  return to.endpoints->is_empty() ? std::optional(Code::no_endpoints) : std::nullopt;
}

void add_destinations(Explanation& all, const Snapshot& snapshot, const Rule& rule,
                      std::optional<std::uint64_t> number) {
  const Destination* const chosen = number ? rule.destination_for(*number) : nullptr;
  auto compiled = rule.destinations.begin();
  for (const model::Destination& from : rule.model.destinations) {
    if (from.weight == 0) continue;
    Explanation::Destination to{.weight = from.weight, .is_chosen = &*compiled == chosen, .answer = compiled->answer};
    to.chain = names_of(from.chain);
    if (compiled->backend) {
      to.backend = std::get<model::BackendRef>(from.target).backend;
      if (const Backend* const backend = snapshot.backend(*compiled->backend)) {
        to.part = backend->part;
        to.endpoints = backend->endpoints;
      }
    }
    all.weights += from.weight;
    all.destinations.push_back(std::move(to));
    ++compiled;
  }
}

std::optional<Code> code_of(const Explanation& all, bool has_number) {
  if (all.destinations.empty()) return Code::no_service;
  if (has_number) {
    return code_of(*std::ranges::find_if(all.destinations, [](const auto& one) { return one.is_chosen; }));
  }
  const std::optional<Code> first = code_of(all.destinations.front());
  const bool same = std::ranges::all_of(all.destinations, [&](const auto& one) { return code_of(one) == first; });
  return same ? first : std::nullopt;
}

void add_loser(Explanation& all, const Candidate& candidate) {
  const bool is_before_winner = all.rule == nullptr;
  const auto of_this_side = std::ranges::count(all.losers, is_before_winner, &Explanation::Loser::is_before_winner);
  if (static_cast<std::size_t>(of_this_side) == most_losers) {
    ++all.more_losers;
    return;
  }
  Explanation::Loser loser{
      .rule = candidate.rule->part, .verdict = candidate.verdict, .is_before_winner = is_before_winner};
  if (candidate.unmet != nullptr) loser.unmet = to_text(*candidate.unmet);
  if (all.rule != nullptr) loser.beaten_by = model::decided_by(all.rule->rank, candidate.rule->model.rank);
  all.losers.push_back(std::move(loser));
}

}  // namespace

std::string_view name_of(const model::Filter& filter) { return std::visit(Namer(), filter); }

Explanation explain(const Snapshot& snapshot, const Listener& listener, const http::RequestHead& request,
                    const syntax::IpAddress& client, std::optional<std::uint64_t> number) {
  Explanation all;
  all.version = snapshot.version;
  all.listener = listener.part;
  all.listener_chain = names_of(listener.model.chain);
  Choice choice(snapshot, listener, request, client);
  Candidate winner;
  for (Candidate one = choice.step(); one.rule != nullptr; one = choice.step()) {
    if (winner.rule != nullptr || one.verdict != Verdict::fits) {
      add_loser(all, one);
      continue;
    }
    winner = one;
    all.rule = one.rule->part;
  }
  if (winner.rule != nullptr) {
    all.path = winner.path;
    all.prefix = winner.prefix;
    all.chain = names_of(winner.rule->model.chain);
  }
  if (auto refusal = choice.refusal(winner)) {  // before a destination is looked for
    all.code = refusal->code;
    all.detail = std::move(refusal->detail);
    all.refused_by = refusal->rule;
  } else {
    add_destinations(all, snapshot, *winner.rule, number);
    all.code = code_of(all, number.has_value());
  }
  return all;
}

}  // namespace sallyport::routing
