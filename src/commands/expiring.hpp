// SPDX-License-Identifier: Apache-2.0
// Certificates that have expired, or will within 30 days, and those that are not valid yet. Pure: the time is given.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/json_writer.hpp"
#include "model/certificate.hpp"

namespace sallyport::commands {

struct Expiring {
  std::string certificate;      // id
  std::int64_t not_before = 0;  // seconds since 1970
  std::int64_t not_after = 0;   //
  std::int64_t ahead = 0;       // seconds until it is valid; 0 when it is, or was
  std::int64_t left = 0;        // seconds; below 0 when it has expired
  model::Origin origin;

  // Clients refuse it now.
  bool is_out_of_date() const { return ahead > 0 || left < 0; }
};

// In seconds since 1970, by the wall clock.
std::int64_t seconds_now();

// The soonest to end first.
std::vector<Expiring> expiring(const std::vector<std::shared_ptr<const model::Certificate>>& certificates,
                               std::int64_t now);

// "certificate shop/web-tls (web.yaml:3) has expired 3 days ago, at 2026-11-24T00:00:00Z", "… is not valid before
// 2026-12-24T00:00:00Z, in 26 days"
std::string to_text(const Expiring& one);
void write_expiring(JsonWriter& json, const Expiring& one);

}  // namespace sallyport::commands
