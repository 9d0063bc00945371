// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/cluster_writes.hpp"

#include <utility>

namespace sallyport::sources::api_server {

ClusterWrites::ClusterWrites(net::Loop& loop, Api& api, LeasePlace place, const ElectionSettings& settings,
                             const Log& log)
    : loop_(loop),
      api_(api),
      log_(log),
      lease_(loop, api, std::move(place), settings, log),
      statuses_([log](const std::string& line) { log(line, true); }),
      events_(
          settings.identity, [&loop] { return loop.wall(); }, [log](const std::string& line) { log(line, true); }),
      writes_(loop, api, lease_, {&statuses_, &events_}) {
  lease_.on_step([this] {
    writes_.look();
    if (nodes_) nodes_->lead(leads());
  });
}

void ClusterWrites::find_addresses(OwnPod pod, NodeAddresses::OnAddresses on_addresses) {
  nodes_.emplace(loop_, api_, std::move(pod), std::move(on_addresses), log_, NodeAddresses::Times());
}

void ClusterWrites::stop(std::move_only_function<void()> done) {
  nodes_.reset();
  writes_.stop([this, done = std::move(done)]() mutable {
    giving_back_ = give_back(std::move(done));
    giving_back_.start();
  });
}

net::Task<void> ClusterWrites::give_back(std::move_only_function<void()> done) {
  co_await lease_.give_back();
  done();
}

}  // namespace sallyport::sources::api_server
