// SPDX-License-Identifier: Apache-2.0
// What `run` tells of objects: lines always, and to a cluster that may be written to, statuses and Events.
//
// Belongs to the control thread.

#pragma once

#include <functional>
#include <optional>

#include "commands/metrics.hpp"
#include "control/control.hpp"
#include "net/loop.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/cluster_writes.hpp"
#include "sources/source.hpp"

namespace sallyport::commands {

class ToldBack final : public sources::EventSink {
 public:
  // `lines` outlives it.
  explicit ToldBack(sources::EventSink& lines) : lines_(lines) {}

  void tell(const sources::Published& published) override;
  void gone(const ObjectRef& ref) override;

  // Before control starts: there is a cluster, where this Lease says who writes. With a pod, Ingresses list the
  // addresses of the nodes of pods like it. `loop` and `api` outlive this; `control` is called while the loop turns.
  void begin(net::Loop& loop, sources::api_server::Api& api, sources::api_server::LeasePlace place,
             control::Control& control, std::optional<sources::api_server::OwnPod> pod = {});
  // No more is told to the cluster. `done` is called once the lease is given back; at once where there is none.
  void stop(std::move_only_function<void()> done);

  // Nothing where there is no cluster to be told.
  std::optional<Figures::ToldBack> figures() const;

 private:
  sources::EventSink& lines_;
  std::optional<sources::api_server::ClusterWrites> writes_;
};

}  // namespace sallyport::commands
