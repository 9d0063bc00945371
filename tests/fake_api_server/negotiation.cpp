// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/negotiation.hpp"

#include "base/text.hpp"
#include "syntax/token.hpp"

namespace sallyport::fake_api {
namespace {

Wanted wanted_by(std::string_view item) {
  std::string_view type;
  std::string_view as;
  std::string_view group;
  std::string_view version;
  for (const std::string_view part : text::split(item, ';')) {
    const std::string_view trimmed = syntax::trim_ows(part);
    const auto equals = trimmed.find('=');
    const std::string_view value = equals == trimmed.npos ? std::string_view() : trimmed.substr(equals + 1);
    if (equals == trimmed.npos) type = trimmed;
    if (trimmed.starts_with("as=")) as = value;
    if (trimmed.starts_with("g=")) group = value;
    if (trimmed.starts_with("v=")) version = value;
  }
  if (type != "application/json" && type != "*/*" && type != "application/*") return Wanted::unknown;
  if (as.empty()) return Wanted::whole;
  const bool is_meta = group == "meta.k8s.io" && version == "v1";
  if (is_meta && as == "PartialObjectMetadata") return Wanted::metadata;
  if (is_meta && as == "PartialObjectMetadataList") return Wanted::metadata_list;
  if (group == "apidiscovery.k8s.io" && version == "v2" && as == "APIGroupDiscoveryList") return Wanted::discovery;
  return Wanted::unknown;
}

}  // namespace

Wanted wanted_form(std::string_view accept) {
  if (accept.empty()) return Wanted::whole;
  for (const std::string_view item : text::split(accept, ',')) {
    const Wanted wanted = wanted_by(item);
    if (wanted != Wanted::unknown) return wanted;
  }
  return Wanted::unknown;
}

}  // namespace sallyport::fake_api
