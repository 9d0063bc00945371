// SPDX-License-Identifier: Apache-2.0
#include "commands/metrics.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "http/gateway_answer.hpp"

namespace sallyport::commands {
namespace {

using net::Duration;

proxy::WorkerReport with_backend(std::string id, std::uint64_t requests) {
  proxy::WorkerReport report;
  proxy::BackendReport backend;
  backend.id = std::move(id);
  for (std::uint64_t i = 0; i < requests; ++i) backend.requests.count(200, Duration(3));
  backend.connects = 5;
  backend.connect_failures = 2;
  backend.stale_retries = 1;
  report.backends.push_back(backend);
  return report;
}

// The value of one series; empty when it is not there.
std::string value(const std::string& text, std::string_view series) {
  for (const std::string_view line : text::split(text, '\n')) {
    if (line.starts_with(series) && line.substr(series.size()).starts_with(' ')) {
      return std::string(line.substr(series.size() + 1));
    }
  }
  return "";
}

TEST(RequestCounters, AStatusIsCountedByItsClass) {
  proxy::RequestCounters counters;
  for (const std::uint16_t status : {std::uint16_t{0}, std::uint16_t{101}, std::uint16_t{200}, std::uint16_t{299},
                                     std::uint16_t{304}, std::uint16_t{499}, std::uint16_t{503}}) {
    counters.count(status, Duration(0));
  }
  EXPECT_EQ(counters.by_class, (std::array<std::uint64_t, 6>{1, 1, 2, 1, 1, 1}));
}

TEST(RequestCounters, ABucketHoldsItsUpperBound) {
  proxy::RequestCounters counters;
  counters.count(200, Duration(0));
  counters.count(200, Duration(1));
  counters.count(200, Duration(2));
  counters.count(200, Duration(30'000));
  counters.count(200, Duration(30'001));
  EXPECT_EQ(counters.by_duration[0], 2U);
  EXPECT_EQ(counters.by_duration[1], 1U);
  EXPECT_EQ(counters.by_duration[proxy::duration_bounds.size() - 1], 1U);
  EXPECT_EQ(counters.by_duration[proxy::duration_bounds.size()], 1U);
  EXPECT_EQ(counters.duration_sum, Duration(60'004));
}

TEST(Metrics, ABackendsCountsAreSummedOverWorkers) {
  const std::string text = metrics_text({with_backend("a", 2), with_backend("a", 3), with_backend("b", 7)}, {});
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="a",class="2xx"})"), "5");
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="b",class="2xx"})"), "7");
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="a",class="5xx"})"), "0");
  EXPECT_EQ(value(text, R"(sallyport_connects_total{backend="a"})"), "10");
  EXPECT_EQ(value(text, R"(sallyport_connect_failures_total{backend="a"})"), "4");
  EXPECT_EQ(value(text, R"(sallyport_stale_retries_total{backend="a"})"), "2");
}

TEST(Metrics, RequestsWithoutBackendHaveAnEmptyOne) {
  proxy::WorkerReport report;
  report.unrouted.count(404, Duration(1));
  report.unrouted.count(0, Duration(1));
  const std::string text = metrics_text({report, report}, {});
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="",class="4xx"})"), "2");
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="",class="none"})"), "2");
}

TEST(Metrics, DurationsAreCumulativeAndInSeconds) {
  proxy::WorkerReport report;
  for (const int took : {1, 2, 3, 700, 60'000}) report.unrouted.count(200, Duration(took));
  const std::string text = metrics_text({report}, {});
  const auto bucket = [&](std::string_view bound) {
    return value(text, text::cat(R"(sallyport_request_duration_seconds_bucket{backend="",le=")", bound, R"("})"));
  };
  EXPECT_EQ(bucket("0.001"), "1");
  EXPECT_EQ(bucket("0.002"), "2");
  EXPECT_EQ(bucket("0.005"), "3");
  EXPECT_EQ(bucket("0.5"), "3");
  EXPECT_EQ(bucket("1"), "4");
  EXPECT_EQ(bucket("30"), "4");
  EXPECT_EQ(bucket("+Inf"), "5");
  EXPECT_EQ(value(text, R"(sallyport_request_duration_seconds_count{backend=""})"), "5");
  EXPECT_EQ(value(text, R"(sallyport_request_duration_seconds_sum{backend=""})"), "60.706");
}

TEST(Metrics, WhatIsAWorkersHasItsNumber) {
  proxy::WorkerReport first;
  first.accepted = 10;
  first.open = 3;
  first.held_bytes = 16384;
  first.lost_log_lines = 1;
  first.notes.underscore_names = 2;
  first.notes.protected_options = 4;
  const std::string text = metrics_text({first, proxy::WorkerReport()}, {});
  EXPECT_EQ(value(text, R"(sallyport_connections_accepted_total{worker="0"})"), "10");
  EXPECT_EQ(value(text, R"(sallyport_connections_accepted_total{worker="1"})"), "0");
  EXPECT_EQ(value(text, R"(sallyport_connections_open{worker="0"})"), "3");
  EXPECT_EQ(value(text, R"(sallyport_connection_buffer_bytes{worker="0"})"), "16384");
  EXPECT_EQ(value(text, R"(sallyport_access_log_lines_lost_total{worker="0"})"), "1");
  EXPECT_EQ(value(text, R"(sallyport_request_parts_left_out_total{worker="0",what="underscore_name"})"), "2");
  EXPECT_EQ(value(text, R"(sallyport_request_parts_left_out_total{worker="0",what="connection_option"})"), "4");
}

TEST(Metrics, AnswersOfOurOwnHaveTheWordOfTheirReason) {
  proxy::WorkerReport report;
  for (std::size_t code = 0; code < proxy::code_count; ++code) report.by_code[code] = code + 1;
  const std::string text = metrics_text({report, report}, {});
  for (std::size_t code = 0; code < proxy::code_count; ++code) {
    const auto word = http::answer_for(static_cast<Code>(code)).word;
    EXPECT_EQ(value(text, text::cat(R"(sallyport_gateway_answers_total{reason=")", word, R"("})")),
              std::to_string(2 * (code + 1)));
  }
}

TEST(Metrics, SayWhetherItIsReady) {
  EXPECT_EQ(value(metrics_text({}, {}), "sallyport_ready"), "0");
  const std::string text = metrics_text({}, {.ready = true, .version = 12});
  EXPECT_EQ(value(text, "sallyport_ready"), "1");
  EXPECT_EQ(value(text, "sallyport_config_version"), "12");
  EXPECT_NE(text.find("sallyport_build_info{version=\""), std::string::npos);
}

TEST(Metrics, ANameCannotBreakItsLabel) {
  const std::string text = metrics_text({with_backend("a\"\n\\b", 1)}, {});
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="a\"\n\\b",class="2xx"})"), "1");
}

// Prometheus refuses a page where a family comes twice.
TEST(Metrics, EachFamilyIsDescribedOnce) {
  const std::string text = metrics_text({with_backend("a", 1), with_backend("b", 1)}, {});
  std::vector<std::string_view> seen;
  for (const std::string_view line : text::split(text, '\n')) {
    if (!line.starts_with("# TYPE ")) continue;
    EXPECT_EQ(std::ranges::find(seen, line), seen.end()) << line;
    seen.push_back(line);
  }
  EXPECT_GT(seen.size(), 10U);
}

}  // namespace
}  // namespace sallyport::commands
