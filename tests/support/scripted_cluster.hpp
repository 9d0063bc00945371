// SPDX-License-Identifier: Apache-2.0
// An API server in a few lines: it has objects as JSON, lists and watches them as a new server does, and a test changes
// them. Faults are the test's to add (ScriptedApi).

#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.hpp"
#include "base/text.hpp"
#include "support/scripted_api.hpp"

namespace sallyport::support {

class ScriptedCluster {
 public:
  // Statuses that replace answers, by the beginning of a target.
  std::map<std::string, ReplyPtr, std::less<>> refusals;
  bool is_there = true;
  bool aggregates_discovery = true;

  ReplyPtr answer(const sources::api_server::Ask& ask) {
    if (!is_there) return nullptr;
    for (const auto& [beginning, refusal] : refusals) {
      if (ask.target.starts_with(beginning)) return std::make_shared<Reply>(*refusal);
    }
    const std::string path = ask.target.substr(0, ask.target.find('?'));
    if (path == "/apis") return aggregates_discovery ? reply(200, discovery()) : reply(404, "404 page not found");
    if (path.starts_with("/apis/") && std::ranges::count(path, '/') == 3) return resources(path);
    if (!ask.target.contains("watch=true")) return get(path);
    const bool lists = ask.target.contains("sendInitialEvents=true");
    const ReplyPtr watch = open_reply();
    const auto [namespace_, plural] = place_of(path);
    if (!is_served(plural)) return reply(404, "404 page not found");
    const std::uint64_t since = lists ? 0 : version_in(ask.target);
    for (const auto& [key, object] : objects_) {
      if (object.version > since && is_in(key, namespace_, plural)) watch->add(event("ADDED", object, ask));
    }
    if (lists) {
      watch->add(text::cat(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":")", version_,
                           R"(","annotations":{"k8s.io/initial-events-end":"true"}}}})", "\n"));
    }
    watches_.push_back({watch, namespace_, plural, ask});
    return watch;
  }

  // `rest` is what stands beside metadata, with a comma before it; `more_meta` likewise in metadata.
  void put(const std::string& plural, const std::string& namespace_, const std::string& name, std::string rest = "",
           std::string more_meta = "") {
    const Key key{plural, namespace_, name};
    const bool is_new = !objects_.contains(key);
    objects_[key] = {namespace_, name, std::move(rest), std::move(more_meta), ++version_};
    tell(is_new ? "ADDED" : "MODIFIED", key);
  }
  void remove(const std::string& plural, const std::string& namespace_, const std::string& name) {
    const Key key{plural, namespace_, name};
    objects_[key].version = ++version_;
    tell("DELETED", key);
    objects_.erase(key);
  }
  // A resource beside those that every cluster has.
  void serve(std::string plural) { served_.push_back(std::move(plural)); }
  void end_watches() {
    const std::vector<Watch> watches = std::exchange(watches_, {});
    for (const Watch& watch : watches) watch.reply->finish(Reply::End::broken);
  }
  // Whether anybody may still be told of changes.
  std::size_t watches() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(watches_, [](const Watch& watch) { return !watch.reply->is_dropped; }));
  }

 private:
  struct Object {
    std::string namespace_;
    std::string name;
    std::string rest;
    std::string more_meta;
    std::uint64_t version = 0;
  };
  struct Key {
    std::string plural;
    std::string namespace_;
    std::string name;

    auto operator<=>(const Key&) const = default;
  };
  struct Watch {
    ReplyPtr reply;
    std::string namespace_;
    std::string plural;
    sources::api_server::Ask ask;
  };

  // "/apis/GROUP/VERSION/namespaces/shop/ingresses" is shop and ingresses.
  static std::pair<std::string, std::string> place_of(std::string_view path) {
    const std::vector<std::string_view> parts = text::split(path, '/');
    const auto namespaces = std::ranges::find(parts, "namespaces");
    const bool is_of_one = namespaces != parts.end() && parts.end() - namespaces > 2;
    return {std::string(is_of_one ? namespaces[1] : ""), std::string(parts.back())};
  }
  // From where a watch goes on; what was put since is told, what was removed is not.
  static std::uint64_t version_in(const std::string& target) {
    constexpr std::string_view name = "&resourceVersion=";
    const std::size_t at = target.find(name);
    if (at == target.npos) return std::numeric_limits<std::uint64_t>::max();
    const std::string_view rest = std::string_view(target).substr(at + name.size());
    return parse_decimal<std::uint64_t>(rest.substr(0, rest.find('&'))).value_or(0);
  }
  static bool is_in(const Key& key, std::string_view namespace_, std::string_view plural) {
    return key.plural == plural && (namespace_.empty() || key.namespace_ == namespace_);
  }
  bool is_served(std::string_view plural) const {
    return plural != "gateroutes" || std::ranges::find(served_, plural) != served_.end();
  }

  static std::string json(const Object& object, bool is_metadata_only) {
    return text::cat(R"({"metadata":{"name":")", object.name, R"(","namespace":")", object.namespace_,
                     R"(","resourceVersion":")", object.version, "\"", object.more_meta, "}",
                     is_metadata_only ? "" : object.rest, "}");
  }
  static std::string event(std::string_view type, const Object& object, const sources::api_server::Ask& ask) {
    return text::cat(R"({"type":")", type, R"(","object":)", json(object, ask.accept.contains("PartialObjectMetadata")),
                     "}\n");
  }

  ReplyPtr get(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string name = path.substr(slash + 1);
    const auto [namespace_, plural] = place_of(path.substr(0, slash));
    const auto found = objects_.find({plural, namespace_, name});
    return found == objects_.end() ? reply(404, "404 page not found") : reply(200, json(found->second, false));
  }

  static std::string members(const std::vector<std::string>& plurals, std::string_view name) {
    std::string all;
    for (const std::string& plural : plurals) {
      all += text::cat(all.empty() ? "" : ",", "{\"", name, "\":\"", plural, "\"}");
    }
    return all;
  }

  // What an older server says of one group and version.
  ReplyPtr resources(std::string_view path) const {
    const bool is_own = path.contains("sallyport.dev");
    if (is_own && served_.empty()) return reply(404, "404 page not found");
    const std::vector<std::string> others = {"ingresses", "ingressclasses", "endpointslices"};
    return reply(
        200, text::cat(R"({"kind":"APIResourceList","resources":[)", members(is_own ? served_ : others, "name"), "]}"));
  }

  std::string discovery() const {
    const std::string own = members(served_, "resource");
    return text::cat(
        R"({"kind":"APIGroupDiscoveryList","items":[)",
        R"({"metadata":{"name":"networking.k8s.io"},"versions":[{"version":"v1","resources":[)",
        R"({"resource":"ingresses"},{"resource":"ingressclasses"}]}]},)",
        R"({"metadata":{"name":"discovery.k8s.io"},"versions":[{"version":"v1","resources":[{"resource":"endpointslices"}]}]},)",
        R"({"metadata":{"name":"sallyport.dev"},"versions":[{"version":"v1alpha1","resources":[)", own, "]}]}]}");
  }

  // A watcher that is told may ask for something else.
  void tell(std::string_view type, const Key& key) {
    const Object object = objects_.at(key);
    const std::vector<Watch> watches = watches_;
    for (const Watch& watch : watches) {
      if (!watch.reply->is_dropped && is_in(key, watch.namespace_, watch.plural)) {
        watch.reply->add(event(type, object, watch.ask));
      }
    }
  }

  std::map<Key, Object> objects_;
  std::vector<Watch> watches_;
  std::vector<std::string> served_;
  std::uint64_t version_ = 100;
};

}  // namespace sallyport::support
