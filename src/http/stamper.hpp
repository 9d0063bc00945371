// SPDX-License-Identifier: Apache-2.0
// What final responses get from us: Date and Server. Belongs to one server, on its thread.

#pragma once

#include <chrono>

#include "http/date.hpp"
#include "http/hop.hpp"
#include "http/session_settings.hpp"
#include "net/loop.hpp"

namespace sallyport::http {

class Stamper {
 public:
  // For a response; the clock is asked only for one that has no Date.
  Stamp stamp(net::Loop& loop, const ServerSettings& settings, bool has_date) {
    Stamp stamp{.server = settings.server, .server_header = settings.server_header};
    if (has_date) return stamp;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(loop.wall().time_since_epoch()).count();
    stamp.date = date_.at(seconds);
    return stamp;
  }

 private:
  DateText date_;
};

}  // namespace sallyport::http
