// SPDX-License-Identifier: Apache-2.0
// Nothing depends on history: after each of 20,000 random edits, also to wrong versions, the engine has what a fresh
// one has that was only told the versions in force and the newest ones; and its outcomes, added up, are its model and
// its statuses.

#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "control/engine.hpp"
#include "unit/control/objects.hpp"
#include "unit/control/slots.hpp"
#include "unit/control/writer.hpp"

namespace sallyport::control {
namespace {

template <class Part>
void add(ById<Part>& to, const model::Changes<Part>& changes) {
  for (const model::Id& id : changes.removed) EXPECT_EQ(to.erase(id), 1U) << "removed twice: " << id;
  for (const auto& part : changes.changed) to.insert_or_assign(part->id, part);
}

// What somebody knows who only hears of the outcomes.
struct AddedUp {
  Parts parts;
  Statuses statuses;

  void add(const Outcome& outcome) {
    control::add(parts.listeners, outcome.delta.listeners);
    control::add(parts.endpoint_sets, outcome.delta.endpoint_sets);
    control::add(parts.backends, outcome.delta.backends);
    control::add(parts.rules, outcome.delta.rules);
    control::add(parts.certificates, outcome.delta.certificates);
    control::add(parts.server_names, outcome.delta.server_names);
    for (const ObjectRef& ref : outcome.gone) EXPECT_EQ(statuses.erase(ref), 1U) << "gone twice: " << to_text(ref);
    for (const StatusPtr& status : outcome.changed) statuses.insert_or_assign(status->origin.object, status);
  }
};

struct Versions {
  kube::ObjectPtr newest;
  kube::ObjectPtr good;
};
using World = std::map<ObjectRef, Versions>;

bool is_good(const dialects::Dialects& all, const kube::Object& object) {
  for (const auto& dialect : all) {
    for (const auto& root : dialect->roots()) {
      const bool translates = root.group == object.ref.group && root.kind == object.ref.kind;
      if (translates && !dialect->faults(object).empty()) return false;
    }
  }
  return true;
}

std::map<ObjectRef, ObjectStatus> by_contents(const Statuses& statuses) {
  std::map<ObjectRef, ObjectStatus> all;
  for (const auto& [ref, status] : statuses) all.emplace(ref, *status);
  return all;
}

void expect_same_as_fresh(const Engine& engine, const Settings& settings, const World& world) {
  sources::Changes good;
  sources::Changes newest;
  for (const auto& [ref, version] : world) {
    if (version.good) good.changed.push_back(version.good);
    newest.changed.push_back(version.newest);
  }
  Engine fresh(settings, with_slots(dialect_settings(settings)));
  fresh.apply(good);
  fresh.apply(newest);
  ASSERT_EQ(engine.parts(), fresh.parts());
  ASSERT_EQ(by_contents(engine.statuses()), by_contents(fresh.statuses()));
  ASSERT_EQ(engine.nodes(), fresh.nodes());
}

void remove_some(World& world, Writer& writer, sources::Changes& changes) {
  do {
    if (world.empty()) return;
    const auto at = std::next(world.begin(), static_cast<std::ptrdiff_t>(writer.below(world.size())));
    changes.removed.push_back(at->first);
    world.erase(at);
  } while (writer.one_in(4));
}

// Mostly one edit, sometimes several at once; an object that is removed may be there again in the same change.
sources::Changes edit(World& world, Writer& writer, const dialects::Dialects& all) {
  sources::Changes changes;
  if (writer.one_in(5)) {
    remove_some(world, writer, changes);
    if (!writer.one_in(3)) return changes;
  }
  std::string text = writer.object();
  while (writer.one_in(10)) text += writer.object();
  for (const kube::ObjectPtr& object : distinct_objects(text)) {
    changes.changed.push_back(object);
    Versions& version = world[object->ref];
    version.newest = object;
    if (is_good(all, *object)) version.good = object;
  }
  return changes;
}

// Each rule in force is somebody's, and nobody has one twice.
std::size_t rules_of(const Statuses& statuses) {
  std::size_t all = 0;
  for (const auto& [ref, status] : statuses) all += status->rules;
  return all;
}

class History : public testing::TestWithParam<unsigned> {};

TEST_P(History, DoesNotMatter) {
  Writer writer(GetParam());
  Settings settings;
  settings.watch_without_class = GetParam() % 2 == 0;
  settings.loopback_endpoints = GetParam() % 3 != 0;
  settings.publish_addresses = {"192.0.2.1"};
  settings.https_redirect = GetParam() % 2 == 0;
  if (GetParam() % 4 == 0) {
    settings.default_certificate = ObjectRef{.group = "", .kind = "Secret", .namespace_ = "shop", .name = "tls"};
  }
  const dialects::Dialects all = with_slots(dialect_settings(settings));
  Engine engine(settings, with_slots(dialect_settings(settings)));
  AddedUp added_up;
  World world;
  std::set<std::string> reasons;
  for (int step = 0; step < 2'500; ++step) {
    const sources::Changes changes = edit(world, writer, all);
    const std::uint64_t before = engine.version();
    const Outcome outcome = engine.apply(changes);
    ASSERT_EQ(outcome.delta.version, before + (outcome.delta.empty() ? 0 : 1));
    added_up.add(outcome);
    for (const StatusPtr& status : outcome.changed) {
      for (const dialects::Finding& finding : status->findings) {
        reasons.insert(finding.reason);
        if (finding.by) reasons.insert(finding.by->has);
      }
      if (status->rules != 0) reasons.insert("served " + status->origin.object.kind);
    }
    ASSERT_EQ(added_up.parts, engine.parts());
    ASSERT_EQ(added_up.statuses, engine.statuses());
    ASSERT_EQ(rules_of(added_up.statuses), engine.rules_in_force());
    ASSERT_EQ(engine.rules_in_force(), engine.parts().rules.size());
    expect_same_as_fresh(engine, settings, world);
    if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", step " << step;
  }
  sources::Changes rest;
  for (const auto& [ref, versions] : world) rest.removed.push_back(ref);
  engine.apply(rest);
  EXPECT_EQ(engine.nodes(), 0U);
  EXPECT_EQ(engine.rules_in_force(), 0U);
  EXPECT_TRUE(engine.parts().certificates.empty() && engine.parts().server_names.empty());
  for (const char* reason :
       {"Shadowed", "LastGood", "InvalidField", "ServiceNotFound", "PortNotFound", "UnknownClass", "NoEndpoints",
        "InvalidPath", "FitsNothing", "served Ingress", "served GateRoute", "served ConfigMap", "SecretNotFound",
        "InvalidCertificate", "HostWithoutTls", "NotUsed", "the first kind by name", "the first place in its object"}) {
    EXPECT_TRUE(reasons.contains(reason)) << "never seen: " << reason;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, History, testing::Range(1U, 9U));

}  // namespace
}  // namespace sallyport::control
