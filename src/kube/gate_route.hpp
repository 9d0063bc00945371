// SPDX-License-Identifier: Apache-2.0
// sallyport.dev/v1alpha1 GateRoute: our own routes, for what Ingress cannot say (docs/gate-route.md).

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kube/values.hpp"

namespace sallyport::kube {

inline constexpr std::string_view own_group = "sallyport.dev";

enum class GatePathType : std::uint8_t { exact, prefix, byte_prefix, regex, any };
BOOST_DESCRIBE_ENUM(GatePathType, exact, prefix, byte_prefix, regex, any)

struct GatePath {
  GatePathType type = GatePathType::any;
  std::string value;  // of every type but Any
  bool ignore_case = false;

  static constexpr FieldNames<1> required{"type"};
};
BOOST_DESCRIBE_STRUCT(GatePath, (), (type, value, ignore_case))

// Of a header, or of a parameter of the query. Exactly one of exact, regex and present.
struct GateTextTest {
  std::string name;
  std::optional<std::string> exact;
  std::optional<std::string> regex;
  std::optional<bool> present;

  static constexpr FieldNames<1> required{"name"};
};
BOOST_DESCRIBE_STRUCT(GateTextTest, (), (name, exact, regex, present))

// Exactly one of these; the dialect says so.
struct GatePredicate {
  std::optional<List<std::string>> method;
  std::optional<GateTextTest> header;
  std::optional<GateTextTest> query;
  std::optional<List<std::string>> client;  // CIDR blocks
  std::optional<List<GatePredicate>> any;
  std::optional<List<GatePredicate>> all;
  std::unique_ptr<GatePredicate> not_;
};
BOOST_DESCRIBE_STRUCT(GatePredicate, (), (method, header, query, client, any, all, not_))

struct GateHeader {
  std::string name;
  std::string value;

  static constexpr FieldNames<2> required{"name", "value"};
};
BOOST_DESCRIBE_STRUCT(GateHeader, (), (name, value))

struct GateHeaderChanges {
  List<std::string> remove;
  List<GateHeader> set;
  List<GateHeader> add;
};
BOOST_DESCRIBE_STRUCT(GateHeaderChanges, (), (remove, set, add))

// As in Gateway API's URLRewrite, with one member for all replacements.
enum class GateRewriteType : std::uint8_t { replace_prefix_match, replace_full_path, replace_regex_match };
BOOST_DESCRIBE_ENUM(GateRewriteType, replace_prefix_match, replace_full_path, replace_regex_match)

struct GatePathRewrite {
  GateRewriteType type = GateRewriteType::replace_full_path;
  std::string regex;  // of ReplaceRegexMatch only
  std::string value;

  static constexpr FieldNames<2> required{"type", "value"};
};
BOOST_DESCRIBE_STRUCT(GatePathRewrite, (), (type, regex, value))

// One of them, or both.
struct GateRewrite {
  std::optional<std::string> hostname;
  std::optional<GatePathRewrite> path;
};
BOOST_DESCRIBE_STRUCT(GateRewrite, (), (hostname, path))

// A Service of the GateRoute's namespace.
struct GateBackend {
  std::string service;
  IntOrString port;
  std::uint32_t weight = 1;  // 0: no requests

  static constexpr FieldNames<2> required{"service", "port"};
};
BOOST_DESCRIBE_STRUCT(GateBackend, (), (service, port, weight))

struct GateRule {
  std::string name;              // for people only
  std::optional<GatePath> path;  // absent: Prefix /, as in Gateway API
  List<GatePredicate> when;      // all of them
  std::optional<GateRewrite> rewrite;
  GateHeaderChanges request_headers;
  GateHeaderChanges response_headers;
  List<GateBackend> backends;

  static constexpr FieldNames<1> required{"backends"};
};
BOOST_DESCRIBE_STRUCT(GateRule, (), (name, path, when, rewrite, request_headers, response_headers, backends))

struct GateRouteSpec {
  List<std::string> hosts;  // neither these nor host_regexes: every host
  List<std::string> host_regexes;
  std::int32_t priority = 0;  // the higher one is asked first
  List<GateRule> rules;

  static constexpr FieldNames<1> required{"rules"};
};
BOOST_DESCRIBE_STRUCT(GateRouteSpec, (), (hosts, host_regexes, priority, rules))

struct GateRoute {
  GateRouteSpec spec;

  static constexpr FieldNames<1> required{"spec"};
  static constexpr FieldNames<1> unread{"status"};
};
BOOST_DESCRIBE_STRUCT(GateRoute, (), (spec))

}  // namespace sallyport::kube
