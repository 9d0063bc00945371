// SPDX-License-Identifier: Apache-2.0
#include "commands/doubtful_options.hpp"

namespace sallyport::commands {

std::vector<std::string> doubtful_options(const control::Settings& settings) {
  std::vector<std::string> all;
  const model::ProxyHeaders& headers = settings.proxy_headers;
  if (headers.mode == model::ProxyHeaders::Mode::strict && headers.from.empty()) {
    all.emplace_back(
        "--proxy-protocol strict without --proxy-protocol-from: whoever reaches the port is believed about who the "
        "client is; name the balancers, or let nobody else reach it");
  }
  return all;
}

}  // namespace sallyport::commands
