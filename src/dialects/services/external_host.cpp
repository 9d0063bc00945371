// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/external_host.hpp"

#include <algorithm>

#include "syntax/address.hpp"
#include "syntax/host.hpp"
#include "syntax/token.hpp"

namespace sallyport::dialects::services {

std::string host_to_resolve(std::string_view written) {
  if (written.ends_with('.')) written.remove_suffix(1);
  std::string host = syntax::lower(written);
  const std::string_view last = std::string_view(host).substr(host.rfind('.') + 1);
  const bool is_number = std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
  if (!syntax::is_hostname(host) || (is_number && !syntax::IpAddress::parse(host))) host.clear();
  return host;
}

}  // namespace sallyport::dialects::services
