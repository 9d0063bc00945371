// SPDX-License-Identifier: Apache-2.0
// The admin port: /explain asks the real request path. What it says is JSON, or lines of plain text, and never about
// another host than the one asked for; who calls it by a foreign name hears nothing. Two lines: the query, and a Host.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "admin/who_asks.hpp"
#include "commands/admin_reports.hpp"
#include "commands/explain_report.hpp"
#include "commands/query.hpp"
#include "control/engine.hpp"
#include "http/h1/request_parser.hpp"
#include "kube/json.hpp"
#include "kube/reader.hpp"
#include "net/loop.hpp"
#include "require.hpp"
#include "routing/compiler.hpp"
#include "text_parts.hpp"

namespace {

using namespace sallyport;
using fuzz::require;

constexpr std::string_view objects = R"(
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {ports: [{port: 80}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080}]
endpoints: [{addresses: [10.1.2.3]}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules:
    - host: shop.test
      http:
        paths:
          - {path: /cart, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
          - {path: /none, pathType: Exact, backend: {service: {name: none, port: {number: 80}}}}
---
apiVersion: sallyport.dev/v1alpha1
kind: GateRoute
metadata: {name: canary, namespace: shop}
spec:
  hosts: ["*.shop.test"]
  rules:
    - path: {type: Prefix, value: /}
      when: [{header: {name: X-Canary, exact: "yes"}}, {query: {name: a, present: true}}, {client: [10.0.0.0/8]}]
      backends: [{service: web, port: 80}]
)";

struct Gateway {
  Gateway() {
    sources::Changes all;
    all.changed = kube::read_objects("objects.yaml", objects).objects;
    require(all.changed.size() == 4);
    for (const auto& object : all.changed) require(object->complaints.empty());
    snapshot = compiler.apply(engine.apply(all).delta).snapshot;
  }

  control::Engine engine{{}};
  routing::Compiler compiler;
  decltype(routing::Change::snapshot) snapshot;
  net::Loop loop;
};

std::string text_of(const admin::Page& page) {
  std::string text;
  while (page.text->append_to(text)) {
  }
  return text;
}

void check_page(const admin::Page& page) {
  const std::string text = text_of(page);
  require(page.status == 200 || page.status == 400);
  if (page.content_type == "application/json") {
    require(kube::parse_json(text).has_value());
    return;
  }
  require(text.ends_with('\n'));
  for (const char c : text) require(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
}

void check_explained(const commands::Asked& asked, const Result<commands::Explained>& explained) {
  if (!explained) {
    require(explained.error().code == Code::invalid && !explained.error().detail.empty());
    return;
  }
  require(!explained->refused || !explained->served());
  require(explained->method == asked.method || explained->refused);
  if (explained->explanation.rule == nullptr) return;
  require(explained->path.starts_with('/') && explained->host.ends_with("shop.test"));
}

// By a name of ours, or not at all.
void check_who_asks(std::string_view host) {
  Arena arena;
  http::RequestHead head(arena);
  http::Notes notes;
  const std::string bytes = "GET /status HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n";
  const auto size = http::h1::parse_request_head(bytes, {}, {}, arena, head, notes);
  if (!size || *size != bytes.size()) return;
  const admin::Callable local{.address = "127.0.0.1"};
  const bool heard = admin::why_refused(head, local).empty();
  require(heard == (head.host == "localhost" || head.host == "127.0.0.1" || head.host == "[::1]"));
  const admin::Callable anywhere{.by_any_address = true, .address = "0.0.0.0"};
  const bool is_address = syntax::IpAddress::parse(head.host).has_value() || head.host.starts_with('[');
  require(admin::why_refused(head, anywhere).empty() == (is_address || head.host == "localhost"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Gateway gateway;
  static admin::AdminReports reports = commands::admin_reports({
      .config = [] { return commands::ConfigReport{.version = 5}; },
      .status = [] { return commands::StatusReport{.version = 6}; },
      .explain =
          [](const commands::Asked& asked) {
            auto explained = commands::explain_request(*gateway.snapshot, asked, {}, gateway.loop);
            check_explained(asked, explained);
            return explained;
          },
  });
  const auto lines = fuzz::lines_of(fuzz::whole_text(data, size));
  Arena arena;
  http::RequestHead request(arena);
  request.query = lines.front();
  check_page(reports.config(request));
  check_page(reports.status(request));
  check_page(reports.explain(request));
  check_who_asks(lines.back());
  return 0;
}
