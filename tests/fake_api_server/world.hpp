// SPDX-License-Identifier: Apache-2.0
// What the API port and the control port of the fake API server share. Belongs to their loop's thread.

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "fake_api_server/request_log.hpp"
#include "fake_api_server/rules.hpp"
#include "fake_api_server/store.hpp"
#include "fake_api_server/watch.hpp"
#include "fake_api_server/writes.hpp"

namespace sallyport::fake_api {

struct Behaviour {
  bool has_aggregated_discovery = true;
  bool sends_initial_events = true;    // else asking for them is refused, as by older servers
  bool says_expired_in_stream = true;  // of a watch: 200 and an ERROR event; else the status is 410
  // Who has which token; without any, who shows none is system:anonymous and may do everything.
  std::map<std::string, std::string, std::less<>> tokens;
};

struct World {
  Store store;
  Writes writes{store};
  Rules rules;
  Watches watches;
  RequestLog log;
  Behaviour behaviour;
};

}  // namespace sallyport::fake_api
