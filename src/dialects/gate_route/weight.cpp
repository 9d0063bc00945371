// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/weight.hpp"

#include <variant>
#include <vector>

namespace sallyport::dialects::gate_route {
namespace {

constexpr std::size_t upkeep = 512;   // the nodes of maps and of groups that each rule has in control
constexpr std::size_t spellings = 3;  // of path and predicates: in the rule, in its id and in the key of its group

struct PredicateWeight {
  std::size_t operator()(const model::AllOf& all) const { return of(all.of); }
  std::size_t operator()(const model::AnyOf& any) const { return of(any.of); }
  std::size_t operator()(const model::Not& none) const { return of(none.of); }
  std::size_t operator()(const model::MethodIs& is) const { return is.methods.size() * sizeof(std::string); }
  std::size_t operator()(const model::HeaderIs&) const { return 0; }
  std::size_t operator()(const model::QueryIs&) const { return 0; }
  std::size_t operator()(const model::ClientIn& in) const { return in.blocks.size() * sizeof(syntax::Cidr); }

  static std::size_t of(const std::vector<model::Predicate>& all) {
    std::size_t bytes = 0;
    for (const model::Predicate& one : all) bytes += sizeof one + std::visit(PredicateWeight(), one.test);
    return bytes;
  }
};

std::size_t weight(const model::HeaderChanges& changes) {
  std::size_t bytes = 0;
  for (const std::string& name : changes.remove) bytes += sizeof name + name.size();
  for (const auto* list : {&changes.set, &changes.add}) {
    for (const auto& field : *list) bytes += sizeof field + field.name.size() + field.value.size();
  }
  return bytes;
}

struct PathWeight {
  std::size_t operator()(const model::KeepPath&) const { return 0; }
  std::size_t operator()(const model::ReplacePrefix& by) const { return by.value.size(); }
  std::size_t operator()(const model::ReplacePath& by) const { return by.value.size(); }
  // The replacement is there a second time, in pieces. What is compiled is shared by the hosts.
  std::size_t operator()(const syntax::Substitution& by) const {
    return by.regex().size() + 2 * by.replacement().size() + by.pieces().size() * sizeof by.pieces().front();
  }
};

struct FilterWeight {
  std::size_t operator()(const model::ForwardedHeaders&) const { return 0; }
  std::size_t operator()(const model::RequestId&) const { return 0; }
  std::size_t operator()(const model::ModifyHeaders& headers) const {
    return weight(headers.request) + weight(headers.response);
  }
  std::size_t operator()(const model::UrlRewrite& rewrite) const {
    return rewrite.hostname.size() + std::visit(PathWeight(), rewrite.path);
  }
  std::size_t operator()(const model::HttpsRedirect&) const { return 0; }
  std::size_t operator()(const model::TlsGuard& guard) const { return guard.policy.size(); }
  std::size_t operator()(const model::GrpcWeb&) const { return 0; }
};

std::size_t weight(const model::Filter& filter) { return sizeof filter + std::visit(FilterWeight(), filter); }

std::size_t weight(const model::Destination& destination) {
  const auto* backend = std::get_if<model::BackendRef>(&destination.target);
  return sizeof destination + (backend == nullptr ? 0 : backend->backend.size());
}

}  // namespace

std::size_t weight(const model::Rule& rule) {
  std::size_t bytes = sizeof rule + upkeep + PredicateWeight::of(rule.predicates);
  bytes += spellings * (rule.path.value.size() + to_text(model::Predicate{model::AllOf{rule.predicates}}).size());
  for (const model::Filter& filter : rule.chain) bytes += weight(filter);
  for (const model::Destination& destination : rule.destinations) bytes += weight(destination);
  return bytes;
}

}  // namespace sallyport::dialects::gate_route
