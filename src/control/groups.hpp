// SPDX-License-Identifier: Apache-2.0
// The claims of all translations, by group and within it in rank order; and which groups have changed.
//
// Belongs to the control thread.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dialects/claim.hpp"

namespace sallyport::control {

struct Group;
struct KnownObject;

// A claim that was made. It stays where it is from insert() to erase().
struct HeldClaim {
  dialects::ClaimValue value;
  Group* group = nullptr;
  KnownObject* owner = nullptr;
  bool wins = false;
};

struct Group {
  const std::string* key = nullptr;
  dialects::Level level = dialects::Level::rules;
  dialects::Resolution resolution = dialects::Resolution::first_wins;
  bool is_dirty = false;
  std::vector<HeldClaim*> claims;  // in rank order
  HeldClaim* winner = nullptr;     // when it was resolved last; null once that claim was erased
};

// A key as one text, which is shorter; the length of each part stands before it, so that it stays a tuple.
std::string packed(const dialects::GroupKey& key);

class Groups {
 public:
  struct Dirty {
    Group* group;
    std::optional<dialects::ClaimValue> former;  // what won
  };

  Groups() = default;
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;

  // Makes it if there is none.
  Group& at(const dialects::GroupKey& key);
  // Both mark the group.
  void insert(HeldClaim& claim);
  void erase(HeldClaim& claim);

  // Those of this level and below that were marked, each once.
  std::vector<Dirty> take_dirty(dialects::Level up_to);
  // A group without claims goes.
  void drop_if_empty(Group& group);

  // Null if nobody claims it.
  const Group* find(const std::string& key) const;
  // As it would be resolved now.
  dialects::GroupVerdict verdict(const std::string& key) const;

  std::size_t size() const { return groups_.size(); }

 private:
  void mark(Group& group);

  std::unordered_map<std::string, Group> groups_;                  // by packed key
  std::array<std::vector<Dirty>, dialects::levels.size()> dirty_;  // by level
};

dialects::GroupVerdict verdict_of(const Group& group);

}  // namespace sallyport::control
