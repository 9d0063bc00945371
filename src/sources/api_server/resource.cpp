// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/resource.hpp"

#include <span>

#include "base/hex.hpp"
#include "base/text.hpp"

namespace sallyport::sources::api_server {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string with_selector(const Resource& resource, std::string target) {
  if (!resource.selector.empty()) target += text::cat("&labelSelector=", query_escaped(resource.selector));
  return target;
}

}  // namespace

std::string name_of(const kube::Kind& kind) {
  return kind.group.empty() ? std::string(kind.plural) : text::cat(kind.plural, ".", kind.group);
}

std::string text_of(const Resource& resource) {
  std::string text = name_of(*resource.kind);
  if (!resource.namespace_.empty()) text += text::cat(" in namespace ", resource.namespace_);
  return text;
}

std::string collection(const kube::Kind& kind, std::string_view namespace_) {
  std::string path =
      kind.group.empty() ? text::cat("/api/", kind.version) : text::cat("/apis/", kind.group, "/", kind.version);
  if (kind.is_namespaced && !namespace_.empty()) path += text::cat("/namespaces/", query_escaped(namespace_));
  return text::cat(path, "/", kind.plural);
}

std::string path_of(const kube::Kind& kind, std::string_view namespace_, std::string_view name) {
  return text::cat(collection(kind, namespace_), "/", query_escaped(name));
}

std::string path_of(const kube::Kind& kind, const ObjectRef& ref) { return path_of(kind, ref.namespace_, ref.name); }

std::string_view list_form(const Resource& resource) {
  return resource.is_metadata_only ? "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
                                   : "application/json";
}

std::string_view watch_form(const Resource& resource) {
  return resource.is_metadata_only ? "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
                                   : "application/json";
}

std::string list_target(const Resource& resource, std::size_t limit, std::string_view proceed) {
  std::string target = text::cat(collection(*resource.kind, resource.namespace_), "?limit=", limit);
  if (!proceed.empty()) target += text::cat("&continue=", query_escaped(proceed));
  return with_selector(resource, std::move(target));
}

std::string streaming_list_target(const Resource& resource, unsigned seconds) {
  return with_selector(resource, text::cat(collection(*resource.kind, resource.namespace_),
                                           "?watch=true&allowWatchBookmarks=true&sendInitialEvents=true",
                                           "&resourceVersionMatch=NotOlderThan&timeoutSeconds=", seconds));
}

std::string watch_target(const Resource& resource, std::string_view version, unsigned seconds) {
  return with_selector(resource, text::cat(collection(*resource.kind, resource.namespace_),
                                           "?watch=true&allowWatchBookmarks=true&timeoutSeconds=", seconds,
                                           "&resourceVersion=", query_escaped(version)));
}

std::string query_escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      escaped += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    escaped += text::cat("%", hex(std::span(&byte, 1)));
  }
  return escaped;
}

}  // namespace sallyport::sources::api_server
