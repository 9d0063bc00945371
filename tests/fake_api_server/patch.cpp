// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/patch.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::fake_api {
namespace {

constexpr std::string_view conditions = "conditions";

std::string bracketed(const Json& condition) { return "[" + std::string(condition.text_at({"type"})) + "]"; }

Json* condition_of(Json& list, std::string_view bracketed_type) {
  for (Json::Member& element : list.members()) {
    if (bracketed(element.value) == bracketed_type) return &element.value;
  }
  return nullptr;
}

enum class Nulls { remove, keep };

// Maps member by member; with `by_type` conditions too.
void merge(Json& target, const Json& patch, bool by_type, Nulls nulls) {
  if (!patch.is_map()) {
    target = patch;
    return;
  }
  if (!target.is_map()) target = Json::map();
  for (const Json::Member& member : patch.members()) {
    if (member.value.is_null() && nulls == Nulls::remove) {
      target.remove(member.name);
      continue;
    }
    Json& place = target[member.name];
    if (!by_type || member.name != conditions || !member.value.is_list() || !place.is_list()) {
      merge(place, member.value, by_type, nulls);
      continue;
    }
    for (const Json::Member& element : member.value.members()) {
      Json* const there = condition_of(place, bracketed(element.value));
      there == nullptr ? place.add(element.value) : merge(*there, element.value, by_type, nulls);
    }
  }
}

void collect(const Json& value, FieldPath& way, std::set<FieldPath>& fields) {
  const bool has_conditions = value.is_list() && !way.empty() && way.back() == conditions;
  if ((!value.is_map() && !has_conditions) || value.members().empty()) {
    fields.insert(way);
    return;
  }
  for (const Json::Member& member : value.members()) {
    way.push_back(has_conditions ? bracketed(member.value) : member.name);
    collect(member.value, way, fields);
    way.pop_back();
  }
}

// Without what only says which object it is.
std::set<FieldPath> fields_of(const Json& json) {
  std::set<FieldPath> fields;
  FieldPath way;
  collect(json, way, fields);
  std::erase_if(fields, [](const FieldPath& path) {
    if (path.front() == "apiVersion" || path.front() == "kind") return true;
    if (path.front() != "metadata") return false;
    return path.size() == 1 || (path[1] != "labels" && path[1] != "annotations");
  });
  return fields;
}

Json* value_at(Json& json, const FieldPath& path) {
  Json* here = &json;
  for (const std::string& step : path) {
    here = here->is_list() ? condition_of(*here, step) : here->find(step);
    if (here == nullptr) return nullptr;
  }
  return here;
}

bool is_same(const Json& one, const Json& other, const FieldPath& path) {
  const Json* const here = value_at(const_cast<Json&>(one), path);
  const Json* const there = value_at(const_cast<Json&>(other), path);
  return here == nullptr || there == nullptr ? here == there : *here == *there;
}

// With the maps and conditions above that are empty then.
void remove_at(Json& json, FieldPath path) {
  while (!path.empty()) {
    const std::string last = std::move(path.back());
    path.pop_back();
    Json* const above = value_at(json, path);
    if (above == nullptr) return;
    if (above->is_list()) {
      std::erase_if(above->members(), [&last](const Json::Member& one) { return bracketed(one.value) == last; });
    } else {
      above->remove(last);
    }
    const bool is_done = !above->members().empty() || path.size() < 2;
    if (is_done) return;
  }
}

bool is_owned(const Owners& owners, const FieldPath& path) {
  return std::ranges::any_of(owners, [&path](const auto& owner) { return owner.second.contains(path); });
}

}  // namespace

void merge_patch(Json& target, const Json& patch) { merge(target, patch, false, Nulls::remove); }

void strategic_patch(Json& target, const Json& patch) { merge(target, patch, true, Nulls::remove); }

Applied apply_patch(const Object& object, std::string_view manager, const Json& configuration, bool is_forced) {
  Applied applied{.json = object.json, .owners = object.owners, .conflicts = {}};
  std::set<FieldPath> fields = fields_of(configuration);
  std::set<FieldPath> former;
  if (auto mine = applied.owners.extract(std::string(manager))) former = std::move(mine.mapped());
  for (const FieldPath& path : fields) {
    if (!is_owned(applied.owners, path) || is_same(object.json, configuration, path)) continue;
    if (!is_forced) applied.conflicts.push_back(path);
    for (auto& [other, owned] : applied.owners) owned.erase(path);
  }
  for (const FieldPath& path : former) {
    if (!fields.contains(path) && !is_owned(applied.owners, path)) remove_at(applied.json, path);
  }
  merge(applied.json, configuration, true, Nulls::keep);
  applied.owners[std::string(manager)] = std::move(fields);
  return applied;
}

Owners owners_after(const Object& before, const Json& after, std::string_view manager) {
  Owners owners = before.owners;
  const std::set<FieldPath> fields = fields_of(after);
  for (auto& [other, owned] : owners) {
    std::erase_if(owned, [&](const FieldPath& path) {
      return !fields.contains(path) || (other != manager && !is_same(before.json, after, path));
    });
  }
  for (const FieldPath& path : fields) {
    if (!is_same(before.json, after, path)) owners[std::string(manager)].insert(path);
  }
  return owners;
}

std::string to_text(const FieldPath& path) {
  std::string text;
  for (const std::string& step : path) {
    if (!text.empty() && !step.starts_with('[')) text += '.';
    text += step;
  }
  return text;
}

}  // namespace sallyport::fake_api
