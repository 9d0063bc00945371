// SPDX-License-Identifier: Apache-2.0
// All that goes back to a cluster: statuses and Events, and the lease that says whose turn it is. The parts are wired
// here; each has its own page: status_writer.hpp, event_writer.hpp, lease.hpp, leader_writes.hpp; and what only who
// writes has to know: node_addresses.hpp.
//
// Belongs to the control thread.

#pragma once

#include <functional>
#include <string>

#include "net/loop.hpp"
#include "net/task.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/election.hpp"
#include "sources/api_server/event_writer.hpp"
#include "sources/api_server/leader_writes.hpp"
#include "sources/api_server/lease.hpp"
#include "sources/api_server/node_addresses.hpp"
#include "sources/api_server/status_writer.hpp"
#include "sources/source.hpp"

namespace sallyport::sources::api_server {

class ClusterWrites {
 public:
  // A line, and whether it is bad news.
  using Log = std::function<void(const std::string& line, bool bad)>;

  // `loop` and `api` outlive it.
  ClusterWrites(net::Loop& loop, Api& api, LeasePlace place, const ElectionSettings& settings, const Log& log);

  StatusSink& statuses() { return statuses_; }
  EventSink& events() { return events_; }

  // Before start(): while this process leads, it finds out on which nodes pods like this one are ready, and says what
  // their addresses are.
  void find_addresses(OwnPod pod, NodeAddresses::OnAddresses on_addresses);

  // Takes the lease as soon as it can be had, and writes while it holds.
  void start() { lease_.start(); }
  // Begins no write any more, waits for those under way, gives the lease back, and calls `done`: after
  // LeaderWrites::longest_write and ClusterLease::patience at most, which is nine seconds, however the API server
  // answers.
  void stop(std::move_only_function<void()> done);

  bool leads() const { return lease_.held_until().has_value(); }
  const StatusWriter::Counts& status_counts() const { return statuses_.counts(); }
  const EventWriter::Counts& event_counts() const { return events_.counts(); }

 private:
  net::Task<void> give_back(std::move_only_function<void()> done);

  net::Loop& loop_;
  Api& api_;
  Log log_;
  ClusterLease lease_;
  StatusWriter statuses_;
  EventWriter events_;
  LeaderWrites writes_;
  std::optional<NodeAddresses> nodes_;
  net::Task<void> giving_back_;
};

}  // namespace sallyport::sources::api_server
