// SPDX-License-Identifier: Apache-2.0
#include "commands/limits.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <type_traits>

#include "base/number.hpp"
#include "base/text.hpp"

namespace sallyport::commands {
namespace {

std::uint64_t number(net::Duration duration) { return static_cast<std::uint64_t>(duration.count()); }
std::uint64_t number(std::size_t count) { return count; }

struct Range {
  std::uint64_t least = 1;
  std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
};

// `find` gives the member of the options that the limit is kept in.
template <class Find>
constexpr Limit limit(std::string_view name, std::string_view unit, std::string_view reason, Find, Range range = {}) {
  return {.name = name,
          .unit = unit,
          .reason = reason,
          .least = range.least,
          .most = range.most,
          .get =
              [](const RunOptions& options) {
                RunOptions copy = options;
                return number(Find()(copy));
              },
          .set =
              [](RunOptions& options, std::uint64_t value) {
                auto& member = Find()(options);
                member = std::remove_reference_t<decltype(member)>(value);
              }};
}

const std::array table = {
    limit("connections", "connections", "of clients, all workers together; more wait in the kernel's queue",
          [](RunOptions& o) -> auto& { return o.proxy.connections; }),
    limit("connection-bytes", "bytes", "buffers that one client's connection holds",
          [](RunOptions& o) -> auto& { return o.proxy.server.connection_bytes; }),
    limit("worker-bytes", "bytes", "buffers that all connections of one worker hold",
          [](RunOptions& o) -> auto& { return o.proxy.held_bytes; }),
    limit("request-line-bytes", "bytes", "a longer one is answered with 414",
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.request_line; }),
    limit("uri-bytes", "bytes", "a longer one is answered with 414",
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.uri; }),
    limit("head-bytes", "bytes", "a longer one is answered with 431; at most 49152",
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.head; }, {.most = 49152}),
    limit("head-fields", "fields", "more are answered with 431",
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.fields; }),
    limit("trailer-bytes", "bytes", "a longer section is answered with 431; at most 8192",
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.trailers; }, {.most = 8192}),
    limit("trailer-fields", "fields", "more are answered with 431",
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.trailer_fields; }),
    limit("head-time", "milliseconds", "from the first byte of a request to the end of its head (408)",
          [](RunOptions& o) -> auto& { return o.proxy.server.head; }),
    limit("idle-time", "milliseconds", "that a client's connection may have nothing to do",
          [](RunOptions& o) -> auto& { return o.proxy.server.idle; }),
    limit("body-grace", "milliseconds", "of waiting for a request's body, beside what its bytes earn (408)",
          [](RunOptions& o) -> auto& { return o.proxy.server.body.grace; }),
    limit("body-rate", "bytes a second", "that a request's body has to come at",
          [](RunOptions& o) -> auto& { return o.proxy.server.body.bytes_per_second; }),
    limit("write-stall", "milliseconds", "that a client may take no byte of a response",
          [](RunOptions& o) -> auto& { return o.proxy.server.write_stall; }),
    limit("linger-time", "milliseconds", "for the rest of a request that was answered without it",
          [](RunOptions& o) -> auto& { return o.proxy.server.linger; }),
    limit("linger-bytes", "bytes", "of the rest of a request that was answered without it",
          [](RunOptions& o) -> auto& { return o.proxy.server.linger_bytes; }),
    limit("request-time", "milliseconds", "from the first byte of a request to the head of its response (504)",
          [](RunOptions& o) -> auto& { return o.proxy.request; }),
    limit("connect-time", "milliseconds", "an attempt to connect to an endpoint",
          [](RunOptions& o) -> auto& { return o.proxy.client.connect; }),
    limit("upstream-head-time", "milliseconds", "from the end of a request to the head of its response (504)",
          [](RunOptions& o) -> auto& { return o.proxy.client.head; }),
    limit("upstream-body-time", "milliseconds", "between two pieces of a response",
          [](RunOptions& o) -> auto& { return o.proxy.client.body.grace; }),
    limit("upstream-idle-time", "milliseconds", "that a connection to an endpoint is kept unused",
          [](RunOptions& o) -> auto& { return o.proxy.client.idle; }),
    // Below 500 the fixed ones would not fit.
    limit("metric-series", "series", "of /metrics, all families together; what is over is added up; at least 500",
          [](RunOptions& o) -> auto& { return o.metric_series; }, {.least = 500}),
};

}  // namespace

std::span<const Limit> limits() { return table; }

Result<void> set_limit(RunOptions& options, std::string_view assignment) {
  const auto equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const auto found = std::ranges::find(table, name, &Limit::name);
  if (found == table.end()) {
    std::string names;
    for (const Limit& one : table) names += text::cat(names.empty() ? "" : ", ", one.name);
    return fail(invalid(text::cat("--limit ", assignment, ": there is no limit of this name; there are ", names)));
  }
  const auto value =
      equals == assignment.npos ? std::nullopt : parse_decimal<std::uint32_t>(assignment.substr(equals + 1));
  if (!value || *value < found->least || *value > found->most) {
    return fail(invalid(text::cat("--limit ", assignment, ": expected ", name, "=NUMBER, in ", found->unit, ", from ",
                                  found->least, " to ", found->most)));
  }
  found->set(options, *value);
  return {};
}

std::string limits_text() {
  const RunOptions defaults;
  std::string all;
  for (const Limit& one : table) {
    all += text::cat(one.name, "=", one.get(defaults), "  ", one.unit, "; ", one.reason, "\n");
  }
  return all;
}

}  // namespace sallyport::commands
