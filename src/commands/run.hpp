// SPDX-License-Identifier: Apache-2.0
// `sallyport run`: serves a folder until TERM or INT.

#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "control/settings.hpp"
#include "net/timer_wheel.hpp"
#include "proxy/settings.hpp"
#include "syntax/address.hpp"

namespace sallyport::commands {

// Where the admin port is.
struct AdminPlace {
  std::optional<syntax::SocketAddress> address;
  std::string unix_path;  // or a Unix socket; neither: off
};

inline bool is_off(const AdminPlace& place) { return !place.address && place.unix_path.empty(); }

struct RunOptions {
  std::string config;
  control::Settings control;
  proxy::Settings proxy;
  std::optional<syntax::SocketAddress> health;  // none: off
  AdminPlace admin;
  std::string status_file;             // empty: none
  std::size_t metric_series = 10'000;  // of /metrics, at most
  net::Duration lameduck{0};           // from the signal until no more is accepted; not ready meanwhile
  net::Duration drain{25'000};         // for what is under way then
};

// Exit status: 0; 1 when it cannot serve; 2 when the folder is not there, or the status file cannot be one.
int run(const RunOptions& options);

}  // namespace sallyport::commands
