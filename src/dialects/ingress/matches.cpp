// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/matches.hpp"

#include <string>
#include <vector>

#include "base/text.hpp"
#include "syntax/address.hpp"
#include "syntax/host.hpp"

namespace sallyport::dialects::ingress {

Result<model::HostPattern> host_pattern(std::string_view host) {
  using Kind = model::HostPattern::Kind;
  if (host.empty()) return model::HostPattern{.kind = Kind::any, .name = {}};
  if (syntax::IpAddress::parse(host)) return fail(invalid(text::cat("host \"", host, "\" is an address, not a name")));
  if (syntax::is_hostname(host)) return model::HostPattern{.kind = Kind::exact, .name = std::string(host)};
  if (syntax::is_wildcard_hostname(host)) {
    return model::HostPattern{.kind = Kind::one_label, .name = std::string(host.substr(2))};
  }
  if (host == "*") return fail(invalid("host \"*\" is no name: a rule without host serves every host"));
  if (host.find('*') != host.npos) {
    return fail(invalid(text::cat("host \"", host, "\" may have a '*' only as its whole first label")));
  }
  return fail(invalid(text::cat("host \"", host, "\" is no DNS name in lower case")));
}

Result<model::PathMatch> path_match(const kube::IngressPath& path, const syntax::PathOptions& options) {
  using Kind = model::PathMatch::Kind;
  std::string_view written = path.path;
  if (written.empty() && path.path_type == kube::PathType::implementation_specific) written = "/";
  if (written.empty()) return fail(invalid("path is empty, and has to begin with '/'"));
  std::vector<char> room(written.size() * 3);
  const auto canonical = syntax::canonical_path(written, options, room);
  if (!canonical) {
    return fail(invalid(text::cat("no request can have the path \"", written, "\": ", canonical.error().detail)));
  }
  if (path.path_type == kube::PathType::exact) {
    return model::PathMatch{.kind = Kind::exact, .value = std::string(*canonical)};
  }
  std::string_view prefix = *canonical;
  if (prefix.ends_with('/')) prefix.remove_suffix(1);  // /aaa/bbb/ is /aaa/bbb
  return model::PathMatch{.kind = Kind::element_prefix, .value = std::string(prefix)};
}

}  // namespace sallyport::dialects::ingress
