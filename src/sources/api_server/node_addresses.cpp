// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/node_addresses.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "base/text.hpp"
#include "net/sleep.hpp"
#include "sources/api_server/outgoing.hpp"
#include "sources/api_server/refusal.hpp"
#include "sources/api_server/resource.hpp"
#include "sources/api_server/splitters.hpp"

namespace sallyport::sources::api_server {
namespace {

// No part of any configuration: what is read of them is a summary.
constexpr kube::Kind pod_kind{"", "v1", "Pod", "pods", true, nullptr};
constexpr kube::Kind node_kind{"", "v1", "Node", "nodes", false, nullptr};

constexpr std::string_view meanwhile = "; addresses of Ingresses stay as they are";
constexpr std::size_t most_listed = 8;

Ask ask_for(std::string target) {
  Ask ask;
  ask.target = std::move(target);
  ask.most_bytes = most_object_bytes;
  return ask;
}

std::string text_of(std::span<const std::string> addresses) {
  if (addresses.size() <= most_listed) return text::join(addresses, ", ");
  const std::size_t more = addresses.size() - most_listed;
  return text::cat(text::join(addresses.first(most_listed), ", "), " and ", more, " more");
}

}  // namespace

NodeAddresses::NodeAddresses(net::Loop& loop, Api& api, OwnPod pod, OnAddresses on_addresses, Log log,
                             const Times& times)
    : loop_(loop),
      api_(api),
      pod_(std::move(pod)),
      on_addresses_(std::move(on_addresses)),
      log_(std::move(log)),
      times_(times),
      backoff_(times_.pace.first_wait, chance_) {}

void NodeAddresses::lead(bool leads) {
  if (std::exchange(leads_, leads) == leads) return;
  if (leads) {
    running_ = run();
    return running_.start();
  }
  running_.reset();
  pods_.reset();
  nodes_.clear();
  complaint_.clear();
  if (std::exchange(told_, std::nullopt)) on_addresses_(std::nullopt);
}

void NodeAddresses::note_news() {
  has_news_ = true;
  news_.notify();
}

net::Task<void> NodeAddresses::run() {
  if (selector_.empty()) co_await find_peers();
  Resource resource;
  resource.kind = &pod_kind;
  resource.namespace_ = pod_.namespace_;
  resource.selector = selector_;
  resource.summarise = serving_node;
  ListWatch::Keeper& keeper = *this;
  pods_.emplace(loop_, api_, chance_, times_.pace, std::move(resource), keeper);
  pods_->start();
  for (;;) {
    has_news_ = false;
    const net::Time next = co_await look();
    co_await net::Sleep(loop_, times_.settle);
    if (has_news_) continue;
    net::Signal::Wait news = news_.wait(loop_, next);
    co_await news;
  }
}

// Once: the labels of a pod that make it one of many do not change while it runs.
net::Task<void> NodeAddresses::find_peers() {
  const ObjectRef own{"", "Pod", pod_.namespace_, pod_.name};
  for (;;) {
    const auto answer = co_await api_.ask(ask_for(path_of(pod_kind, own)));
    net::Duration wait = times_.pace.refused_wait;
    if (may_pass(answer)) {  // a server that is not able to answer is told of by the source
      wait = backoff_.next(times_.pace.longest_wait, answer ? answer->retry_after : std::nullopt);
    } else if (answer->status != 200) {
      complain(text::cat(to_text(own), ": may not be read, or is not this pod (POD_NAME): ", refusal_text(answer)));
    } else if (auto selector = parse_selector_of_peers(answer->body)) {
      selector_ = *std::move(selector);
      backoff_.reset();
      co_return;
    } else {
      complain(text::cat(to_text(own), ": ", selector.error()));
    }
    co_await net::Sleep(loop_, wait);
  }
}

std::set<std::string> NodeAddresses::serving_nodes() const {
  std::set<std::string> names;
  for (const auto& [ref, held] : pods_->objects()) {
    if (!held.summary.empty()) names.insert(held.summary);
  }
  return names;
}

net::Task<net::Time> NodeAddresses::look() {
  has_complained_ = false;
  const Trouble& trouble = pods_->trouble();
  if (trouble.kind == Trouble::Kind::forbidden || trouble.kind == Trouble::Kind::refused) {
    complain(text::cat(text_of(pods_->resource()), ": ", trouble.message));
  }
  if (!pods_->is_listed()) co_return net::Time::max();
  const std::set<std::string> names = serving_nodes();
  std::erase_if(nodes_, [&](const auto& node) { return !names.contains(node.first); });
  for (const std::string& name : names) {
    Node& node = nodes_[name];
    if (loop_.now() >= node.until) co_await read(name, node);
  }
  decide();
  net::Time next = net::Time::max();
  for (const auto& [name, node] : nodes_) next = std::min(next, node.until);
  co_return next;
}

// What was known of it before stays where it cannot be read.
net::Task<void> NodeAddresses::read(std::string name, Node& node) {
  const ObjectRef ref{"", "Node", "", std::move(name)};
  const auto answer = co_await api_.ask(ask_for(path_of(node_kind, ref)));
  if (may_pass(answer)) {
    const auto retry_after = answer ? answer->retry_after : std::nullopt;
    node.until = loop_.now() + backoff_.next(times_.pace.longest_wait, retry_after);
    co_return;
  }
  backoff_.reset();
  node.until = loop_.now() + times_.pace.refused_wait;
  if (answer->status == 404) {
    node.is_known = true;
    node.addresses.clear();
  } else if (answer->status != 200) {
    complain(text::cat(to_text(ref), ": may not be read: ", refusal_text(answer)));
  } else if (auto addresses = parse_node_addresses(answer->body)) {
    node.is_known = true;
    node.addresses = *std::move(addresses);
    node.until = loop_.now() + chance_.between(times_.reread * 3 / 4, times_.reread * 5 / 4);
  } else {
    complain(text::cat(to_text(ref), ": ", addresses.error()));
  }
}

// That nothing is ready is never all of the truth: this process serves.
void NodeAddresses::decide() {
  std::set<std::string> all;
  for (const auto& [name, node] : nodes_) {
    if (!node.is_known) return;
    all.insert(node.addresses.begin(), node.addresses.end());
  }
  if (all.empty()) {
    const std::string_view why = nodes_.empty() ? " is ready on a node" : " is ready on a node that has an address";
    return complain(text::cat("no pod of namespace ", pod_.namespace_, " with the labels ", selector_, why));
  }
  if (!has_complained_) complaint_.clear();
  Addresses now(all.begin(), all.end());
  if (told_ == now) return;
  told_ = std::move(now);
  log_(text::cat("addresses of Ingresses: ", text_of(*told_), ", where our pods are ready"), false);
  on_addresses_(*told_);
}

void NodeAddresses::complain(std::string line) {
  has_complained_ = true;
  if (line == complaint_) return;
  log_(text::cat(line, meanwhile), true);
  complaint_ = std::move(line);
}

}  // namespace sallyport::sources::api_server
