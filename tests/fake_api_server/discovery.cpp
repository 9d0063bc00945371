// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/discovery.hpp"

#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "syntax/token.hpp"

namespace sallyport::fake_api {
namespace {

// Versions of a group, and the kinds of each.
using Versions = std::map<std::string, std::vector<KindPtr>>;

std::map<std::string, Versions> groups_of(const Store& store) {
  std::map<std::string, Versions> groups;
  for (const KindPtr& kind : store.kinds()) groups[kind->group][kind->version].push_back(kind);
  return groups;
}

Json list_of(std::initializer_list<const char*> texts) {
  Json list = Json::list();
  for (const char* const text : texts) list.add(text);
  return list;
}

Json verbs() { return list_of({"create", "delete", "get", "list", "patch", "update", "watch"}); }
Json status_verbs() { return list_of({"get", "patch", "update"}); }

std::string singular(const Kind& kind) {
  std::string name;
  for (const char c : kind.name) name += syntax::lower(c);
  return name;
}

Json group_version_kind(const Kind& kind) {
  Json json = Json::map();
  json["group"] = kind.group;
  json["version"] = kind.version;
  json["kind"] = kind.name;
  return json;
}

Json aggregated_kind(const Kind& kind) {
  Json json = Json::map();
  json["resource"] = kind.plural;
  json["responseKind"] = group_version_kind(kind);
  json["scope"] = kind.is_namespaced ? "Namespaced" : "Cluster";
  json["singularResource"] = singular(kind);
  json["verbs"] = verbs();
  if (kind.has_status) {
    Json status = Json::map();
    status["subresource"] = "status";
    status["responseKind"] = group_version_kind(kind);
    status["verbs"] = status_verbs();
    (json["subresources"] = Json::list()).add(std::move(status));
  }
  return json;
}

Json aggregated_group(const std::string& name, const Versions& versions) {
  Json group = Json::map();
  group["metadata"] = Json::map();
  if (!name.empty()) group["metadata"]["name"] = name;
  Json list = Json::list();
  for (const auto& [version, kinds] : versions) {
    Json one = Json::map();
    one["version"] = version;
    Json resources = Json::list();
    for (const KindPtr& kind : kinds) resources.add(aggregated_kind(*kind));
    one["resources"] = std::move(resources);
    one["freshness"] = "Current";
    list.add(std::move(one));
  }
  group["versions"] = std::move(list);
  return group;
}

Json plain_group(const std::string& name, const Versions& versions) {
  Json group = Json::map();
  group["name"] = name;
  Json list = Json::list();
  for (const auto& [version, kinds] : versions) {
    Json one = Json::map();
    one["groupVersion"] = text::cat(name, "/", version);
    one["version"] = version;
    list.add(std::move(one));
  }
  group["preferredVersion"] = list.members().front().value;
  group["versions"] = std::move(list);
  return group;
}

Json plain_kind(const Kind& kind, std::string_view subresource) {
  Json json = Json::map();
  json["name"] = subresource.empty() ? kind.plural : text::cat(kind.plural, "/", subresource);
  json["singularName"] = subresource.empty() ? singular(kind) : "";
  json["namespaced"] = Json::boolean(kind.is_namespaced);
  json["kind"] = kind.name;
  json["verbs"] = subresource.empty() ? verbs() : status_verbs();
  return json;
}

Json headed(std::string_view kind, std::string_view api_version) {
  Json json = Json::map();
  json["kind"] = kind;
  json["apiVersion"] = api_version;
  return json;
}

Json kinds_of_version(const Target& target, const std::vector<KindPtr>& kinds) {
  Json json = headed("APIResourceList", "v1");
  json["groupVersion"] = target.group.empty() ? target.version : text::cat(target.group, "/", target.version);
  Json resources = Json::list();
  for (const KindPtr& kind : kinds) {
    resources.add(plain_kind(*kind, ""));
    if (kind->has_status) resources.add(plain_kind(*kind, "status"));
  }
  json["resources"] = std::move(resources);
  return json;
}

}  // namespace

Json aggregated_discovery(const Store& store, bool is_core) {
  Json json = headed("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2");
  json["metadata"] = Json::map();
  Json items = Json::list();
  for (const auto& [name, versions] : groups_of(store)) {
    if (name.empty() == is_core) items.add(aggregated_group(name, versions));
  }
  json["items"] = std::move(items);
  return json;
}

std::optional<Json> plain_discovery(const Store& store, const Target& target) {
  const auto groups = groups_of(store);
  if (target.what == Target::What::core) {
    Json json = headed("APIVersions", "v1");
    json.remove("apiVersion");
    (json["versions"] = Json::list()).add("v1");
    return json;
  }
  if (target.what == Target::What::groups) {
    Json json = headed("APIGroupList", "v1");
    Json list = Json::list();
    for (const auto& [name, versions] : groups) {
      if (!name.empty()) list.add(plain_group(name, versions));
    }
    json["groups"] = std::move(list);
    return json;
  }
  const auto group = groups.find(target.group);
  if (group == groups.end()) return std::nullopt;
  if (target.what == Target::What::group) {
    Json json = headed("APIGroup", "v1");
    for (const Json::Member& member : plain_group(group->first, group->second).members()) {
      json[member.name] = member.value;
    }
    return json;
  }
  const auto version = group->second.find(target.version);
  if (version == group->second.end()) return std::nullopt;
  return kinds_of_version(target, version->second);
}

Json version_document() {
  Json json = Json::map();
  json["major"] = "1";
  json["minor"] = "37";
  json["gitVersion"] = "v1.37.2";
  json["platform"] = "linux/amd64";
  return json;
}

}  // namespace sallyport::fake_api
