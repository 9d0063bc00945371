// SPDX-License-Identifier: Apache-2.0
// RFC 3339 times, as Kubernetes writes them: "2026-05-04T03:02:01Z". Fractions of a second are cut off.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "kube/meta.hpp"

namespace sallyport::kube {

std::optional<Timestamp> parse_timestamp(std::string_view text);

// In UTC: "2026-05-04T03:02:01Z". A time that has no year of four digits becomes the first or last that has.
std::string format_timestamp(const Timestamp& time);
// metav1.MicroTime, the same with six digits of a fraction: "2026-05-04T03:02:01.000007Z".
std::string format_micro_time(std::chrono::system_clock::time_point time);

}  // namespace sallyport::kube
