// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/rules.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "dialects/access_annotations.hpp"
#include "dialects/grpc_web.hpp"
#include "dialects/ingress/matches.hpp"
#include "dialects/matches.hpp"
#include "dialects/precedence.hpp"

namespace sallyport::dialects::ingress {
namespace {

constexpr std::string_view default_field = "spec.defaultBackend";

}  // namespace

Translation Rules::translate() && {
  translation_.wants_addresses = true;
  findings_.add_complaints();
  serving_ = note_annotations_of_others(root_, findings_);
  if (note_access_not_honoured(root_, findings_, Tls::is_annotation) && serving_ == Serving::as_written) {
    serving_ = Serving::held;
  }
  read_annotations(root_, findings_, paths_, Tls::is_annotation);
  if (serving_ != Serving::left_out) translation_.claims = tls_.claims();
  grpc_web_ = wants_grpc_web(root_, findings_);
  default_ = default_target();
  for (std::size_t at = 0; at < spec_.rules.size(); ++at) {
    if (spec_.rules[at]) add_rule(*spec_.rules[at], kube::field("spec.rules", at));
  }
  add_rest({}, default_field);
  note_emptiness();
  translation_.findings = findings_.take();
  return std::move(translation_);
}

std::optional<services::Target> Rules::default_target() {
  if (!spec_.default_backend || root_.invalid_within(default_field) != nullptr) return std::nullopt;
  return target_of(*spec_.default_backend, default_field, root_, lookup_, findings_, endpoints_);
}

void Rules::add_rule(const kube::IngressRule& rule, std::string_view field) {
  const auto host = host_pattern(rule.host);
  if (!host) {
    findings_.add(Verdict::rejected, kube::field(field, "host"), "InvalidHost", host.error().detail);
    return;
  }
  if (!rule.http) {
    // The API leaves open what this means; for us everything of this host goes to the default backend.
    if (!spec_.default_backend) {
      findings_.add(Verdict::rejected, field, "NoPaths",
                    "the rule has no paths, and there is no defaultBackend to serve it");
    }
    if (host->kind != model::HostPattern::Kind::any) add_rest(*host, field);
    return;
  }
  const std::string paths = kube::field(kube::field(field, "http"), "paths");
  if (rule.http->paths.empty()) findings_.add(Verdict::rejected, paths, "NoPaths", "paths is empty");
  for (std::size_t at = 0; at < rule.http->paths.size(); ++at) {
    if (rule.http->paths[at]) add_path(*host, *rule.http->paths[at], kube::field(paths, at));
  }
}

void Rules::add_path(const model::HostPattern& host, const kube::IngressPath& path, std::string_view field) {
  const auto match = path_match(path, paths_);
  if (!match) {
    findings_.add(Verdict::rejected, kube::field(field, "path"), "InvalidPath", match.error().detail);
    return;
  }
  const auto target = target_of(path.backend, kube::field(field, "backend"), root_, lookup_, findings_, endpoints_);
  if (target) claim(host, *match, *target, field);
}

void Rules::add_rest(const model::HostPattern& host, std::string_view field) {
  if (default_) claim(host, {}, *default_, field);
}

void Rules::claim(const model::HostPattern& host, const model::PathMatch& path, const services::Target& target,
                  std::string_view field) {
  if (serving_ == Serving::left_out) return;
  const Matching matching{.host = host, .path = path, .predicates = {}, .priority = 0};
  GroupKey group = rule_group(model::standard_tier, matching);
  const auto [first, is_first] = claimed_.try_emplace(group, field);
  if (!is_first) {
    findings_.add(shadowed(origin_of(root_, field), origin_of(root_, first->second), model::Decision::index));
    return;
  }
  auto made = std::make_shared<model::Rule>();
  model::Rule& rule = *made;
  rule.id = rule_id(root_.ref, matching);
  rule.host = host;
  rule.path = path;
  rule.path_options = paths_;
  rule.rank = standard_rank(matching, root_, next_index_++);
  rule.chain = tls_.chain_for(host, field);
  if (grpc_web_) rule.chain.emplace_back(model::GrpcWeb());
  const services::Target to = serving_ == Serving::held ? services::unavailable() : target;
  rule.destinations.push_back(to.destination);
  rule.origin = origin_of(root_, field);
  translation_.claims.push_back({.group = std::move(group), .value = std::move(made)});
  if (to.backend) translation_.backends.push_back(*to.backend);
  if (to.endpoints) translation_.endpoint_sets.push_back(*to.endpoints);
}

void Rules::note_emptiness() {
  if (!spec_.rules.empty() || spec_.default_backend || root_.invalid_within("spec") != nullptr) return;
  findings_.add(Verdict::rejected, "spec", "NoRules", "spec needs rules or a defaultBackend");
}

}  // namespace sallyport::dialects::ingress
