// SPDX-License-Identifier: Apache-2.0
// Where the gateway is reached when nobody says it: the addresses of the nodes on which its pods are ready.
// docs/status.md says which pods those are, and which of a node's addresses.
//
// Only who leads asks: for its own pod once, for the pods that are like it by a watch, and for each of their nodes by
// name, again after some minutes. What cannot be known changes nothing: as long as a node was never read, or no pod is
// known to be ready, the addresses stay what they were. Belongs to the control thread.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net/loop.hpp"
#include "net/signal.hpp"
#include "net/task.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/list_watch.hpp"
#include "sources/api_server/own_pods.hpp"

namespace sallyport::sources::api_server {

class NodeAddresses final : private ListWatch::Keeper {
 public:
  using Addresses = std::vector<std::string>;  // sorted
  // Nothing: they are not known any more.
  using OnAddresses = std::move_only_function<void(std::optional<Addresses>)>;
  // A line, and whether it is bad news.
  using Log = std::function<void(const std::string& line, bool bad)>;

  struct Times {
    net::Duration settle{1'000};    // from one look to the next, so that what moves together is told together
    net::Duration reread{600'000};  // of a node, a quarter more or less by chance
    Pace pace;                      // of the watch; and how long what failed or was refused is waited after
  };

  // `loop` and `api` outlive it.
  NodeAddresses(net::Loop& loop, Api& api, OwnPod pod, OnAddresses on_addresses, Log log, const Times& times);
  NodeAddresses(const NodeAddresses&) = delete;
  NodeAddresses& operator=(const NodeAddresses&) = delete;

  // Whether this process leads now. One that ceases to asks for nothing and knows nothing any more.
  void lead(bool leads);

 private:
  struct Node {
    bool is_known = false;  // it was read, or there is none
    Addresses addresses;
    net::Time until{};  // when it is read again
  };

  void objects_changed(const std::vector<ObjectRef>&, const std::vector<ObjectRef>&) override { note_news(); }
  void state_changed() override { note_news(); }
  void note_news();

  net::Task<void> run();
  net::Task<void> find_peers();
  // Gives when the next is due, if nothing happens until then.
  net::Task<net::Time> look();
  net::Task<void> read(std::string name, Node& node);
  std::set<std::string> serving_nodes() const;
  void decide();
  void complain(std::string line);

  net::Loop& loop_;
  Api& api_;
  const OwnPod pod_;
  OnAddresses on_addresses_;
  Log log_;
  const Times times_;
  Chance chance_;
  Backoff backoff_;
  std::string selector_;  // of the pods that are like ours
  std::optional<ListWatch> pods_;
  std::map<std::string, Node> nodes_;  // that our pods serve on
  net::Signal news_;
  bool has_news_ = false;
  std::optional<Addresses> told_;
  std::string complaint_;        // the last one, so that it is made once
  bool has_complained_ = false;  // in this look
  bool leads_ = false;
  net::Task<void> running_;
};

}  // namespace sallyport::sources::api_server
