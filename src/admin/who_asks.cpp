// SPDX-License-Identifier: Apache-2.0
#include "admin/who_asks.hpp"

#include <algorithm>

namespace sallyport::admin {
namespace {

constexpr std::string_view origin_scheme = "http://";

// A canonical host whose last label is all digits is a dotted IPv4 address (H1-9).
bool is_address(std::string_view host) {
  if (host.starts_with('[')) return true;
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return !last.empty() && std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_our_name(std::string_view host, const Callable& callable) {
  if (callable.by_any_name) return true;
  if (host == "localhost" || host == "127.0.0.1" || host == "[::1]") return true;
  if (host.empty()) return false;
  return host == callable.address || (callable.by_any_address && is_address(host));
}

bool is_same_origin(std::string_view origin, const http::RequestHead& request) {
  return origin.starts_with(origin_scheme) && origin.substr(origin_scheme.size()) == request.authority &&
         !request.authority.empty();
}

// Browsers tell by whom they were sent; "none" is the user himself. A field of this name cannot be set by a page.
bool is_sent_by_another_site(std::string_view fetch_site) {
  return fetch_site != "none" && fetch_site != "same-origin";
}

}  // namespace

std::string_view why_refused(const http::RequestHead& request, const Callable& callable) {
  if (!is_our_name(request.host, callable)) {
    return "the Host of the request is no name of this port; call it by localhost or by the address it is bound to";
  }
  for (const http::Field& field : request.fields) {
    if (syntax::equals_ignore_case(field.name, "origin") && !is_same_origin(field.value, request)) {
      return "the Origin of the request is another site";
    }
    if (syntax::equals_ignore_case(field.name, "sec-fetch-site") && is_sent_by_another_site(field.value)) {
      return "the Sec-Fetch-Site of the request says that another site sent it";
    }
  }
  return {};
}

}  // namespace sallyport::admin
