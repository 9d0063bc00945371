// SPDX-License-Identifier: Apache-2.0
// The admin port: /config, /limits, /status, /explain. Answers from what it is handed; knows neither proxy nor control
// (reference: reliability-security.md M-1). Reads only: nothing can be changed here.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "admin/who_asks.hpp"
#include "http/incoming.hpp"
#include "http/text_response.hpp"
#include "net/task.hpp"

namespace sallyport::admin {

struct Page {
  std::uint16_t status = 200;
  std::string_view content_type;  // a literal
  std::unique_ptr<http::TextSource> text;
};

// Of the request's query, and of its fields where they say in which form.
using Report = std::move_only_function<Page(const http::RequestHead&)>;

struct AdminReports {
  Report config;
  Report limits;
  Report status;
  Report explain;
};

class AdminPages final : public http::Handler {
 public:
  AdminPages(AdminReports reports, Callable callable) : reports_(std::move(reports)), callable_(std::move(callable)) {}

  net::Task<Result<http::Response>> handle(http::Incoming& incoming) override;
  void refused(http::Incoming&) override {}

 private:
  AdminReports reports_;
  Callable callable_;
};

}  // namespace sallyport::admin
