// SPDX-License-Identifier: Apache-2.0
#include "commands/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <map>
#include <utility>

#include "http/gateway_answer.hpp"
#include "sallyport_version.hpp"

namespace sallyport::commands {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

class Families {
 public:
  void counter(const std::string& name, const char* help, Labels labels, std::uint64_t value) {
    add(name, help, prometheus::MetricType::Counter, std::move(labels)).counter.value = static_cast<double>(value);
  }
  void gauge(const std::string& name, const char* help, Labels labels, std::uint64_t value) {
    add(name, help, prometheus::MetricType::Gauge, std::move(labels)).gauge.value = static_cast<double>(value);
  }
  void durations(const std::string& name, const char* help, Labels labels, const proxy::RequestCounters& requests) {
    auto& histogram = add(name, help, prometheus::MetricType::Histogram, std::move(labels)).histogram;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < requests.by_duration.size(); ++i) {
      below += requests.by_duration[i];
      const double bound = i < proxy::duration_bounds.size() ? static_cast<double>(proxy::duration_bounds[i]) / 1000
                                                             : std::numeric_limits<double>::infinity();
      histogram.bucket.push_back({.cumulative_count = below, .upper_bound = bound});
    }
    histogram.sample_count = below;
    histogram.sample_sum = std::chrono::duration<double>(requests.duration_sum).count();
  }

  std::string text() const {
    std::vector<prometheus::MetricFamily> all;
    for (const auto& [name, family] : families_) all.push_back(family);
    return prometheus::TextSerializer().Serialize(all);
  }

 private:
  prometheus::ClientMetric& add(const std::string& name, const char* help, prometheus::MetricType type, Labels labels) {
    prometheus::MetricFamily& family = families_[name];
    family.name = name;
    family.help = help;
    family.type = type;
    family.metric.emplace_back().label = std::move(labels);
    return family.metric.back();
  }

  std::map<std::string, prometheus::MetricFamily> families_;
};

void add_requests(Families& families, const std::string& backend, const proxy::RequestCounters& requests) {
  constexpr std::array<const char*, 6> classes = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < classes.size(); ++i) {
    families.counter("sallyport_requests_total", "Requests that ended, by backend and class of status.",
                     {{"backend", backend}, {"class", classes[i]}}, requests.by_class[i]);
  }
  families.durations("sallyport_request_duration_seconds",
                     "From the first byte of a request to the last byte of its response.", {{"backend", backend}},
                     requests);
}

void add_worker(Families& families, std::size_t number, const proxy::WorkerReport& worker) {
  const Labels labels = {{"worker", std::to_string(number)}};
  families.counter("sallyport_connections_accepted_total", "Connections of clients.", labels, worker.accepted);
  families.gauge("sallyport_connections_open", "Connections of clients that are open.", labels, worker.open);
  families.gauge("sallyport_connection_buffer_bytes", "Buffers that connections hold.", labels, worker.held_bytes);
  families.counter("sallyport_access_log_lines_lost_total",
                   "Lines dropped because the log could not be written fast enough.", labels, worker.lost_log_lines);
  struct Left {
    const char* what;
    std::uint32_t count;
  };
  const http::h1::Notes& notes = worker.notes;
  for (const Left& left : {Left{"underscore_name", notes.underscore_names},
                           Left{"connection_option", notes.protected_options}, Left{"upgrade", notes.upgrades_ignored},
                           Left{"expectation", notes.expectations_ignored}, Left{"trailer", notes.trailers_dropped}}) {
    families.counter("sallyport_request_parts_left_out_total",
                     "What requests had that was left out or not followed, by kind.",
                     {{"worker", std::to_string(number)}, {"what", left.what}}, left.count);
  }
}

}  // namespace

std::string metrics_text(const std::vector<proxy::WorkerReport>& workers, const Readiness& readiness) {
  Families families;
  std::map<std::string, proxy::BackendReport> backends;
  proxy::RequestCounters unrouted;
  std::array<std::uint64_t, proxy::code_count> by_code{};
  for (std::size_t number = 0; number < workers.size(); ++number) {
    add_worker(families, number, workers[number]);
    unrouted.add(workers[number].unrouted);
    for (std::size_t code = 0; code < by_code.size(); ++code) by_code[code] += workers[number].by_code[code];
    for (const proxy::BackendReport& one : workers[number].backends) {
      proxy::BackendReport& sum = backends[one.id];
      sum.requests.add(one.requests);
      sum.connects += one.connects;
      sum.connect_failures += one.connect_failures;
      sum.stale_retries += one.stale_retries;
    }
  }
  add_requests(families, "", unrouted);
  for (const auto& [id, backend] : backends) {
    add_requests(families, id, backend.requests);
    const Labels labels = {{"backend", id}};
    families.counter("sallyport_connects_total", "Connections to endpoints that were begun.", labels, backend.connects);
    families.counter("sallyport_connect_failures_total", "Connections to endpoints that failed.", labels,
                     backend.connect_failures);
    families.counter("sallyport_stale_retries_total",
                     "Requests sent again because a kept connection had been ended by the endpoint.", labels,
                     backend.stale_retries);
  }
  for (std::size_t code = 0; code < by_code.size(); ++code) {
    families.counter("sallyport_gateway_answers_total",
                     "Requests that the gateway answered or ended itself, by reason.",
                     {{"reason", std::string(http::answer_for(static_cast<Code>(code)).word)}}, by_code[code]);
  }
  families.gauge("sallyport_ready", "1 when the configuration was read and every worker serves it.", {},
                 readiness.ready ? 1 : 0);
  families.gauge("sallyport_config_version", "Grows by one with each change of what is served.", {}, readiness.version);
  families.gauge("sallyport_build_info", "Always 1.",
                 {{"version", std::string(version)}, {"commit", std::string(commit)}}, 1);
  return families.text();
}

}  // namespace sallyport::commands
