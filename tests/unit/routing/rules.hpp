// SPDX-License-Identifier: Apache-2.0
// Rules for tests by a short notation, a compiler that holds them, and requests to ask about.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.hpp"
#include "routing/choice.hpp"
#include "routing/compiler.hpp"

namespace sallyport::routing {

using Ids = std::vector<std::string>;

// "a.example", "*.example" (one label), "**.example" (any number of labels), "~.*" (a regular expression), "" (any).
inline model::HostPattern host_pattern(std::string_view host) {
  using Kind = model::HostPattern::Kind;
  if (host.empty()) return {};
  if (host.starts_with("**.")) return {.kind = Kind::any_labels, .name = std::string(host.substr(3))};
  if (host.starts_with("*.")) return {.kind = Kind::one_label, .name = std::string(host.substr(2))};
  if (host.starts_with('~')) return {.kind = Kind::regex, .name = std::string(host.substr(1))};
  return {.kind = Kind::exact, .name = std::string(host)};
}

// "=/a" (exact), "/a" (element prefix, "/" is kept as ""), "^/a" (byte prefix), "~/a.*" (a regular expression), "*"
// (any); with "i:" before it case is ignored.
inline model::PathMatch path_match(std::string_view path) {
  using Kind = model::PathMatch::Kind;
  const bool ignore_case = path.starts_with("i:");
  if (ignore_case) path.remove_prefix(2);
  model::PathMatch match{.kind = Kind::element_prefix, .value = std::string(path), .ignore_case = ignore_case};
  if (path == "*") return {.kind = Kind::any, .value = {}, .ignore_case = ignore_case};
  if (path == "/") match.value.clear();
  if (path.starts_with('=')) match.kind = Kind::exact;
  if (path.starts_with('^')) match.kind = Kind::byte_prefix;
  if (path.starts_with('~')) match.kind = Kind::regex;
  if (match.kind != Kind::element_prefix) match.value.erase(0, 1);
  return match;
}

// Its id is host and path as written; it has one backend, "b".
inline model::Rule model_rule(std::string_view host, std::string_view path, std::uint64_t rank = 0) {
  model::Rule made;
  made.id = std::string(host).append(path);
  made.host = host_pattern(host);
  made.path = path_match(path);
  made.rank.tier = 1;
  made.rank.words[0] = rank;
  made.destinations = {{.target = model::BackendRef{.backend = "b"}}};
  return made;
}

inline std::shared_ptr<const model::Rule> shared(model::Rule rule) {
  return std::make_shared<const model::Rule>(std::move(rule));
}

// A request's head, from a client at 192.0.2.1.
struct Asked {
  explicit Asked(std::string_view host, std::string_view path, std::string_view unmerged = {}) : head(arena) {
    head.host = host;
    head.path = path;
    head.unmerged_path = unmerged;
    head.method_text = "GET";
    head.method = http::Method::get;
    head.authority = host;
  }

  Arena arena;
  http::RequestHead head;
  syntax::IpAddress client = *syntax::IpAddress::parse("192.0.2.1");
};

// A compiler whose snapshots have the listener "l".
class Routes {
 public:
  Routes() {
    model::Delta delta;
    delta.listeners.changed.push_back(std::make_shared<const model::Listener>(
        model::Listener{.id = "l", .addresses = {}, .chain = {}, .origin = {}}));
    apply(std::move(delta));
  }
  explicit Routes(std::vector<model::Rule> rules) : Routes() { put(std::move(rules)); }

  Change apply(model::Delta delta) {
    delta.version = ++version_;
    Change change = compiler.apply(delta);
    snapshot = change.snapshot;
    return change;
  }
  Change put(std::vector<model::Rule> rules) {
    model::Delta delta;
    for (model::Rule& rule : rules) delta.rules.changed.push_back(shared(std::move(rule)));
    return apply(std::move(delta));
  }
  Change remove(Ids ids) {
    model::Delta delta;
    delta.rules.removed = std::move(ids);
    return apply(std::move(delta));
  }

  const Listener& listener(std::string_view id = "l") const { return *snapshot->listener(id); }
  // The ids of all that fit, in their order.
  Ids all(const Asked& asked, std::string_view at = "l") const {
    Choice choice(*snapshot, listener(at), asked.head, asked.client);
    Ids ids;
    for (Candidate one = choice.next(); one.rule != nullptr; one = choice.next()) ids.push_back(one.rule->model.id);
    return ids;
  }
  Ids all(std::string_view host, std::string_view path, std::string_view unmerged = {}) const {
    return all(Asked(host, path, unmerged));
  }
  // Why nothing serves; none when something does.
  std::optional<Code> refused(const Asked& asked) const {
    Choice choice(*snapshot, listener(), asked.head, asked.client);
    const Candidate first = choice.next();
    const auto error = choice.refusal(first);
    return error ? std::optional(error->code) : std::nullopt;
  }

  Compiler compiler;
  SnapshotPtr snapshot;

 private:
  std::uint64_t version_ = 0;
};

}  // namespace sallyport::routing
