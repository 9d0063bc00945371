// SPDX-License-Identifier: Apache-2.0
// Compiled rules for tests, by a short notation.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "routing/table.hpp"

namespace sallyport::routing {

// "=/a" is exact, "/a" a prefix ("/" is kept as ""), "*" any path; the host is exact, "*.a.example", or "" for any.
inline std::shared_ptr<Rule> rule(std::string_view host, std::string_view path, std::uint64_t rank = 0) {
  auto made = std::make_shared<Rule>();
  using Host = model::HostPattern::Kind;
  using Path = model::PathMatch::Kind;
  model::HostPattern& pattern = made->model.host;
  if (host.starts_with("*.")) {
    pattern = {.kind = Host::one_label, .name = std::string(host.substr(2))};
  } else if (!host.empty()) {
    pattern = {.kind = Host::exact, .name = std::string(host)};
  }
  if (path.starts_with('=')) {
    made->model.path = {.kind = Path::exact, .value = std::string(path.substr(1))};
  } else if (path != "*") {
    made->model.path = {.kind = Path::element_prefix, .value = std::string(path == "/" ? "" : path)};
  }
  made->model.id = std::string(host).append(path);
  made->model.rank.words[0] = rank;
  made->model.rank.text = made->model.id;
  return made;
}

// The ids of all that fit, in their order.
inline std::vector<std::string> all_of(Candidates candidates) {
  std::vector<std::string> ids;
  for (Candidate one = candidates.next(); one.rule != nullptr; one = candidates.next())
    ids.push_back(one.rule->model.id);
  return ids;
}

}  // namespace sallyport::routing
