// SPDX-License-Identifier: Apache-2.0
// The objects that control knows, each as its newest version and as its newest good one: the newest that has no fault
// by itself alone. Last good is an input, not a memory: what is translated is always the good version, with today's
// dependencies (design: "One change costs one change"). Files good versions in the indexes that dialects declared.
//
// Belongs to the control thread.

#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dialects/all.hpp"
#include "dialects/lookup.hpp"
#include "kube/object.hpp"

namespace sallyport::control {

class ObjectStore {
 public:
  struct Entry {
    kube::ObjectPtr newest;
    kube::ObjectPtr good;                   // null if every version had a fault; mostly the same as `newest`
    std::vector<dialects::Finding> faults;  // of the newest
  };

  // `dialects` outlives the store.
  explicit ObjectStore(const dialects::Dialects& dialects);

  // Stays where it is until remove().
  const Entry& put(kube::ObjectPtr object);
  // Forgets every version of it.
  void remove(const ObjectRef& ref);

  // Null if there is none.
  const Entry* find(const ObjectRef& ref) const;
  kube::ObjectPtr good(const ObjectRef& ref) const;
  kube::ObjectPtr newest(const ObjectRef& ref) const;
  const std::set<ObjectRef>& filed(const dialects::Index& index, const ObjectRef& key) const;

  const std::vector<const dialects::Index*>& indexes() const { return declared_; }
  // The dialects that translate objects of this kind.
  const std::vector<const dialects::Dialect*>& dialects_of(const ObjectRef& ref) const;

 private:
  using Members = std::unordered_map<ObjectRef, std::set<ObjectRef>>;

  void file(const kube::Object& object);
  void unfile(const kube::Object& object);

  std::map<std::pair<std::string, std::string>, std::vector<const dialects::Dialect*>> dialects_by_kind_;
  std::vector<const dialects::Index*> declared_;
  std::map<const dialects::Index*, Members> indexes_;
  std::unordered_map<ObjectRef, Entry> entries_;
};

}  // namespace sallyport::control
