// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/matches.hpp"

#include <string>
#include <utility>

#include "base/text.hpp"
#include "dialects/matches.hpp"
#include "syntax/host.hpp"
#include "syntax/regex.hpp"
#include "syntax/token.hpp"

namespace sallyport::dialects::gate_route {
namespace {

using Path = model::PathMatch;

Result<Path> regex_path(const kube::GatePath& path) {
  const auto regex = syntax::Regex::compile(path.value, path.ignore_case);
  if (!regex) return fail(regex.error());
  const std::string& prefix = regex->literal_prefix();
  if (!prefix.empty() && !prefix.starts_with('/')) {
    return fail(invalid(text::cat("no path fits \"", path.value, "\": every path begins with '/'")));
  }
  return Path{.kind = Path::Kind::regex, .value = path.value, .ignore_case = path.ignore_case};
}

// What follows a prefix of bytes is unknown. Where it would change how the prefix is read, as after "/." or "/%2",
// there is no prefix to speak of: canonical paths would begin with something else.
Result<std::string> canonical_bytes(const std::string& written, const syntax::PathOptions& options) {
  auto canonical = canonical_path(written, options);
  if (!canonical) return canonical;
  const auto longer = canonical_path(written + "x", options);
  if (longer && *longer == *canonical + "x") return canonical;
  return fail(invalid(text::cat("\"", written, "\" ends within a dot segment, which no request's path has")));
}

Result<Path> value_path(const kube::GatePath& path, const syntax::PathOptions& options) {
  const bool by_bytes = path.type == kube::GatePathType::byte_prefix;
  auto canonical = by_bytes ? canonical_bytes(path.value, options) : canonical_path(path.value, options);
  if (!canonical) return fail(std::move(canonical.error()));
  std::string value = path.ignore_case ? syntax::lower(*canonical) : *std::move(canonical);
  Path match = path.type == kube::GatePathType::prefix ? element_prefix(std::move(value)) : Path();
  if (path.type != kube::GatePathType::prefix) {
    match.kind = by_bytes ? Path::Kind::byte_prefix : Path::Kind::exact;
    match.value = std::move(value);
  }
  match.ignore_case = path.ignore_case;
  return match;
}

}  // namespace

Result<model::HostPattern> host_pattern(std::string_view host) {
  if (host == "*" || host == "**") {
    return fail(invalid(text::cat("host \"", host, "\" is no name: without hosts, every host is served")));
  }
  // "*." is as much room as "**." takes of a host.
  if (host.starts_with("**.") && syntax::is_wildcard_hostname(host.substr(1))) {
    return model::HostPattern{.kind = model::HostPattern::Kind::any_labels, .name = std::string(host.substr(3))};
  }
  return dialects::host_pattern(host);
}

Result<model::HostPattern> host_regex(std::string_view regex) {
  if (regex.empty()) return fail(invalid("a regular expression that is empty fits no host"));
  if (const auto compiled = syntax::Regex::compile(regex); !compiled) return fail(compiled.error());
  return model::HostPattern{.kind = model::HostPattern::Kind::regex, .name = std::string(regex)};
}

Result<Path> path_match(const kube::GatePath& path, const syntax::PathOptions& options) {
  if (path.type == kube::GatePathType::any) {
    if (!path.value.empty()) return fail(invalid("type Any has no value: it is every path"));
    return Path();
  }
  if (path.value.empty()) return fail(invalid("value is needed for every type but Any"));
  return path.type == kube::GatePathType::regex ? regex_path(path) : value_path(path, options);
}

}  // namespace sallyport::dialects::gate_route
