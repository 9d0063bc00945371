// SPDX-License-Identifier: Apache-2.0
#include "commands/expiring.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <tuple>

#include "base/text.hpp"
#include "commands/model_json.hpp"
#include "commands/place.hpp"

namespace sallyport::commands {
namespace {

constexpr std::int64_t day = 24 * 60 * 60;
constexpr std::int64_t soon = 30 * day;

std::string days(std::int64_t seconds) {
  const std::int64_t whole = std::abs(seconds) / day;
  return whole == 0 ? "less than a day" : text::cat(whole, whole == 1 ? " day" : " days");
}

}  // namespace

std::int64_t seconds_now() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::seconds>(system_clock::now().time_since_epoch()).count();
}

std::vector<Expiring> expiring(const std::vector<std::shared_ptr<const model::Certificate>>& certificates,
                               std::int64_t now) {
  std::vector<Expiring> all;
  for (const auto& one : certificates) {
    if (one->not_after - now < soon) all.push_back({one->id, one->not_after, one->not_after - now, one->origin});
  }
  std::ranges::sort(all, {}, [](const Expiring& one) { return std::tie(one.not_after, one.certificate); });
  return all;
}

std::string to_text(const Expiring& one) {
  const std::string when = one.left < 0 ? text::cat("has expired ", days(one.left), " ago, at ")
                                        : text::cat("expires in ", days(one.left), ", at ");
  return text::cat("certificate ", one.certificate, spaced_place(one.origin), " ", when, time_text(one.not_after));
}

void write_expiring(JsonWriter& json, const Expiring& one) {
  json.begin_object();
  json.member("certificate", one.certificate);
  json.member("not_after", time_text(one.not_after));
  json.member("expired", one.left < 0);
  json.key("origin");
  write_origin(json, one.origin);
  json.end_object();
}

}  // namespace sallyport::commands
