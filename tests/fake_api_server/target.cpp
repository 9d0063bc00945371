// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/target.hpp"

#include <vector>

#include "base/text.hpp"

namespace sallyport::fake_api {
namespace {

using What = Target::What;

// [namespaces/NAMESPACE/]PLURAL[/NAME[/SUBRESOURCE]]; /namespaces/NAME is the namespace itself.
void read_object(Target& target, std::vector<std::string_view> parts) {
  const bool is_inside = parts.size() > 2 && parts[0] == "namespaces" && !(parts.size() == 3 && parts[2] == "status");
  if (is_inside) {
    target.namespace_ = parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
  }
  if (parts.size() > 3) return;
  target.what = What::object;
  target.plural = parts[0];
  if (parts.size() > 1) target.name = parts[1];
  if (parts.size() > 2) target.subresource = parts[2];
}

}  // namespace

Target read_target(std::string_view path) {
  Target target;
  if (path.ends_with('/') && path.size() > 1) path.remove_suffix(1);
  if (path == "/version") target.what = What::version;
  if (path == "/readyz" || path == "/livez" || path == "/healthz") target.what = What::health;
  if (path == "/api") target.what = What::core;
  if (path == "/apis") target.what = What::groups;
  std::vector<std::string_view> parts = text::split(path, '/');
  if (target.what != What::unknown || parts.size() < 3) return target;
  const bool is_core = parts[1] == "api";
  if (!is_core && parts[1] != "apis") return target;
  if (!is_core) target.group = parts[2];
  const std::size_t before = is_core ? 3 : 4;  // the first part behind the version
  if (parts.size() < before) {
    target.what = What::group;
    return target;
  }
  target.version = parts[before - 1];
  if (parts.size() == before) {
    target.what = What::versions;
    return target;
  }
  parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(before));
  read_object(target, std::move(parts));
  return target;
}

std::string_view verb_of(const Target& target, http::Method method, const commands::Query& query) {
  using http::Method;
  const bool is_one = !target.name.empty() || target.what != What::object;
  switch (method) {
    case Method::get:
    case Method::head:
      return is_one ? "get" : is_on(query, "watch") ? "watch" : "list";
    case Method::post:
      return "create";
    case Method::put:
      return "update";
    case Method::patch:
      return "patch";
    case Method::delete_:
      return "delete";
    default:
      return "other";
  }
}

bool is_on(const commands::Query& query, std::string_view name) {
  const auto value = query.first(name);
  return value == "true" || value == "1";
}

}  // namespace sallyport::fake_api
