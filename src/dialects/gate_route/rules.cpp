// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/rules.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "dialects/access_annotations.hpp"
#include "dialects/gate_route/headers.hpp"
#include "dialects/gate_route/literals.hpp"
#include "dialects/gate_route/matches.hpp"
#include "dialects/gate_route/predicates.hpp"
#include "dialects/gate_route/rewrites.hpp"
#include "dialects/gate_route/weight.hpp"
#include "dialects/grpc_web.hpp"
#include "dialects/matches.hpp"
#include "dialects/services/service_facts.hpp"
#include "dialects/services/target.hpp"
#include "model/indexed.hpp"
#include "syntax/host.hpp"

namespace sallyport::dialects::gate_route {
namespace {

constexpr std::string_view one_by_one = "no index holds it: it is compared with each request one by one";

}  // namespace

Translation Rules::translate() && {
  translation_.wants_addresses = true;
  findings_.add_complaints();
  read_annotations(root_, findings_, paths_);
  held_ = note_access_not_honoured(root_, findings_);
  grpc_web_ = wants_grpc_web(root_, findings_);
  read_hosts();
  if (spec_.rules.empty()) findings_.add(Verdict::rejected, "spec.rules", "NoRules", "rules is empty");
  for (std::size_t at = 0; at < spec_.rules.size(); ++at) {
    if (spec_.rules[at]) add_rule(*spec_.rules[at], kube::field("spec.rules", at));
  }
  translation_.findings = findings_.take();
  return std::move(translation_);
}

// Hosts that are wrong do not make it every host.
void Rules::read_hosts() {
  if (spec_.hosts.empty() && spec_.host_regexes.empty()) hosts_.emplace_back();
  for (std::size_t at = 0; at < spec_.hosts.size(); ++at) {
    if (spec_.hosts[at]) add_host(host_pattern(*spec_.hosts[at]), kube::field("spec.hosts", at));
  }
  for (std::size_t at = 0; at < spec_.host_regexes.size(); ++at) {
    if (!spec_.host_regexes[at]) continue;
    const std::string field = kube::field("spec.hostRegexes", at);
    const auto host = host_regex(*spec_.host_regexes[at]);
    if (host && !model::is_indexed(*host)) {
      findings_.add(Verdict::warning, field, "OutsideIndex", std::string(one_by_one));
    }
    add_host(host, field);
  }
}

void Rules::add_host(const Result<model::HostPattern>& host, std::string_view field) {
  if (!host) {
    findings_.add(Verdict::rejected, field, "InvalidHost", host.error().detail);
  } else if (!known_hosts_.insert(*host).second) {
    findings_.add(Verdict::warning, field, "DuplicateHost", text::cat("host ", to_text(*host), " is given twice"));
  } else {
    hosts_.push_back(*host);
  }
}

// All that is wrong with it is said at once.
void Rules::add_rule(const kube::GateRule& rule, const std::string& field) {
  if (is_spoilt(field)) return;
  speak_of(rule, field);
  auto path = path_of(rule, field);
  auto predicates = predicates_of(rule.when, kube::field(field, "when"), findings_);
  auto chain = chain_of(rule, field, path);
  const bool served = has_backends(rule, field);
  if (path && predicates && chain && served) {
    model::Rule made;
    made.path = *std::move(path);
    made.predicates = *std::move(predicates);
    made.chain = *std::move(chain);
    if (is_first(made, field)) {
      Used used;
      made.destinations = destinations_of(rule, field, used);
      if (has_room_for(made, field)) {
        firsts_.emplace(requests_of(made), field);
        use(std::move(used));
        claim(made, field);
      }
    }
  }
  findings_.speak_of({});
}

// A complaint about anything in it, unknown fields included, is said already.
bool Rules::is_spoilt(std::string_view rule) const {
  return std::ranges::any_of(root_.complaints,
                             [&](const auto& complaint) { return kube::is_within(complaint.field, rule); });
}

void Rules::speak_of(const kube::GateRule& rule, const std::string& field) {
  if (rule.name.empty()) return;
  if (syntax::is_hostname(rule.name)) return findings_.speak_of(text::cat("rule ", rule.name));
  findings_.add(Verdict::warning, kube::field(field, "name"), "InvalidName",
                "name is passed over: it is no name of lower-case letters, digits, '-' and '.'");
}

std::optional<model::PathMatch> Rules::path_of(const kube::GateRule& rule, const std::string& field) {
  if (!rule.path) return element_prefix("/");  // every path, and in line with an Ingress's "/"
  const std::string path_field = kube::field(field, "path");
  auto path = path_match(*rule.path, paths_);
  if (!path) {
    findings_.add(Verdict::rejected, kube::field(path_field, "value"), "InvalidPath", path.error().detail);
    return std::nullopt;
  }
  if (fits_no_path(*path, paths_)) {
    findings_.add(Verdict::warning, kube::field(path_field, "value"), "FitsNothing",
                  text::cat("no path begins with \"", literal_beginning(path->value),
                            "\": paths are compared in their canonical form"));
  }
  if (!model::is_indexed(*path)) findings_.add(Verdict::warning, path_field, "OutsideIndex", std::string(one_by_one));
  return *std::move(path);
}

std::optional<std::vector<model::Filter>> Rules::chain_of(const kube::GateRule& rule, const std::string& field,
                                                          const std::optional<model::PathMatch>& path) {
  std::vector<model::Filter> chain;
  bool good = true;
  if (grpc_web_) chain.emplace_back(model::GrpcWeb());
  if (rule.rewrite) {
    auto rewrite = url_rewrite(*rule.rewrite, kube::field(field, "rewrite"), path, paths_, findings_);
    good = rewrite.has_value();
    if (good) chain.emplace_back(*std::move(rewrite));
  } else if (const std::string at = kube::field(field, "rewrite"); root_.lines.has(at)) {
    // As in the API, null is as if it were not there; whoever wrote it may have meant what stands under it.
    findings_.add(Verdict::warning, at, "NoRewrite", "rewrite is null: the URL goes on as it came");
  }
  auto request = header_changes(rule.request_headers, kube::field(field, "requestHeaders"), findings_);
  auto response = header_changes(rule.response_headers, kube::field(field, "responseHeaders"), findings_);
  if (!request || !response || !good) return std::nullopt;
  if (request->empty() && response->empty()) return chain;
  chain.emplace_back(model::ModifyHeaders{.request = *std::move(request), .response = *std::move(response)});
  return chain;
}

bool Rules::has_backends(const kube::GateRule& rule, const std::string& field) {
  const std::string backends = kube::field(field, "backends");
  if (rule.backends.empty() || rule.backends.size() > max_backends) {
    findings_.add(Verdict::rejected, backends, "InvalidBackend",
                  text::cat("a rule needs at least one backend, and has at most ", max_backends));
    return false;
  }
  bool good = true;
  for (std::size_t at = 0; at < rule.backends.size(); ++at) {
    const auto& backend = rule.backends[at];
    if (backend && backend->weight <= highest_weight) continue;
    good = false;
    if (!backend) continue;  // what is wrong with it was said when it was read
    findings_.add(Verdict::rejected, kube::field(kube::field(backends, at), "weight"), "InvalidBackend",
                  text::cat("weight is at most ", highest_weight));
  }
  return good;
}

// One that leads nowhere keeps its share, and answers 503 (gateway-api.md: a share must not move to the others).
std::vector<model::Destination> Rules::destinations_of(const kube::GateRule& rule, const std::string& field,
                                                       Used& used) {
  std::vector<model::Destination> destinations;
  if (held_) {
    destinations.push_back(services::unavailable().destination);
    return destinations;
  }
  const std::string backends = kube::field(field, "backends");
  for (std::size_t at = 0; at < rule.backends.size(); ++at) {
    if (!rule.backends[at]) continue;
    const kube::GateBackend& from = *rule.backends[at];
    const std::string backend = kube::field(backends, at);
    services::Target target =
        services::target_of(services::service_ref(root_.ref.namespace_, from.service), from.port,
                            {.name = kube::field(backend, "service"), .port = kube::field(backend, "port")}, lookup_,
                            findings_, endpoints_);
    target.destination.weight = from.weight;
    if (target.backend) used.backends.push_back(*std::move(target.backend));
    if (target.endpoints) used.endpoint_sets.push_back(*std::move(target.endpoints));
    destinations.push_back(std::move(target.destination));
  }
  if (std::ranges::all_of(destinations, [](const auto& one) { return one.weight == 0; })) {
    findings_.add(Verdict::warning, backends, "NoWeight", "every weight is 0: requests get 503");
  }
  return destinations;
}

// Two rules of one object with the same path and predicates have the same hosts and priority, so they fit the same
// requests, and the first one wins, whoever else asks for them.
bool Rules::is_first(const model::Rule& rule, std::string_view field) {
  const auto first = firsts_.find(requests_of(rule));
  if (first == firsts_.end()) return true;
  findings_.add(shadowed(origin_of(root_, field), origin_of(root_, first->second), model::Decision::index));
  return false;
}

GroupKey Rules::requests_of(const model::Rule& rule) {
  return rule_group(model::standard_tier,
                    {.host = {}, .path = rule.path, .predicates = rule.predicates, .priority = 0});
}

void Rules::use(Used used) {
  for (model::Backend& backend : used.backends) {
    if (known_backends_.insert(backend.id).second) translation_.backends.push_back(std::move(backend));
  }
  std::ranges::move(used.endpoint_sets, std::back_inserter(translation_.endpoint_sets));
}

bool Rules::has_room_for(const model::Rule& rule, std::string_view field) {
  const std::size_t bytes = weight(rule) * hosts_.size();
  if (bytes > max_claimed_bytes - claimed_bytes_) {
    findings_.add(
        Verdict::rejected, field, "TooLarge",
        text::cat("hosts times rules take more than ", max_claimed_bytes >> 20U, " MiB: more objects can hold more"));
    return false;
  }
  claimed_bytes_ += bytes;
  return true;
}

void Rules::claim(const model::Rule& rule, std::string_view field) {
  for (const model::HostPattern& host : hosts_) {
    const Matching matching{.host = host, .path = rule.path, .predicates = rule.predicates, .priority = spec_.priority};
    auto made = std::make_shared<model::Rule>(rule);
    made->id = rule_id(root_.ref, matching);
    made->host = host;
    made->path_options = paths_;
    made->rank = standard_rank(matching, root_, next_index_++);
    made->origin = origin_of(root_, field);
    translation_.claims.push_back({.group = rule_group(model::standard_tier, matching), .value = std::move(made)});
  }
}

}  // namespace sallyport::dialects::gate_route
