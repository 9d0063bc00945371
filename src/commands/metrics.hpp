// SPDX-License-Identifier: Apache-2.0
// What workers counted, as Prometheus text. Labels come from configured objects and fixed enumerations only.

#pragma once

#include <string>
#include <vector>

#include "proxy/counters.hpp"

namespace sallyport::commands {

struct Readiness {
  bool ready = false;
  std::uint64_t version = 0;  // of the model
};

std::string metrics_text(const std::vector<proxy::WorkerReport>& workers, const Readiness& readiness);

}  // namespace sallyport::commands
