// SPDX-License-Identifier: Apache-2.0
#include "dialects/matches.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "dialects/access_annotations.hpp"
#include "dialects/grpc_web.hpp"
#include "syntax/address.hpp"
#include "syntax/host.hpp"

namespace sallyport::dialects {
namespace {

constexpr std::string_view own_annotations = "sallyport.dev/";

}  // namespace

Result<model::HostPattern> host_pattern(std::string_view host) {
  using Kind = model::HostPattern::Kind;
  if (syntax::IpAddress::parse(host)) return fail(invalid(text::cat("host \"", host, "\" is an address, not a name")));
  if (syntax::is_hostname(host)) return model::HostPattern{.kind = Kind::exact, .name = std::string(host)};
  if (syntax::is_wildcard_hostname(host)) {
    return model::HostPattern{.kind = Kind::one_label, .name = std::string(host.substr(2))};
  }
  if (host.find('*') != host.npos) {
    return fail(invalid(text::cat("host \"", host, "\" may have a '*' only as its whole first label")));
  }
  return fail(invalid(text::cat("host \"", host, "\" is no DNS name in lower case")));
}

Result<std::string> canonical_path(std::string_view written, const syntax::PathOptions& options) {
  if (written.empty()) return fail(invalid("path is empty, and has to begin with '/'"));
  std::vector<char> room(written.size() * 3);
  const auto canonical = syntax::canonical_path(written, options, room);
  if (canonical) return std::string(*canonical);
  return fail(invalid(text::cat("no request can have the path \"", written, "\": ", canonical.error().detail)));
}

model::PathMatch element_prefix(std::string canonical) {
  if (canonical.ends_with('/')) canonical.pop_back();
  return {.kind = model::PathMatch::Kind::element_prefix, .value = std::move(canonical)};
}

void read_annotations(const kube::Object& root, Findings& findings, syntax::PathOptions& paths,
                      bool (*read_elsewhere)(std::string_view name)) {
  struct Known {
    std::string_view name;
    std::string_view on;
    std::string_view off;
    bool syntax::PathOptions::* option;
  };
  static constexpr std::array known = {
      Known{"sallyport.dev/encoded-slash", "keep", "reject", &syntax::PathOptions::keep_encoded_slash},
      Known{"sallyport.dev/merge-slashes", "on", "off", &syntax::PathOptions::merge_slashes},
  };
  for (const auto& [name, value] : root.meta.annotations) {
    if (!name.starts_with(own_annotations) || name == grpc_web_annotation || says_who_may_ask(name)) continue;
    if (read_elsewhere != nullptr && read_elsewhere(name)) continue;
    const std::string field = kube::field("metadata.annotations", name);
    const auto found = std::ranges::find(known, name, &Known::name);
    if (found == known.end()) {
      findings.add(Verdict::warning, field, "UnknownAnnotation",
                   text::cat("annotation ", name, " has no meaning in this version"));
    } else if (value != found->on && value != found->off) {
      findings.add(Verdict::rejected, field, "InvalidAnnotation",
                   text::cat("annotation ", name, " is \"", found->on, "\" or \"", found->off, "\""));
    } else {
      paths.*(found->option) = value == found->on;
    }
  }
}

}  // namespace sallyport::dialects
