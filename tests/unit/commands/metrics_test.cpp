// SPDX-License-Identifier: Apache-2.0
#include "commands/metrics.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

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

std::string text_of(const std::vector<proxy::WorkerReport>& workers, const Figures& figures = {}) {
  BackendSeries series;
  return metrics_text(workers, figures, 10'000, series);
}

// The first reading.
std::string first_text(const std::vector<proxy::WorkerReport>& workers, std::size_t most_series) {
  BackendSeries series;
  return metrics_text(workers, {}, most_series, series);
}

std::size_t series_in(const std::string& text) {
  std::size_t count = 0;
  for (const std::string_view line : text::split(text, '\n')) count += line.empty() || line.starts_with('#') ? 0 : 1;
  return count;
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

TEST(Metrics, ACertificateSaysWhenItEnds) {
  Figures figures;
  figures.certificates = {{"shop/late", 2'000}, {"shop/soon", 1'000}, {"shop/past", -5}};
  const std::string text = text_of({}, figures);
  EXPECT_EQ(value(text, R"(sallyport_certificate_expiry_seconds{certificate="shop/late"})"), "2000");
  EXPECT_EQ(value(text, R"(sallyport_certificate_expiry_seconds{certificate="shop/soon"})"), "1000");
  EXPECT_EQ(value(text, R"(sallyport_certificate_expiry_seconds{certificate="shop/past"})"), "0");
}

TEST(Metrics, OfMoreCertificatesThanThereIsRoomForTheFirstOnesThatEndAreTold) {
  Figures figures;
  for (int number = 0; number < 5'000; ++number) {
    figures.certificates.push_back({text::cat("shop/c", number), 10'000 + number});
  }
  const std::string text = text_of({}, figures);
  EXPECT_EQ(value(text, R"(sallyport_certificate_expiry_seconds{certificate="shop/c0"})"), "10000");
  EXPECT_EQ(value(text, R"(sallyport_certificate_expiry_seconds{certificate="shop/c998"})"), "10998");
  EXPECT_EQ(value(text, R"(sallyport_certificate_expiry_seconds{certificate="shop/c999"})"), "");
  EXPECT_EQ(value(text, R"(sallyport_certificate_expiry_seconds{certificate="overflow"})"), "10999");
  EXPECT_LE(series_in(text), 10'000U);
}

TEST(RequestCounters, AStatusIsCountedByItsClass) {
  proxy::RequestCounters counters;
  for (const std::uint16_t status : {std::uint16_t{0}, std::uint16_t{101}, std::uint16_t{200}, std::uint16_t{299},
                                     std::uint16_t{304}, std::uint16_t{499}, std::uint16_t{503}}) {
    counters.count(status, Duration(0));
  }
  EXPECT_EQ(counters.by_class, (std::array<std::uint64_t, 6>{1, 1, 2, 1, 1, 1}));
}

TEST(RequestCounters, CallsOfGrpcAreCountedByTheirResult) {
  proxy::RequestCounters counters;
  for (const auto status : {http::GrpcStatus::ok, http::GrpcStatus::ok, http::GrpcStatus::not_found,
                            http::GrpcStatus::unavailable, http::GrpcStatus::unknown, http::GrpcStatus::internal}) {
    counters.count(status);
  }
  EXPECT_EQ(counters.by_call_result, (std::array<std::uint64_t, 3>{2, 1, 3}));
  counters.add(counters);
  EXPECT_EQ(counters.by_call_result, (std::array<std::uint64_t, 3>{4, 2, 6}));
}

TEST(Metrics, CallsOfGrpcAreToldByBackendAndByStatus) {
  proxy::WorkerReport worker = with_backend("b", 3);
  worker.backends[0].requests.by_call_result = {5, 6, 7};
  worker.unrouted.by_call_result = {0, 0, 8};
  worker.by_grpc_status[5] = 6;
  proxy::WorkerReport other;
  other.number = 1;
  other.by_grpc_status[5] = 1;
  const std::string text = text_of({worker, other});
  EXPECT_EQ(value(text, R"(sallyport_grpc_calls_total{backend="b",result="ok"})"), "5");
  EXPECT_EQ(value(text, R"(sallyport_grpc_calls_total{backend="b",result="client_error"})"), "6");
  EXPECT_EQ(value(text, R"(sallyport_grpc_calls_total{backend="b",result="server_error"})"), "7");
  EXPECT_EQ(value(text, R"(sallyport_grpc_calls_total{backend="",result="server_error"})"), "8");
  EXPECT_EQ(value(text, R"(sallyport_grpc_statuses_total{status="NOT_FOUND"})"), "7");
  EXPECT_EQ(value(text, R"(sallyport_grpc_statuses_total{status="OK"})"), "0");
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
  const std::string text = text_of({with_backend("a", 2), with_backend("a", 3), with_backend("b", 7)});
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
  const std::string text = text_of({report, report});
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="",class="4xx"})"), "2");
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="",class="none"})"), "2");
}

TEST(Metrics, DurationsAreCumulativeAndInSeconds) {
  proxy::WorkerReport report;
  for (const int took : {1, 2, 3, 700, 60'000}) report.unrouted.count(200, Duration(took));
  const std::string text = text_of({report});
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
  first.charged_bytes = 20000;
  first.frame_bytes = 700;
  first.pressure = 2;
  first.sources_refused = 9;
  first.shed = 8;
  first.cut = 7;
  first.notes.empty_lines = 6;
  first.notes.tiny_reads = 5;
  first.notes.glitch_ends = 3;
  first.lost_log_lines = 1;
  first.notes.underscore_names = 2;
  first.notes.protected_options = 4;
  proxy::WorkerReport second;
  second.number = 1;
  const std::string text = text_of({second, first});  // whoever answered first
  EXPECT_EQ(value(text, R"(sallyport_connections_accepted_total{worker="0"})"), "10");
  EXPECT_EQ(value(text, R"(sallyport_connections_accepted_total{worker="1"})"), "0");
  EXPECT_EQ(value(text, R"(sallyport_connections_open{worker="0"})"), "3");
  EXPECT_EQ(value(text, R"(sallyport_held_bytes{worker="0"})"), "20000");
  EXPECT_EQ(value(text, R"(sallyport_connection_buffer_bytes{worker="0"})"), "16384");
  EXPECT_EQ(value(text, R"(sallyport_frame_bytes{worker="0"})"), "700");
  EXPECT_EQ(value(text, R"(sallyport_pressure_stage{worker="0"})"), "2");
  EXPECT_EQ(value(text, R"(sallyport_connections_refused_total{worker="0"})"), "9");
  EXPECT_EQ(value(text, R"(sallyport_connections_shed_total{worker="0"})"), "8");
  EXPECT_EQ(value(text, R"(sallyport_exchanges_cut_total{worker="0"})"), "7");
  EXPECT_EQ(value(text, R"(sallyport_oddities_total{worker="0",what="empty_line"})"), "6");
  EXPECT_EQ(value(text, R"(sallyport_oddities_total{worker="0",what="tiny_read"})"), "5");
  EXPECT_EQ(value(text, R"(sallyport_glitch_ends_total{worker="0"})"), "3");
  EXPECT_EQ(value(text, R"(sallyport_access_log_lines_lost_total{worker="0"})"), "1");
  EXPECT_EQ(value(text, R"(sallyport_request_parts_left_out_total{worker="0",what="underscore_name"})"), "2");
  EXPECT_EQ(value(text, R"(sallyport_request_parts_left_out_total{worker="0",what="connection_option"})"), "4");
}

TEST(Metrics, AnswersOfOurOwnHaveTheWordOfTheirReason) {
  proxy::WorkerReport report;
  for (std::size_t code = 0; code < proxy::code_count; ++code) report.by_code[code] = code + 1;
  const std::string text = text_of({report, report});
  for (std::size_t code = 0; code < proxy::code_count; ++code) {
    const auto word = http::answer_for(static_cast<Code>(code)).word;
    EXPECT_EQ(value(text, text::cat(R"(sallyport_gateway_answers_total{reason=")", word, R"("})")),
              std::to_string(2 * (code + 1)));
  }
}

TEST(Metrics, SayWhetherItIsReady) {
  EXPECT_EQ(value(text_of({}), "sallyport_ready"), "0");
  const std::string text = text_of({}, {.ready = true, .version = 12});
  EXPECT_EQ(value(text, "sallyport_ready"), "1");
  EXPECT_EQ(value(text, "sallyport_config_version"), "12");
  EXPECT_NE(text.find("sallyport_build_info{version=\""), std::string::npos);
}

TEST(Metrics, ANameCannotBreakItsLabel) {
  const std::string text = text_of({with_backend("a\"\n\\b", 1)});
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="a\"\n\\b",class="2xx"})"), "1");
}

// Prometheus refuses a page where a family comes twice.
TEST(Metrics, EachFamilyIsDescribedOnce) {
  const std::string text = text_of({with_backend("a", 1), with_backend("b", 1)});
  std::vector<std::string_view> seen;
  for (const std::string_view line : text::split(text, '\n')) {
    if (!line.starts_with("# TYPE ")) continue;
    EXPECT_EQ(std::ranges::find(seen, line), seen.end()) << line;
    seen.push_back(line);
  }
  EXPECT_GT(seen.size(), 10U);
}

TEST(Metrics, SayWhatBecameOfTheConfiguration) {
  Figures figures;
  figures.objects = {.accepted = 7, .ignored = 2, .rejected = 3, .last_good = 1, .rules = 9};
  figures.work = {.translate = 40, .resolve = 50, .compose = 60};
  figures.file_problems = {4, 3, 2, 1};
  figures.compiled = {
      .snapshots = 2, .nodes = 1000, .bytes = 64'000, .nodes_made = 1100, .rules = 9, .rules_outside_index = 5};
  figures.propagation.add(std::chrono::milliseconds(2));
  figures.propagation.add(std::chrono::milliseconds(3));
  const std::string text = text_of({}, figures);
  struct Case {
    std::string_view series;
    std::string_view value;
  };
  const Case cases[] = {
      {R"(sallyport_objects{verdict="accepted"})", "7"},
      {R"(sallyport_objects{verdict="ignored"})", "2"},
      {R"(sallyport_objects{verdict="rejected"})", "3"},
      {"sallyport_objects_last_good", "1"},
      {R"(sallyport_file_problems{kind="broken"})", "4"},
      {R"(sallyport_file_problems{kind="duplicate"})", "3"},
      {R"(sallyport_file_problems{kind="ignored"})", "2"},
      {R"(sallyport_file_problems{kind="watch"})", "1"},
      {"sallyport_config_translations_total", "40"},
      {"sallyport_config_resolutions_total", "50"},
      {"sallyport_rules", "9"},
      {"sallyport_rules_outside_index", "5"},
      {"sallyport_snapshots_alive", "2"},
      {"sallyport_snapshot_nodes", "1000"},
      {"sallyport_snapshot_bytes", "64000"},
      {"sallyport_snapshot_nodes_made_total", "1100"},
      {R"(sallyport_config_propagation_seconds_bucket{le="0.002"})", "1"},
      {R"(sallyport_config_propagation_seconds_bucket{le="0.005"})", "2"},
      {R"(sallyport_config_propagation_seconds_bucket{le="+Inf"})", "2"},
      {"sallyport_config_propagation_seconds_count", "2"},
      {"sallyport_config_propagation_seconds_sum", "0.005"},
  };
  for (const Case& one : cases) EXPECT_EQ(value(text, one.series), one.value) << one.series;
}

TEST(Metrics, SayWhatWasToldBackToTheClusterWhereItMayBe) {
  Figures figures;
  EXPECT_EQ(text_of({}, figures).find("sallyport_leader"), std::string::npos);
  figures.told_back = Figures::ToldBack{.leads = true,
                                        .statuses = {.written = 5, .conflicts = 4, .refused = 3},
                                        .events = {.created = 9, .repeated = 8, .known = 7, .dropped = 6}};
  const std::string text = text_of({}, figures);
  EXPECT_EQ(value(text, "sallyport_leader"), "1");
  EXPECT_EQ(value(text, R"(sallyport_status_writes_total{result="written"})"), "5");
  EXPECT_EQ(value(text, R"(sallyport_status_writes_total{result="conflict"})"), "4");
  EXPECT_EQ(value(text, R"(sallyport_status_writes_total{result="refused"})"), "3");
  EXPECT_EQ(value(text, R"(sallyport_events_total{result="created"})"), "9");
  EXPECT_EQ(value(text, R"(sallyport_events_total{result="repeated"})"), "8");
  EXPECT_EQ(value(text, R"(sallyport_events_total{result="known"})"), "7");
  EXPECT_EQ(value(text, R"(sallyport_events_total{result="dropped"})"), "6");
}

// The first two workers know all backends, as the others may not yet.
std::vector<proxy::WorkerReport> many(std::size_t workers, std::size_t backends) {
  std::vector<proxy::WorkerReport> all(workers);
  for (proxy::WorkerReport& worker : all) {
    worker.number = static_cast<std::size_t>(&worker - all.data());
    worker.accepted = 3;
    for (std::size_t number = 0; number < backends && worker.number < 2; ++number) {
      proxy::BackendReport backend;
      backend.id = text::cat("b", 10'000 + number);
      backend.connects = 1;
      backend.requests.count(200, Duration(3));
      worker.backends.push_back(backend);
    }
  }
  return all;
}

TEST(Metrics, NeverHaveMoreSeriesThanTheLimit) {
  for (const std::size_t most : {500U, 1000U, 10'000U}) {
    for (const std::size_t workers : {1U, 8U, 1024U}) {
      for (const std::size_t backends : {0U, 1U, 30U, 3000U}) {
        const std::string text = first_text(many(workers, backends), most);
        EXPECT_LE(series_in(text), most) << workers << " " << backends;
        EXPECT_GE(series_in(text), 80U);
      }
    }
  }
}

TEST(Metrics, AreAllTheirOwnWhenTheyJustFit) {
  const std::size_t of_one =
      series_in(first_text(many(2, 51), 1'000'000)) - series_in(first_text(many(2, 50), 1'000'000));
  const std::size_t size = series_in(first_text(many(2, 51), 1'000'000));  // one place is kept for the overflow
  EXPECT_EQ(first_text(many(2, 50), size).find("\"overflow\""), std::string::npos);
  const std::string over = first_text(many(2, 51), size);
  EXPECT_EQ(series_in(over), size);
  EXPECT_EQ(value(over, R"(sallyport_connects_total{backend="overflow"})"), "2");  // of the last one, at both workers
  EXPECT_EQ(value(over, R"(sallyport_metric_overflow{label="backend"})"), "1");
  EXPECT_EQ(series_in(first_text(many(2, 51), size - 1)), size - of_one);
}

TEST(Metrics, ABackendThatWasNeverAskedHasNone) {
  proxy::WorkerReport worker;
  worker.backends.push_back({.id = "idle"});
  EXPECT_EQ(text_of({worker}).find("idle"), std::string::npos);
  EXPECT_NE(text_of({worker, with_backend("idle", 1)}).find("idle"), std::string::npos);
}

// All samples of counters, by name and labels.
std::map<std::string, double> counters_in(const std::string& text) {
  std::map<std::string, double> all;
  for (const std::string_view line : text::split(text, '\n')) {
    const std::size_t space = line.rfind(' ');
    if (line.starts_with('#') || space == line.npos) continue;
    const bool is_gauge = line.starts_with("sallyport_metric_overflow") || line.starts_with("sallyport_connection");
    if (!is_gauge) all.emplace(line.substr(0, space), std::stod(std::string(line.substr(space + 1))));
  }
  return all;
}

TEST(Metrics, NoCounterFallsOrJumpsWhenABackendComesBefore) {
  BackendSeries series;
  std::vector<proxy::WorkerReport> workers = many(1, 100);
  const auto before = counters_in(metrics_text(workers, {}, 1000, series));
  const double over = before.at(R"(sallyport_connects_total{backend="overflow"})");
  ASSERT_GT(over, 0);
  proxy::BackendReport first;
  first.id = "a";
  first.connects = 7;
  workers.front().backends.insert(workers.front().backends.begin(), first);
  const auto after = counters_in(metrics_text(workers, {}, 1000, series));
  for (const auto& [name, count] : before) {
    ASSERT_TRUE(after.contains(name)) << name;
    const bool grew = name == R"(sallyport_connects_total{backend="overflow"})";
    EXPECT_EQ(after.at(name), grew ? over + 7 : count) << name;
  }
  EXPECT_EQ(after.size(), before.size());
}

TEST(Metrics, IdleBackendsPushNoneOut) {
  BackendSeries series;
  proxy::WorkerReport worker;
  for (int number = 0; number < 3000; ++number) worker.backends.push_back({.id = text::cat("idle", number)});
  const std::string text = metrics_text({worker, with_backend("z", 4)}, {}, 1000, series);
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="z",class="2xx"})"), "4");
  EXPECT_EQ(value(text, R"(sallyport_metric_overflow{label="backend"})"), "0");
}

TEST(Metrics, WhatIsOverIsAddedUpAndTheFirstIdsStay) {
  const std::string text = first_text(many(1, 3000), 1000);
  const auto connects = [&](std::string_view id) {
    return value(text, text::cat(R"(sallyport_connects_total{backend=")", id, R"("})"));
  };
  EXPECT_EQ(connects("b10000"), "1");
  EXPECT_EQ(connects("b12999"), "");
  const auto left = value(text, R"(sallyport_metric_overflow{label="backend"})");
  EXPECT_EQ(connects("overflow"), left);
  EXPECT_EQ(value(text, R"(sallyport_requests_total{backend="overflow",class="2xx"})"), left);
  EXPECT_EQ(value(text, R"(sallyport_request_duration_seconds_count{backend="overflow"})"), left);
  std::size_t own = 0;
  while (!connects(text::cat("b", 10'000 + own)).empty()) ++own;
  EXPECT_EQ(std::to_string(3000 - own), left);
  // In whatever order workers tell of them.
  std::vector<proxy::WorkerReport> reversed = many(1, 3000);
  std::ranges::reverse(reversed.front().backends);
  EXPECT_EQ(first_text(reversed, 1000), text);
}

TEST(Metrics, WorkersThatAreOverAreAddedUpToo) {
  const std::string text = first_text(many(1024, 0), 1000);
  const auto left = value(text, R"(sallyport_metric_overflow{label="worker"})");
  EXPECT_NE(left, "0");
  EXPECT_EQ(value(text, R"(sallyport_connections_accepted_total{worker="overflow"})"),
            std::to_string(3 * std::stoul(left)));
  EXPECT_EQ(value(text, R"(sallyport_connections_accepted_total{worker="0"})"), "3");
}

TEST(Metrics, KindsOfAClusterSayHowOldTheyAre) {
  using sources::api_server::KindState;
  Figures figures;
  figures.kinds = {{.kind = "services",
                    .state = KindState::stale,
                    .age = net::Duration(61'900),
                    .objects = 7,
                    .lists = 2,
                    .lost_events = 1},
                   {.kind = "gateroutes.sallyport.dev", .state = KindState::not_served, .age = {}}};
  const std::string text = text_of({}, figures);
  EXPECT_EQ(value(text, R"(sallyport_source_age_seconds{kind="services"})"), "61");
  EXPECT_EQ(value(text, R"(sallyport_source_age_seconds{kind="gateroutes.sallyport.dev"})"), "");
  EXPECT_EQ(value(text, R"(sallyport_source_state{kind="services",state="stale"})"), "1");
  EXPECT_EQ(value(text, R"(sallyport_source_state{kind="services",state="live"})"), "0");
  EXPECT_EQ(value(text, R"(sallyport_source_state{kind="gateroutes.sallyport.dev",state="not_served"})"), "1");
  EXPECT_EQ(value(text, R"(sallyport_source_objects{kind="services"})"), "7");
  EXPECT_EQ(value(text, R"(sallyport_source_lists_total{kind="services"})"), "2");
  EXPECT_EQ(value(text, R"(sallyport_source_lost_events_total{kind="services"})"), "1");
}

TEST(Metrics, WithoutAClusterThereAreNoKinds) { EXPECT_FALSE(text_of({}).contains("sallyport_source_")); }

}  // namespace
}  // namespace sallyport::commands
