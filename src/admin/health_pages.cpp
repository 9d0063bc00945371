// SPDX-License-Identifier: Apache-2.0
#include "admin/health_pages.hpp"

#include <memory>
#include <utility>

#include "admin/no_page.hpp"
#include "http/text_response.hpp"

namespace sallyport::admin {
namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";
constexpr std::string_view prometheus = "text/plain; version=0.0.4; charset=utf-8";

Result<http::Response> verdict(Arena& arena, const std::string& problem) {
  return problem.empty() ? http::text_response(arena, 200, plain, "ok\n")
                         : http::text_response(arena, 503, plain, problem + "\n");
}

}  // namespace

net::Task<Result<http::Response>> HealthPages::handle(http::Incoming& incoming) {
  const http::RequestHead& request = incoming.request.head;
  if (request.method != http::Method::get && request.method != http::Method::head) {
    co_return pages_are_read(incoming.arena);
  }
  if (request.path == "/livez" || request.path == "/healthz") co_return verdict(incoming.arena, reports_.not_live());
  if (request.path == "/readyz") co_return verdict(incoming.arena, reports_.not_ready());
  if (request.path != "/metrics") {
    co_return no_such_page(incoming.arena, "/livez, /healthz, /readyz and /metrics");
  }
  // It would be made for nobody.
  if (request.method == http::Method::head)
    co_return http::text_response(incoming.arena, incoming.loop, 200, prometheus, std::make_unique<http::EmptyText>());
  std::string text = co_await reports_.metrics();
  co_return http::text_response(incoming.arena, 200, prometheus, std::move(text));
}

}  // namespace sallyport::admin
