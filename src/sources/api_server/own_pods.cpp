// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/own_pods.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "sources/api_server/json_at.hpp"
#include "syntax/address.hpp"

namespace sallyport::sources::api_server {
namespace {

using kube::Node;

// Made by the controllers of Kubernetes for each revision or pod, and what charts say of a version.
constexpr std::array<std::string_view, 6> of_some_pods_only = {
    "pod-template-hash", "controller-revision-hash",  "pod-template-generation",
    "controller-uid",    "app.kubernetes.io/version", "helm.sh/chart",
};

// What Kubernetes itself says of a pod: its number, the zone of its node. Of the names that are its own (kubernetes.io
// and k8s.io with all below them) only app.kubernetes.io is for people to give.
bool is_of_kubernetes(std::string_view label) {
  const std::size_t slash = label.find('/');
  if (slash == label.npos) return false;
  const std::string_view domain = label.substr(0, slash);
  const auto lies_in = [&](std::string_view parent) {
    if (!domain.ends_with(parent)) return false;
    return domain.size() == parent.size() || domain[domain.size() - parent.size() - 1] == '.';
  };
  return domain != "app.kubernetes.io" && (lies_in("kubernetes.io") || lies_in("k8s.io"));
}

bool is_of_some_pods_only(std::string_view label) {
  return std::ranges::find(of_some_pods_only, label) != of_some_pods_only.end() || is_of_kubernetes(label);
}

bool is_ready(const Node* status) {
  return std::ranges::any_of(list_at(status, "conditions"), [](const Node::Entry& condition) {
    return text_at(condition.value, "type") == "Ready" && text_at(condition.value, "status") == "True";
  });
}

// The first of this type of each family, IPv4 and IPv6.
std::vector<std::string> addresses_of_type(const Node* status, std::string_view type) {
  std::vector<std::string> found;
  std::array<bool, 2> has_family{};
  for (const Node::Entry& entry : list_at(status, "addresses")) {
    if (text_at(entry.value, "type") != type) continue;
    const auto address = syntax::IpAddress::parse(text_at(entry.value, "address"));
    if (!address || std::exchange(has_family[address->is_v4() ? 0 : 1], true)) continue;
    found.push_back(address->text());
  }
  return found;
}

}  // namespace

std::string serving_node(const Node& pod) {
  const bool is_leaving = at(at(&pod, "metadata"), "deletionTimestamp") != nullptr;
  return is_leaving || !is_ready(at(&pod, "status")) ? std::string() : text_at(at(&pod, "spec"), "nodeName");
}

std::expected<std::string, std::string> parse_selector_of_peers(std::string_view pod) {
  const auto tree = read_json(pod);
  if (!tree) return std::unexpected(text::cat("cannot be read: ", tree.error()));
  const Node* const labels = at(at(tree->root(), "metadata"), "labels");
  std::vector<std::string> all;
  if (labels != nullptr && labels->kind == Node::Kind::map) {
    for (const Node::Entry& label : labels->entries) {
      if (is_of_some_pods_only(label.key)) continue;
      all.push_back(text::cat(label.key, "=", label.value->string().value_or("")));
    }
  }
  if (all.empty()) return std::unexpected("has no label that others like it would have too");
  std::ranges::sort(all);
  return text::join(all, ",");
}

std::expected<std::vector<std::string>, std::string> parse_node_addresses(std::string_view node) {
  const auto tree = read_json(node);
  if (!tree) return std::unexpected(text::cat("cannot be read: ", tree.error()));
  const Node* const status = at(tree->root(), "status");
  std::vector<std::string> addresses = addresses_of_type(status, "ExternalIP");
  return addresses.empty() ? addresses_of_type(status, "InternalIP") : addresses;
}

}  // namespace sallyport::sources::api_server
