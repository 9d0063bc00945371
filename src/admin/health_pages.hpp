// SPDX-License-Identifier: Apache-2.0
// The read-only port: /livez, /healthz, /readyz, /metrics. Answers from what it is handed; knows neither proxy nor
// control (reference: reliability-security.md M-1).

#pragma once

#include <functional>
#include <string>

#include "http/incoming.hpp"
#include "net/task.hpp"

namespace sallyport::admin {

struct HealthReports {
  // Empty: alive. Else what is not.
  std::move_only_function<std::string()> not_live;
  // Empty: ready. Else what is missing.
  std::move_only_function<std::string()> not_ready;
  // The Prometheus text.
  std::move_only_function<net::Task<std::string>()> metrics;
};

class HealthPages final : public http::Handler {
 public:
  explicit HealthPages(HealthReports reports) : reports_(std::move(reports)) {}

  net::Task<Result<http::Response>> handle(http::Incoming& incoming) override;
  void refused(http::Incoming&) override {}

 private:
  HealthReports reports_;
};

}  // namespace sallyport::admin
