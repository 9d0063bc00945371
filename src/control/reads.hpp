// SPDX-License-Identifier: Apache-2.0
// What translations have read, so that only those are translated again whose reading changed.
//
// One node for each thing that was read: (object, projection), (index, key, projection), (group of claims); also where
// nothing was found. It holds the value that its readers saw. A change makes only those projections anew that somebody
// has read, and where the value is equal, that is all. A reader is taken off a node in constant time, since thousands
// of Ingresses read one IngressClass.
//
// Belongs to the control thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "control/object_store.hpp"
#include "dialects/lookup.hpp"
#include "sources/source.hpp"

namespace sallyport::control {

class Reads {
 public:
  using Value = std::shared_ptr<const void>;  // of a projection; null where there is no such object

  struct Read;
  struct Use {
    Read* read;
    std::uint32_t at;  // its place among the node's readers
  };

  // Whoever reads; it stays where it is until forget().
  struct Reader {
    std::vector<Use> uses;
    bool is_dirty = false;  // it waits in take_dirty()
  };

  explicit Reads(const ObjectStore& store);
  Reads(const Reads&) = delete;
  Reads& operator=(const Reads&) = delete;
  ~Reads();

  // Between begin() and end() one reader reads; these are its reads from then on, and its former ones are forgotten.
  void begin() { ++round_; }
  Value object(const ObjectRef& ref, const dialects::Projection& through);
  std::vector<std::pair<ObjectRef, Value>> members(const dialects::Index& index, const ObjectRef& key,
                                                   const dialects::Projection& through);
  // `now` is taken if nobody has read that group yet.
  dialects::GroupVerdict verdict(const std::string& group, dialects::GroupVerdict now);
  void end(Reader& reader);
  void forget(Reader& reader);

  // Each marks the readers that saw something else. Null is a good version that is not there; both may be the same,
  // where only a newer one with a fault has come.
  void object_changed(const ObjectRef& ref, const kube::Object* before, const kube::Object* now);
  void verdict_changed(const std::string& group, const dialects::GroupVerdict& now);

  // Marks who reads the object, though nothing of it changed: it is known now whether there is one.
  void object_known(const ObjectRef& ref);

  // Objects that a source gives by name only, and that somebody has begun or ceased to read since the last call. One
  // that is pinned counts as read for ever.
  void pin(const ObjectRef& ref);
  sources::Wanted take_wanted();
  bool reads(const ObjectRef& ref) const { return objects_.contains(ref) || pinned_.contains(ref); }
  // Those of them that are not there. Goes through all that is read.
  std::vector<ObjectRef> missing_by_name() const;

  void mark(Reader& reader);
  std::vector<Reader*> take_dirty();

  std::size_t size() const { return size_; }  // nodes

 private:
  using Nodes = std::vector<std::unique_ptr<Read>>;  // of one thing, one for each projection
  struct IndexKey {
    const dialects::Index* index;
    ObjectRef key;

    bool operator==(const IndexKey&) const = default;
  };
  struct HashOfIndexKey {
    std::size_t operator()(const IndexKey& key) const noexcept {
      return std::hash<ObjectRef>()(key.key) ^ std::hash<const void*>()(key.index);
    }
  };

  Read& asked(Read& read);
  void unlink(Use use);
  void drop(Read& read);
  Value value_of(const ObjectRef& ref, const dialects::Projection& through) const;
  void mark_readers(const Read& read);
  void note_wanted(const ObjectRef& ref, bool is_wanted);
  void member_changed(const IndexKey& key, const ObjectRef& ref, const kube::Object* now);

  const ObjectStore& store_;
  std::unordered_map<ObjectRef, Nodes> objects_;
  std::unordered_map<IndexKey, Nodes, HashOfIndexKey> members_;
  std::unordered_map<std::string, Nodes> verdicts_;
  std::size_t size_ = 0;
  std::uint64_t round_ = 0;
  std::vector<Read*> asked_;
  std::vector<Reader*> dirty_;
  std::set<ObjectRef> pinned_;
  std::map<ObjectRef, bool> wanted_news_;  // since take_wanted(): whether it is read now
};

}  // namespace sallyport::control
