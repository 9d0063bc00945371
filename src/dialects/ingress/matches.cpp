// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/matches.hpp"

#include <string>

#include "dialects/matches.hpp"

namespace sallyport::dialects::ingress {

Result<model::HostPattern> host_pattern(std::string_view host) {
  if (host.empty()) return model::HostPattern{.kind = model::HostPattern::Kind::any, .name = {}};
  if (host == "*") return fail(invalid("host \"*\" is no name: a rule without host serves every host"));
  return dialects::host_pattern(host);
}

Result<model::PathMatch> path_match(const kube::IngressPath& path, const syntax::PathOptions& options) {
  std::string_view written = path.path;
  if (written.empty() && path.path_type == kube::PathType::implementation_specific) written = "/";
  auto canonical = canonical_path(written, options);
  if (!canonical) return fail(std::move(canonical.error()));
  if (path.path_type == kube::PathType::exact) {
    return model::PathMatch{.kind = model::PathMatch::Kind::exact, .value = *std::move(canonical)};
  }
  return element_prefix(*std::move(canonical));
}

}  // namespace sallyport::dialects::ingress
