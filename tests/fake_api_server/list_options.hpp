// SPDX-License-Identifier: Apache-2.0
// The parameters of lists and watches (metav1.ListOptions), read and judged as the API server does.

#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "commands/query.hpp"
#include "fake_api_server/refusal.hpp"
#include "fake_api_server/selector.hpp"

namespace sallyport::fake_api {

struct ListOptions {
  Scope scope;
  std::optional<std::uint64_t> revision;  // without: none was given, or 0, which may be any
  bool is_exact = false;
  bool sends_initial_events = false;
  bool has_bookmarks = false;
  std::optional<std::uint64_t> timeout;  // seconds
  std::size_t limit = 0;
  std::string rest;  // continue
};

// `has_initial_events`: whether this server knows sendInitialEvents.
std::expected<ListOptions, Refusal> read_list_options(const Kind& kind, const commands::Query& query, bool is_watch,
                                                      bool has_initial_events);

}  // namespace sallyport::fake_api
