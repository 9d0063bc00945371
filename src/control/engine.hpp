// SPDX-License-Identifier: Apache-2.0
// From changed objects to a changed model and changed statuses. What comes out depends on the objects that are in the
// store and on nothing that was there before (property test: tests/unit/control/history_test.cpp).
//
// One change costs one change: it translates again only what read something that changed (reads.hpp), resolves only the
// groups whose claims changed (groups.hpp), level by level upwards, and makes only the statuses anew that this touches.
// A result equal to the former one stops there. Nothing here goes through all objects, rules or groups, apart from
// parts(), statuses() and chosen(), and a change of the addresses that statuses list. A version of an object that says
// nothing new (kube::Object::meaning) is kept, and translated by nobody.
//
// A translation may read verdicts of levels below those that it claims in. What one does that reads a level as high as
// its own claims is bounded: each change goes through the levels once, and what such a translation then still wants is
// done with the next change. Belongs to the control thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/counted.hpp"
#include "control/groups.hpp"
#include "control/object_store.hpp"
#include "control/parts.hpp"
#include "control/reads.hpp"
#include "control/recording_lookup.hpp"
#include "control/roots.hpp"
#include "control/settings.hpp"
#include "control/status.hpp"
#include "control/work.hpp"
#include "dialects/all.hpp"
#include "model/delta.hpp"
#include "sources/source.hpp"

namespace sallyport::control {

struct Outcome {
  model::Delta delta;              // its version is the engine's, also when it is empty
  std::vector<StatusPtr> changed;  // new or different, in the order of their references
  std::vector<ObjectRef> gone;
  sources::Wanted wanted;  // by name, of the source
};

class Engine {
 public:
  explicit Engine(Settings settings);
  // With other dialects than all().
  Engine(Settings settings, dialects::Dialects dialects);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Before apply(): whether an object that the source gives by name is there and will come. A translation that reads
  // one is held back, with its status, and what it said before stays; the first delta waits for all of them, and so
  // does the first one after gather_anew().
  void set_awaited(RecordingLookup::IsAwaited is_awaited) { lookup_.set_awaited(std::move(is_awaited)); }

  Outcome apply(const sources::Changes& changes);
  // Before apply(): where the gateway is reached, from now on; nothing: that is not known. For who is given neither
  // --publish-address nor --publish-service.
  void set_addresses(std::optional<std::vector<std::string>> addresses);

  // What is in force lacks what nobody could give then: it stays as it is until nothing of the next objects is awaited.
  void gather_anew();
  bool is_gathering() const { return is_gathering_; }
  // Secrets that something refers to and that are not there. Goes through all that was read.
  bool lacks_secrets() const;

  // Translations that are held back.
  std::size_t held_back() const { return held_back_; }
  // Something refers to it.
  bool refers_to(const ObjectRef& ref) const { return reads_.reads(ref); }

  // Of the model after the last apply(); grows by one with every delta that is not empty.
  std::uint64_t version() const { return version_; }
  // Null if there is no such object.
  StatusPtr status(const ObjectRef& ref) const;
  // Those that lost to this one, which are for the very same requests; in rank order.
  std::vector<std::shared_ptr<const model::Rule>> shadowed_by(const model::Rule& rule) const;
  // As it was given last; null if there is no such object.
  kube::ObjectPtr newest(const ObjectRef& ref) const { return store_.newest(ref); }
  const Work& work() const { return work_; }
  std::size_t rules_in_force() const { return rules_.size(); }
  // What was read, and groups: none without objects.
  std::size_t nodes() const { return reads_.size() + groups_.size(); }

  // Made at each call, of all there is: for tests and dumps.
  Parts parts() const;
  Statuses statuses() const;
  // Of each object the version that counts: its newest good one, unless the newest went over to somebody else. From
  // these alone a fresh engine makes the same parts. In no order.
  std::vector<kube::ObjectPtr> chosen() const;

 private:
  void take_in(const sources::Changes& changes, Outcome& outcome);
  // Where the Service of --publish-service is among what changed.
  void read_addresses(const sources::Changes& changes);
  KnownObject& know(const ObjectStore::Entry& entry);
  void forget(const ObjectStore::Entry& entry);

  void settle();
  void translate_dirty();
  void translate(Root& root);
  void hold_back(Root& root, bool is_held_back);
  bool is_waiting() const;
  std::optional<dialects::Translation> ask(const Root& root);
  // Each says whether the object's status may be another.
  bool update(Root& root, std::optional<dialects::Translation> translation);
  bool update_claims(Root& root, std::vector<dialects::Claim> claims);
  template <class Part>
  static void update_parts(Counted<Part>& all, std::vector<std::shared_ptr<const Part>>& of_root,
                           std::vector<Part> parts);

  void resolve_dirty(dialects::Level up_to);
  void resolve(const Groups::Dirty& dirty);
  void win(HeldClaim& claim);
  void unwin(HeldClaim& claim);

  void mark_stale(KnownObject& object);
  void make_statuses(Outcome& outcome);
  void make_delta(Outcome& outcome);

  Settings settings_;
  dialects::Dialects dialects_;
  ObjectStore store_;
  Reads reads_{store_};
  Groups groups_;
  RecordingLookup lookup_{reads_, groups_};
  std::unordered_map<const ObjectStore::Entry*, KnownObject> objects_;
  Counted<model::EndpointSet> endpoint_sets_;
  Counted<model::Backend> backends_;
  Counted<model::Rule> rules_;
  Counted<model::Certificate> certificates_;
  Counted<model::ServerName> server_names_;
  std::vector<KnownObject*> stale_;
  std::optional<std::vector<std::string>> addresses_;  // where the gateway is reached, as far as it is known
  Work work_;
  std::size_t held_back_ = 0;
  bool is_gathering_ = true;     // no delta is made while anything is awaited
  std::vector<ObjectRef> gone_;  // meanwhile
  std::uint64_t version_ = 0;
  bool has_tls_ = false;  // the listener that speaks TLS is in the model: there is something to serve by it
};

}  // namespace sallyport::control
