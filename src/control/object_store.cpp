// SPDX-License-Identifier: Apache-2.0
#include "control/object_store.hpp"

#include <utility>

namespace sallyport::control {

ObjectStore::ObjectStore(const dialects::Dialects& dialects) {
  for (const auto& dialect : dialects) {
    for (const dialects::RootKind& root : dialect->roots()) {
      dialects_by_kind_[{std::string(root.group), std::string(root.kind)}].push_back(dialect.get());
    }
    for (const dialects::Index* index : dialect->indexes()) {
      if (indexes_.try_emplace(index).second) declared_.push_back(index);
    }
  }
}

const std::vector<const dialects::Dialect*>& ObjectStore::dialects_of(const ObjectRef& ref) const {
  static const std::vector<const dialects::Dialect*> none;
  const auto found = dialects_by_kind_.find({ref.group, ref.kind});
  return found == dialects_by_kind_.end() ? none : found->second;
}

const ObjectStore::Entry& ObjectStore::put(kube::ObjectPtr object) {
  Entry& entry = entries_[object->ref];
  entry.newest = object;
  entry.faults.clear();
  for (const dialects::Dialect* dialect : dialects_of(object->ref)) {
    for (dialects::Finding& fault : dialect->faults(*object)) entry.faults.push_back(std::move(fault));
  }
  if (!entry.faults.empty()) return entry;
  if (entry.good) unfile(*entry.good);
  file(*object);
  entry.good = std::move(object);
  return entry;
}

void ObjectStore::remove(const ObjectRef& ref) {
  const auto found = entries_.find(ref);
  if (found == entries_.end()) return;
  if (found->second.good) unfile(*found->second.good);
  entries_.erase(found);
}

const ObjectStore::Entry* ObjectStore::find(const ObjectRef& ref) const {
  const auto found = entries_.find(ref);
  return found == entries_.end() ? nullptr : &found->second;
}

kube::ObjectPtr ObjectStore::good(const ObjectRef& ref) const {
  const Entry* entry = find(ref);
  return entry == nullptr ? nullptr : entry->good;
}

kube::ObjectPtr ObjectStore::newest(const ObjectRef& ref) const {
  const Entry* entry = find(ref);
  return entry == nullptr ? nullptr : entry->newest;
}

const std::set<ObjectRef>& ObjectStore::filed(const dialects::Index& index, const ObjectRef& key) const {
  static const std::set<ObjectRef> none;
  const auto keys = indexes_.find(&index);
  if (keys == indexes_.end()) return none;
  const auto members = keys->second.find(key);
  return members == keys->second.end() ? none : members->second;
}

void ObjectStore::file(const kube::Object& object) {
  for (auto& [index, members] : indexes_) {
    for (const ObjectRef& key : index->keys(object)) members[key].insert(object.ref);
  }
}

void ObjectStore::unfile(const kube::Object& object) {
  for (auto& [index, members] : indexes_) {
    for (const ObjectRef& key : index->keys(object)) {
      const auto found = members.find(key);
      if (found == members.end()) continue;
      found->second.erase(object.ref);
      if (found->second.empty()) members.erase(found);
    }
  }
}

}  // namespace sallyport::control
