// SPDX-License-Identifier: Apache-2.0
// The admin pages' reports out of what a running gateway can tell: queries in, texts out.
//
// /config; /limits; /status?namespace=…&kind=…&name=…; /explain?method=…&url=…&header=…&from=…&output=text|json.

#pragma once

#include <functional>
#include <string>

#include "admin/admin_pages.hpp"
#include "base/result.hpp"
#include "commands/config_text.hpp"
#include "commands/explain_request.hpp"
#include "commands/status_text.hpp"

namespace sallyport::commands {

// All of this moment. Called on control's thread.
struct Telling {
  std::function<ConfigReport()> config;
  std::function<std::string()> limits;  // as JSON
  std::function<StatusReport()> status;
  std::function<Result<Explained>(const Asked&)> explain;
};

admin::AdminReports admin_reports(Telling telling);

}  // namespace sallyport::commands
