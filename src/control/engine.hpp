// SPDX-License-Identifier: Apache-2.0
// From changed objects to a changed model and changed statuses. What comes out depends on the objects that are in the
// store and on nothing that was there before (property test: tests/unit/control/history_test.cpp).
//
// Translates everything at each change, and gives out only what differs; whoever calls it cannot tell.
// Belongs to the control thread.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/object_store.hpp"
#include "control/parts.hpp"
#include "control/settings.hpp"
#include "control/status.hpp"
#include "dialects/all.hpp"
#include "model/delta.hpp"
#include "sources/source.hpp"

namespace sallyport::control {

struct Outcome {
  model::Delta delta;                 // its version is the engine's, also when it is empty
  std::vector<ObjectStatus> changed;  // new or different
  std::vector<ObjectRef> gone;
};

class Engine {
 public:
  explicit Engine(Settings settings);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Outcome apply(const sources::Changes& changes);

  // Of the model after the last apply(); grows by one with every delta that is not empty.
  std::uint64_t version() const { return version_; }
  const Parts& parts() const { return parts_; }
  const std::map<ObjectRef, ObjectStatus>& statuses() const { return statuses_; }

 private:
  std::map<ObjectRef, Translated> translate() const;
  static std::optional<dialects::Translation> translate(const dialects::Dialect& dialect,
                                                        const ObjectStore::Entry& entry,
                                                        const dialects::Lookup& lookup);
  Parts build(std::map<ObjectRef, Translated>& translated) const;
  std::map<ObjectRef, ObjectStatus> judge(const std::map<ObjectRef, Translated>& translated) const;

  Settings settings_;
  dialects::Dialects dialects_;
  ObjectStore store_;
  std::uint64_t version_ = 0;
  Parts parts_;
  std::map<ObjectRef, ObjectStatus> statuses_;
};

}  // namespace sallyport::control
