// SPDX-License-Identifier: Apache-2.0
// Families of Prometheus metrics as they are filled, and how many series they make.

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace sallyport::commands {

using Labels = std::vector<prometheus::ClientMetric::Label>;

class Families {
 public:
  void counter(const std::string& name, const char* help, Labels labels, std::uint64_t value) {
    add(name, help, prometheus::MetricType::Counter, std::move(labels)).counter.value = static_cast<double>(value);
    ++series_;
  }
  void gauge(const std::string& name, const char* help, Labels labels, std::uint64_t value) {
    add(name, help, prometheus::MetricType::Gauge, std::move(labels)).gauge.value = static_cast<double>(value);
    ++series_;
  }
  // `bounds` are upper ones in milliseconds; `counts` has one more, of what is above all of them.
  template <class Number>
  void durations(const std::string& name, const char* help, Labels labels, std::span<const Number> bounds,
                 std::span<const std::uint64_t> counts, double sum) {
    auto& histogram = add(name, help, prometheus::MetricType::Histogram, std::move(labels)).histogram;
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      below += counts[i];
      const double bound =
          i < bounds.size() ? static_cast<double>(bounds[i]) / 1000 : std::numeric_limits<double>::infinity();
      histogram.bucket.push_back({.cumulative_count = below, .upper_bound = bound});
    }
    histogram.sample_count = below;
    histogram.sample_sum = sum;
    series_ += counts.size() + 2;  // the buckets, _sum and _count
  }

  std::size_t series() const { return series_; }

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
  std::size_t series_ = 0;
};

}  // namespace sallyport::commands
