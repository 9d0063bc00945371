// SPDX-License-Identifier: Apache-2.0
#include "commands/expiring.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <tuple>
#include <utility>

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
    Expiring facts{.certificate = one->id,
                   .not_before = one->not_before,
                   .not_after = one->not_after,
                   .ahead = std::max<std::int64_t>(one->not_before - now, 0),
                   .left = one->not_after - now,
                   .origin = one->origin};
    if (facts.ahead > 0 || facts.left < soon) all.push_back(std::move(facts));
  }
  std::ranges::sort(all, {}, [](const Expiring& one) { return std::tie(one.not_after, one.certificate); });
  return all;
}

std::string to_text(const Expiring& one) {
  std::string what = text::cat("certificate ", one.certificate, spaced_place(one.origin));
  if (one.left < 0) return text::cat(what, " has expired ", days(one.left), " ago, at ", time_text(one.not_after));
  if (one.ahead > 0)
    return text::cat(what, " is not valid before ", time_text(one.not_before), ", in ", days(one.ahead));
  return text::cat(what, " expires in ", days(one.left), ", at ", time_text(one.not_after));
}

void write_expiring(JsonWriter& json, const Expiring& one) {
  json.begin_object();
  json.member("certificate", one.certificate);
  json.member("not_before", time_text(one.not_before)).member("not_after", time_text(one.not_after));
  json.member("expired", one.left < 0).member("not_yet_valid", one.ahead > 0);
  json.key("origin");
  write_origin(json, one.origin);
  json.end_object();
}

}  // namespace sallyport::commands
