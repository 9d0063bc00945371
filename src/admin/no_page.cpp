// SPDX-License-Identifier: Apache-2.0
#include "admin/no_page.hpp"

#include "base/text.hpp"
#include "http/text_response.hpp"

namespace sallyport::admin {
namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";

}  // namespace

Result<http::Response> no_such_page(Arena& arena, std::string_view pages) {
  return http::text_response(arena, 404, plain, text::cat("404 no_path\nThere are ", pages, ".\n"));
}

Result<http::Response> pages_are_read(Arena& arena) {
  Result<http::Response> response =
      http::text_response(arena, 405, plain, "405 method_not_allowed\nPages are read by GET and HEAD.\n");
  if (!response) return response;
  response->head.keep_alive = false;
  if (!response->head.fields.add("Allow", "GET, HEAD")) return fail(Code::overloaded);
  return response;
}

}  // namespace sallyport::admin
