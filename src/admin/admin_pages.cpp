// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_pages.hpp"

#include <string>

#include "admin/no_page.hpp"

namespace sallyport::admin {
namespace {

// Not for other sites to embed, whatever they make of it.
Result<http::Response> kept_to_us(Result<http::Response> response) {
  if (response && !response->head.fields.add("Cross-Origin-Resource-Policy", "same-origin")) {
    return fail(Code::overloaded);
  }
  return response;
}

}  // namespace

net::Task<Result<http::Response>> AdminPages::handle(http::Incoming& incoming) {
  const http::RequestHead& request = incoming.request.head;
  if (const std::string_view why = why_refused(request, callable_); !why.empty()) {
    co_return kept_to_us(
        http::text_response(incoming.arena, 403, "text/plain; charset=utf-8", std::string(why) + "\n"));
  }
  if (request.method != http::Method::get && request.method != http::Method::head) {
    co_return kept_to_us(pages_are_read(incoming.arena));
  }
  Report* const report = request.path == "/config"    ? &reports_.config
                         : request.path == "/limits"  ? &reports_.limits
                         : request.path == "/status"  ? &reports_.status
                         : request.path == "/explain" ? &reports_.explain
                                                      : nullptr;
  if (report == nullptr) {
    co_return kept_to_us(no_such_page(incoming.arena, "/config, /limits, /status and /explain"));
  }
  Page page = (*report)(request);
  co_return kept_to_us(
      http::text_response(incoming.arena, incoming.loop, page.status, page.content_type, std::move(page.text)));
}

}  // namespace sallyport::admin
