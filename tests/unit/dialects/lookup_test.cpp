// SPDX-License-Identifier: Apache-2.0
#include "dialects/lookup.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace sallyport::dialects {
namespace {

std::string uid_of(const kube::Object& object) { return object.meta.uid; }
std::string version_of(const kube::Object& object) { return object.meta.resource_version; }

const Index everything = {"everything", [](const kube::Object&) { return std::vector<ObjectRef>{{}}; }};

// What the incremental engine needs to know, seen from behind the interface.
class Recorder final : public Lookup {
 public:
  std::map<ObjectRef, kube::Object> objects;
  mutable std::vector<std::pair<ObjectRef, const Projection*>> reads;

 private:
  Found find(const ObjectRef& ref, const Projection& through) const override {
    reads.emplace_back(ref, &through);
    const auto found = objects.find(ref);
    if (found == objects.end()) return {};
    return {Presence::present, through.of(found->second)};
  }
  std::vector<std::pair<ObjectRef, std::shared_ptr<const void>>> find_all(const Index& index, const ObjectRef&,
                                                                          const Projection& through) const override {
    std::vector<std::pair<ObjectRef, std::shared_ptr<const void>>> all;
    for (const auto& [ref, object] : objects) {
      if (!index.keys(object).empty()) all.emplace_back(ref, through.of(object));
    }
    return all;
  }
  GroupVerdict judged(const GroupKey& group) const override { return {.claims = group.place.size(), .winner = web()}; }
  static ObjectRef web() { return {.group = "", .kind = "Service", .namespace_ = "shop", .name = "web"}; }
};

const ObjectRef web{"", "Service", "shop", "web"};
const ObjectRef gone{"", "Service", "shop", "gone"};

kube::Object object(std::string uid, std::string version) {
  kube::Object made;
  made.ref = web;
  made.meta.uid = std::move(uid);
  made.meta.resource_version = std::move(version);
  return made;
}

TEST(Lookup, GivesTheProjectedValueAndRecordsReadsThatFoundNothing) {
  Recorder lookup;
  lookup.objects.emplace(web, object("1", "7"));
  EXPECT_EQ(*lookup.read<&uid_of>(web), "1");
  EXPECT_FALSE(lookup.read<&uid_of>(gone));
  EXPECT_EQ(lookup.read<&uid_of>(gone).presence, Presence::absent);
  ASSERT_EQ(lookup.reads.size(), 3U);
  EXPECT_EQ(lookup.reads[1].first, gone);
}

TEST(Lookup, ProjectionIsOneForEachFunction) {
  Recorder lookup;
  (void)lookup.read<&uid_of>(web);
  (void)lookup.read<&uid_of>(gone);
  (void)lookup.read<&version_of>(web);
  EXPECT_EQ(lookup.reads[0].second, lookup.reads[1].second);
  EXPECT_NE(lookup.reads[0].second, lookup.reads[2].second);
}

TEST(Lookup, ChangeOutsideTheProjectionIsTheSameValue) {
  const Projection& through = projection<&uid_of>;
  const auto before = through.of(object("1", "7"));
  EXPECT_TRUE(through.same(before.get(), through.of(object("1", "8")).get()));
  EXPECT_FALSE(through.same(before.get(), through.of(object("2", "7")).get()));
}

TEST(Lookup, ListGivesMembersOfAnIndex) {
  Recorder lookup;
  lookup.objects.emplace(web, object("1", "7"));
  const auto members = lookup.list<&uid_of>(everything, {});
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(members[0].ref, web);
  EXPECT_EQ(*members[0].value, "1");
}

TEST(Lookup, GivesTheVerdictOfAGroup) {
  const Recorder lookup;
  const GroupVerdict verdict = lookup.verdict({.level = Level::listeners, .place = {"gateway", "80"}});
  EXPECT_EQ(verdict.claims, 2U);
  EXPECT_EQ(verdict.winner, web);
}

}  // namespace
}  // namespace sallyport::dialects
