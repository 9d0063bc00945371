// SPDX-License-Identifier: Apache-2.0
// `sallyport run`: serves a folder, or a cluster, until TERM or INT.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "commands/cluster.hpp"
#include "control/settings.hpp"
#include "net/timer_wheel.hpp"
#include "proxy/settings.hpp"
#include "sources/last_good/keeper.hpp"
#include "syntax/address.hpp"

namespace sallyport::commands {

// Where the admin port is.
struct AdminPlace {
  std::optional<syntax::SocketAddress> address;
  std::string unix_path;  // or a Unix socket; neither: off
};

inline bool is_off(const AdminPlace& place) { return !place.address && place.unix_path.empty(); }

struct RunOptions {
  std::string config;  // empty: the cluster
  ClusterOptions cluster;
  control::Settings control;
  proxy::Settings proxy;
  std::vector<syntax::SocketAddress> health;  // none: off
  AdminPlace admin;
  std::string status_file;  // empty: none
  sources::last_good::Settings last_good;
  bool last_good_without_secrets = false;
  std::size_t metric_series = 10'000;  // of /metrics, at most
  net::Duration lameduck{0};           // from the signal until no more is accepted; not ready meanwhile
  net::Duration drain{25'000};         // for what is under way then
};

// Exit status: 0; 1 when it cannot serve; 2 when the folder is not there, nobody says where the cluster is, or a place
// to write to cannot be one.
int run(const RunOptions& options);

}  // namespace sallyport::commands
