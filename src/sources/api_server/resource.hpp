// SPDX-License-Identifier: Apache-2.0
// What is listed and watched, and how an API server is asked for it. Pure.

#pragma once

#include <string>
#include <string_view>

#include "base/object_ref.hpp"
#include "kube/kinds.hpp"
#include "kube/tree.hpp"

namespace sallyport::sources::api_server {

// All objects of one kind, of one namespace or of all, of one set of labels or of all.
struct Resource {
  const kube::Kind* kind = nullptr;
  std::string namespace_;         // empty: of all
  std::string selector;           // of labels; empty: whatever they are
  bool is_metadata_only = false;  // names and versions, without what the objects hold (PartialObjectMetadata)
  // Of a kind that is no part of the configuration: what is kept of each object, in place of the object.
  std::string (*summarise)(const kube::Node& object) = nullptr;
};

// "ingresses.networking.k8s.io", "services": as RBAC and kubectl name it.
std::string name_of(const kube::Kind& kind);
// The same with where: "services in namespace shop".
std::string text_of(const Resource& resource);

// "/apis/networking.k8s.io/v1/namespaces/shop/ingresses"
std::string collection(const kube::Kind& kind, std::string_view namespace_);
// The path of one object.
std::string path_of(const kube::Kind& kind, std::string_view namespace_, std::string_view name);
std::string path_of(const kube::Kind& kind, const ObjectRef& ref);

// Forms of the answer to a list and to a watch.
std::string_view list_form(const Resource& resource);
std::string_view watch_form(const Resource& resource);

// The queries; `selector` of the resource is among them.
std::string list_target(const Resource& resource, std::size_t limit, std::string_view proceed);
std::string streaming_list_target(const Resource& resource, unsigned seconds);
std::string watch_target(const Resource& resource, std::string_view version, unsigned seconds);

// RFC 3986 2.1: all but unreserved characters is percent-encoded.
std::string query_escaped(std::string_view text);

}  // namespace sallyport::sources::api_server
