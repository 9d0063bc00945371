// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/discovery.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "sources/api_server/json_at.hpp"

namespace sallyport::sources::api_server {
namespace {

using kube::Node;

constexpr std::string_view aggregated_form = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

bool has(const std::vector<Node::Entry>& resources, std::string_view key, std::string_view plural) {
  return std::ranges::any_of(resources, [&](const Node::Entry& entry) { return text_at(entry.value, key) == plural; });
}

// What the group's entry says of the kind. A version whose server does not answer is stale: then nobody knows.
void look(const Node& group, const kube::Kind& kind, Presence& presence) {
  for (const Node::Entry& entry : list_at(&group, "versions")) {
    const Node* const version = entry.value;
    const std::string name = text_at(version, "version");
    const bool is_there = has(list_at(version, "resources"), "resource", kind.plural);
    if (name == kind.version) {
      presence.is_certain = is_there || text_at(version, "freshness") != "Stale";
      presence.is_served = is_there || !presence.is_certain;
    } else if (is_there) {
      presence.other_versions.push_back(name);
    }
  }
}

net::Task<Presence> ask_for(Api& api, const kube::Kind& kind) {
  Presence presence;
  Ask ask;
  ask.target = text::cat("/apis/", kind.group, "/", kind.version);
  const auto answer = co_await api.ask(std::move(ask));
  if (!answer) co_return presence;
  std::optional<bool> is_served;
  if (answer->status == 404) is_served = false;
  if (answer->status == 200) is_served = read_resources(answer->body, kind);
  presence.is_served = is_served.value_or(true);
  presence.is_certain = is_served.has_value();
  co_return presence;
}

}  // namespace

std::optional<Presences> read_aggregated(std::string_view body, std::span<const kube::Kind* const> kinds) {
  const auto tree = read_json(body);
  if (!tree || text_at(tree->root(), "kind") != "APIGroupDiscoveryList") return std::nullopt;
  Presences presences;
  for (const kube::Kind* const kind : kinds) {
    Presence& presence = presences[kind];
    presence.is_certain = true;
    if (kind->group.empty()) continue;
    presence.is_served = false;
    for (const Node::Entry& group : list_at(tree->root(), "items")) {
      if (text_at(at(group.value, "metadata"), "name") == kind->group) look(*group.value, *kind, presence);
    }
  }
  return presences;
}

std::optional<bool> read_resources(std::string_view body, const kube::Kind& kind) {
  const auto tree = read_json(body);
  if (!tree || text_at(tree->root(), "kind") != "APIResourceList") return std::nullopt;
  return has(list_at(tree->root(), "resources"), "name", kind.plural);
}

net::Task<Presences> discover(Api& api, std::span<const kube::Kind* const> kinds) {
  Ask all;
  all.target = "/apis";
  all.accept = aggregated_form;
  const auto answer = co_await api.ask(std::move(all));
  if (answer && answer->status == 200) {
    auto presences = read_aggregated(answer->body, kinds);
    if (presences) co_return *std::move(presences);
  }
  const bool may_answer = answer && answer->status != 429 && answer->status < 500;
  Presences presences;
  for (const kube::Kind* const kind : kinds) {
    Presence& presence = presences[kind];
    if (!kind->group.empty() && may_answer) presence = co_await ask_for(api, *kind);
  }
  co_return presences;
}

}  // namespace sallyport::sources::api_server
