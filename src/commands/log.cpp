// SPDX-License-Identifier: Apache-2.0
#include "commands/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/printable.hpp"

namespace sallyport::commands {
namespace {

spdlog::logger& logger() {
  static const auto one = [] {
    auto made = spdlog::stderr_logger_mt("sallyport");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *one;
}

}  // namespace

void log_info(std::string_view line) { logger().info("{}", text::printable(line)); }
void log_warning(std::string_view line) { logger().warn("{}", text::printable(line)); }
void log_error(std::string_view line) { logger().error("{}", text::printable(line)); }

}  // namespace sallyport::commands
