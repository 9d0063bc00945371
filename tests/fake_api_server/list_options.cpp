// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/list_options.hpp"

#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "fake_api_server/target.hpp"

namespace sallyport::fake_api {
namespace {

Refusal forbidden_option(std::string_view why) {
  return {.code = 422, .reason = "Invalid", .message = text::cat("ListOptions.meta.k8s.io \"\" is invalid: ", why)};
}

// What must not stand together (apimachinery, ValidateListOptions).
std::optional<Refusal> clash(const commands::Query& query, bool is_watch, bool has_initial_events) {
  const bool has_match = query.first("resourceVersionMatch").has_value();
  const bool has_initial = query.first("sendInitialEvents").has_value();
  const std::string revision = query.first("resourceVersion").value_or("");
  if (has_initial && !is_watch)
    return forbidden_option("sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list");
  if (has_initial && !has_initial_events) {
    return forbidden_option(
        "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is "
        "enabled");
  }
  if (has_initial && query.first("resourceVersionMatch") != "NotOlderThan") {
    return forbidden_option(
        "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  }
  if (has_match && is_watch && !has_initial) {
    return forbidden_option(
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
        "provided");
  }
  if (has_match && !is_watch && revision.empty()) {
    return forbidden_option(
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
  }
  if (query.first("continue") && !revision.empty() && revision != "0") {
    return bad_request("specifying resource version is not allowed when using continue");
  }
  return std::nullopt;
}

}  // namespace

std::expected<ListOptions, Refusal> read_list_options(const Kind& kind, const commands::Query& query, bool is_watch,
                                                      bool has_initial_events) {
  if (auto refusal = clash(query, is_watch, has_initial_events)) return std::unexpected(std::move(*refusal));
  ListOptions options;
  auto labels = LabelSelector::parse(query.first("labelSelector").value_or(""));
  if (!labels) return std::unexpected(bad_request(labels.error().detail));
  options.scope.labels = std::move(*labels);
  const auto fields = options.scope.take_fields(query.first("fieldSelector").value_or(""));
  if (!fields) return std::unexpected(bad_request(fields.error().detail));
  const std::string revision = query.first("resourceVersion").value_or("");
  if (!revision.empty()) {
    options.revision = parse_decimal<std::uint64_t>(revision);
    if (!options.revision) {
      return std::unexpected(invalid_object(kind, "", text::cat("resourceVersion: Invalid value: \"", revision, "\"")));
    }
    if (*options.revision == 0) options.revision.reset();
  }
  options.is_exact = query.first("resourceVersionMatch") == "Exact";
  options.sends_initial_events = is_on(query, "sendInitialEvents");
  options.has_bookmarks = is_on(query, "allowWatchBookmarks");
  if (const auto seconds = query.first("timeoutSeconds")) options.timeout = parse_decimal<std::uint64_t>(*seconds);
  options.limit = parse_decimal<std::size_t>(query.first("limit").value_or("")).value_or(0);
  options.rest = query.first("continue").value_or("");
  return options;
}

}  // namespace sallyport::fake_api
