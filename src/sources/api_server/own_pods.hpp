// SPDX-License-Identifier: Apache-2.0
// What is read of this gateway's own pods and of the nodes that they run on, from the texts of an API server. Pure.

#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "kube/tree.hpp"

namespace sallyport::sources::api_server {

// Which pod this process runs in.
struct OwnPod {
  std::string namespace_;
  std::string name;
};

// The name of the node on which the pod serves: it is ready, and not on its way out. Empty: it serves nowhere.
std::string serving_node(const kube::Node& pod);

// Of the text of a pod, the selector of all that do the same as it: its labels, without those that tell revisions of
// one workload, single pods of it and places apart, or versions of the program. "app=gate,team=edge". The error is a
// sentence without its subject, which is the pod.
std::expected<std::string, std::string> parse_selector_of_peers(std::string_view pod);

// Of the text of a node, where it is reached: the first ExternalIP of each family of addresses, else the first
// InternalIP of each. None if it has none. The error is a sentence without its subject, which is the node.
std::expected<std::vector<std::string>, std::string> parse_node_addresses(std::string_view node);

}  // namespace sallyport::sources::api_server
