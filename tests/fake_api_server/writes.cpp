// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/writes.hpp"

#include <chrono>
#include <utility>

#include "base/text.hpp"
#include "fake_api_server/patch.hpp"
#include "kube/timestamp.hpp"

namespace sallyport::fake_api {
namespace {

std::string now() {
  using std::chrono::system_clock;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(system_clock::now()).time_since_epoch().count();
  return kube::format_timestamp({.seconds = seconds});
}

// One that was put as it is may have none.
std::uint64_t generation_of(const Json& json) {
  const auto number = number_at(*json.find("metadata"), "generation");
  return number ? number->value_or(1) : 1;
}

// What a change of makes a new generation: everything but metadata and status.
Json desired(const Json& json) {
  Json rest = json;
  rest.remove("metadata");
  rest.remove("status");
  return rest;
}

// A written resourceVersion or uid has to be today's.
std::optional<Refusal> precondition(const Object& object, const Json& json) {
  const std::string_view revision = json.text_at({"metadata", "resourceVersion"});
  if (!revision.empty() && revision != std::to_string(object.revision)) {
    return conflict(*object.kind, object.name,
                    "the object has been modified; please apply your changes to the latest version and try again");
  }
  const std::string_view uid = json.text_at({"metadata", "uid"});
  const std::string_view real = object.json.text_at({"metadata", "uid"});
  if (!uid.empty() && uid != real) {
    return conflict(*object.kind, object.name,
                    text::cat("Precondition failed: UID in precondition: ", uid, ", UID in object meta: ", real));
  }
  return std::nullopt;
}

// What is said of the object must be what the path says; what is not said is taken from there.
std::optional<Refusal> fit_to_place(const Place& place, Json& json) {
  const std::string_view api_version = json.text_at({"apiVersion"});
  const std::string_view kind = json.text_at({"kind"});
  if ((!api_version.empty() && api_version != place.kind->api_version()) ||
      (!kind.empty() && kind != place.kind->name)) {
    return bad_request(text::cat("the object provided is a ", api_version, " ", kind, ", not a ",
                                 place.kind->api_version(), " ", place.kind->name));
  }
  const std::string_view namespace_ = json.text_at({"metadata", "namespace"});
  if (!namespace_.empty() && namespace_ != place.namespace_) {
    return bad_request("the namespace of the provided object does not match the namespace sent on the request");
  }
  const std::string_view name = json.text_at({"metadata", "name"});
  if (!place.name.empty() && !name.empty() && name != place.name) {
    return bad_request(
        text::cat("the name of the object (", name, ") does not match the name on the URL (", place.name, ")"));
  }
  json["apiVersion"] = place.kind->api_version();
  json["kind"] = place.kind->name;
  if (place.kind->is_namespaced) json["metadata"]["namespace"] = place.namespace_;
  if (!place.name.empty()) json["metadata"]["name"] = place.name;
  return std::nullopt;
}

// The server's own fields cannot be changed.
void keep_own(Json& json, const Object& before) {
  for (const std::string_view field : {"uid", "creationTimestamp", "generation", "resourceVersion"}) {
    const Json* const kept = before.json.at({"metadata", field});
    if (kept != nullptr) {
      json["metadata"][field] = *kept;
    } else {
      json["metadata"].remove(field);
    }
  }
}

void take(Json& json, const Json& from, std::string_view member) {
  if (const Json* const there = from.find(member)) {
    json[member] = *there;
  } else {
    json.remove(member);
  }
}

}  // namespace

void Writes::stamp(Json& json, const Object* before) {
  Json& metadata = json["metadata"];
  const auto set = [&metadata](std::string_view field, Json value) {
    const Json* const given = metadata.find(field);
    if (given == nullptr || given->is_null()) metadata[field] = std::move(value);
  };
  if (!stamps_) return;
  const std::string number = std::to_string(++made_);
  set("uid", before == nullptr ? Json("0a11c0de-0000-4000-8000-" +
                                      std::string(12 - std::min<std::size_t>(12, number.size()), '0') + number)
                               : Json(before->json.text_at({"metadata", "uid"})));
  set("creationTimestamp",
      before == nullptr ? Json(now()) : Json(before->json.text_at({"metadata", "creationTimestamp"})));
  const std::uint64_t former = before == nullptr ? 0 : generation_of(before->json);
  const bool is_same = before != nullptr && desired(before->json) == desired(json);
  set("generation", Json::number(is_same ? former : former + 1));
}

// What a CustomResourceDefinition defines is served from then on.
void Writes::define(const Kind& kind, const Json& json) {
  if (kind.name != "CustomResourceDefinition") return;
  if (auto defined = defined_kind(json)) store_.serve(std::move(*defined));
}

Result<ObjectPtr> Writes::put(Json json, std::string raw) {
  const KindPtr kind = store_.find_named(json.text_at({"apiVersion"}), json.text_at({"kind"}));
  if (kind == nullptr) {
    return fail(invalid(text::cat("apiVersion, kind: no kind ", json.text_at({"apiVersion"}), " ",
                                  json.text_at({"kind"}), " is served")));
  }
  const std::string name(json.text_at({"metadata", "name"}));
  if (name.empty()) return fail(invalid(text::cat(kind->name, ": metadata.name is missing")));
  if (kind->name == "CustomResourceDefinition") {
    const auto defined = defined_kind(json);
    if (!defined) return fail(invalid(text::cat(kind->name, " ", name, ": ", defined.error().detail)));
  }
  if (!kind->is_namespaced) {
    json["metadata"].remove("namespace");
  } else if (json.text_at({"metadata", "namespace"}).empty()) {
    json["metadata"]["namespace"] = "default";
  }
  const ObjectPtr before = store_.get(*kind, json.text_at({"metadata", "namespace"}), name);
  stamp(json, before.get());
  ObjectPtr object = store_.put(kind, std::move(json), std::move(raw), before == nullptr ? Owners() : before->owners);
  define(*kind, object->json);
  return object;
}

WriteResult Writes::create(const Place& place, Json json, std::string_view manager) {
  if (auto refusal = fit_to_place(place, json)) return std::unexpected(std::move(*refusal));
  std::string name(json.text_at({"metadata", "name"}));
  const std::string_view prefix = json.text_at({"metadata", "generateName"});
  if (name.empty() && !prefix.empty()) {
    name = text::cat(prefix, "x", made_ + 1);
    json["metadata"]["name"] = name;
  }
  if (name.empty()) {
    return std::unexpected(
        invalid_object(*place.kind, name, "metadata.name: Required value: name or generateName is required"));
  }
  if (store_.get(*place.kind, place.namespace_, name) != nullptr) {
    Refusal refusal = conflict(*place.kind, name, "");
    refusal.reason = "AlreadyExists";
    refusal.message = text::cat(place.kind->resource(), " \"", name, "\" already exists");
    return std::unexpected(std::move(refusal));
  }
  if (!json.text_at({"metadata", "resourceVersion"}).empty()) {
    return std::unexpected(bad_request("resourceVersion should not be set on objects to be created"));
  }
  if (place.kind->has_status) json.remove("status");
  for (const std::string_view own : {"uid", "creationTimestamp", "generation"}) json["metadata"].remove(own);
  stamp(json, nullptr);
  const Object nothing{.kind = place.kind, .json = Json::map()};
  Owners owners = owners_after(nothing, json, manager);
  const ObjectPtr object = store_.put(place.kind, std::move(json), {}, std::move(owners));
  define(*place.kind, object->json);
  return Written{.object = object, .is_new = true};
}

WriteResult Writes::update(const Place& place, Json json, std::string_view manager) {
  if (auto refusal = fit_to_place(place, json)) return std::unexpected(std::move(*refusal));
  const ObjectPtr before = store_.get(*place.kind, place.namespace_, place.name);
  if (before == nullptr) return std::unexpected(not_found(*place.kind, place.name));
  if (place.kind->is_custom && json.text_at({"metadata", "resourceVersion"}).empty()) {
    return std::unexpected(invalid_object(
        *place.kind, place.name, "metadata.resourceVersion: Invalid value: 0: must be specified for an update"));
  }
  if (auto refusal = precondition(*before, json)) return std::unexpected(std::move(*refusal));
  Owners owners = owners_after(*before, json, manager);
  return replace(place, *before, std::move(json), std::move(owners));
}

WriteResult Writes::patch(const Place& place, PatchType type, const Json& patch, std::string_view manager,
                          bool is_forced) {
  const ObjectPtr before = store_.get(*place.kind, place.namespace_, place.name);
  if (type == PatchType::apply) return apply(place, before, patch, manager, is_forced);
  if (before == nullptr) return std::unexpected(not_found(*place.kind, place.name));
  if (auto refusal = precondition(*before, patch)) return std::unexpected(std::move(*refusal));
  Json json = before->json;
  type == PatchType::merge ? merge_patch(json, patch) : strategic_patch(json, patch);
  if (auto refusal = fit_to_place(place, json)) return std::unexpected(std::move(*refusal));
  Owners owners = owners_after(*before, json, manager);
  return replace(place, *before, std::move(json), std::move(owners));
}

WriteResult Writes::apply(const Place& place, const ObjectPtr& before, const Json& configuration,
                          std::string_view manager, bool is_forced) {
  if (configuration.text_at({"apiVersion"}).empty() || configuration.text_at({"kind"}).empty()) {
    return std::unexpected(bad_request("apiVersion and kind must be set in an apply patch"));
  }
  Json written = configuration;
  if (auto refusal = fit_to_place(place, written)) return std::unexpected(std::move(*refusal));
  if (before == nullptr) {
    if (!place.subresource.empty()) return std::unexpected(not_found(*place.kind, place.name));
    return create(place, std::move(written), manager);
  }
  if (auto refusal = precondition(*before, configuration)) return std::unexpected(std::move(*refusal));
  Applied applied = apply_patch(*before, manager, written, is_forced);
  if (!applied.conflicts.empty()) {
    std::string fields;
    for (const FieldPath& path : applied.conflicts) fields += text::cat(fields.empty() ? "" : ", ", ".", to_text(path));
    Refusal refusal = conflict(*place.kind, place.name, "");
    refusal.message = text::cat("Apply failed with ", applied.conflicts.size(), " conflicts: ", fields);
    return std::unexpected(std::move(refusal));
  }
  return replace(place, *before, std::move(applied.json), std::move(applied.owners));
}

// The status is changed through its subresource, and nothing else is. What changes nothing is no new revision.
WriteResult Writes::replace(const Place& place, const Object& before, Json json, Owners owners) {
  if (place.subresource == "status") {
    Json whole = before.json;
    take(whole, json, "status");
    json = std::move(whole);
  } else if (place.kind->has_status) {
    take(json, before.json, "status");
  }
  keep_own(json, before);
  if (json == before.json && owners == before.owners) {
    return Written{.object = store_.get(*place.kind, place.namespace_, place.name)};
  }
  json["metadata"].remove("generation");
  stamp(json, &before);
  const ObjectPtr object = store_.put(place.kind, std::move(json), {}, std::move(owners));
  define(*place.kind, object->json);
  return Written{.object = object};
}

std::expected<ObjectPtr, Refusal> Writes::remove(const Place& place, const Json& options) {
  const ObjectPtr before = store_.get(*place.kind, place.namespace_, place.name);
  if (before == nullptr) return std::unexpected(not_found(*place.kind, place.name));
  if (const Json* const preconditions = options.find("preconditions")) {
    Json wanted = Json::map();
    wanted["metadata"] = *preconditions;
    if (auto refusal = precondition(*before, wanted)) return std::unexpected(std::move(*refusal));
  }
  ObjectPtr gone = store_.remove(*place.kind, place.namespace_, place.name);
  if (place.kind->name == "CustomResourceDefinition") {
    if (const auto defined = defined_kind(gone->json)) store_.drop(defined->group, defined->plural);
  }
  return gone;
}

}  // namespace sallyport::fake_api
