// SPDX-License-Identifier: Apache-2.0
#include "control/reads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "unit/control/objects.hpp"

namespace sallyport::control {
namespace {

std::string uid_of(const kube::Object& object) { return object.meta.uid; }
std::string note_of(const kube::Object& object) {
  const auto note = object.meta.annotations.find("note");
  return note == object.meta.annotations.end() ? "" : note->second;
}
std::vector<ObjectRef> by_uid(const kube::Object& object) {
  return {{.group = {}, .kind = {}, .namespace_ = {}, .name = object.meta.uid}};
}

const dialects::Index uids = {"uids", by_uid};
const dialects::Projection& uid = dialects::projection<&uid_of>;
const dialects::Projection& note = dialects::projection<&note_of>;

class Indexer final : public dialects::Dialect {
 public:
  std::string_view name() const override { return "indexer"; }
  std::span<const dialects::RootKind> roots() const override { return {}; }
  std::span<const dialects::Index* const> indexes() const override {
    static const std::array<const dialects::Index*, 1> all = {&uids};
    return all;
  }
  std::vector<dialects::Finding> faults(const kube::Object&) const override { return {}; }
  std::optional<dialects::Finding> foreign(const kube::Object&, const dialects::Lookup&) const override { return {}; }
  dialects::Translation translate(const kube::Object&, const dialects::Lookup&) const override { return {}; }
};

dialects::Dialects indexer() {
  dialects::Dialects all;
  all.push_back(std::make_unique<Indexer>());
  return all;
}

ObjectRef ref(std::string name) {
  return {.group = "", .kind = "ConfigMap", .namespace_ = "shop", .name = std::move(name)};
}
ObjectRef key(std::string name) { return {.group = {}, .kind = {}, .namespace_ = {}, .name = std::move(name)}; }

struct ReadsTest : testing::Test {
  void put(std::string_view name, std::string_view uid_text, std::string_view note_text = "") {
    const auto made =
        objects(text::cat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ", name, ", namespace: shop, uid: \"",
                          uid_text, "\", annotations: {note: \"", note_text, "\"}}\n"));
    const kube::ObjectPtr before = store.good(made.at(0)->ref);
    store.put(made.at(0));
    reads.object_changed(made.at(0)->ref, before.get(), made.at(0).get());
  }
  void remove(const std::string& name) {
    const kube::ObjectPtr before = store.good(ref(name));
    store.remove(ref(name));
    reads.object_changed(ref(name), before.get(), nullptr);
  }
  void read_a(Reads::Reader& reader) {
    reads.begin();
    reads.object(ref("a"), uid);
    reads.end(reader);
  }
  std::size_t dirty() { return reads.take_dirty().size(); }

  const dialects::Dialects all = indexer();
  ObjectStore store{all};
  Reads reads{store};
};

TEST_F(ReadsTest, OnlyTheProjectionThatWasReadCounts) {
  put("a", "1", "x");
  Reads::Reader reader;
  reads.begin();
  EXPECT_EQ(*std::static_pointer_cast<const std::string>(reads.object(ref("a"), uid)), "1");
  reads.end(reader);
  put("a", "1", "y");
  EXPECT_EQ(dirty(), 0U);
  put("a", "2", "y");
  EXPECT_EQ(dirty(), 1U);
  put("b", "2");
  EXPECT_EQ(dirty(), 0U);
  reads.forget(reader);
}

TEST_F(ReadsTest, WhatWasNotThereIsAReadTillItComesAndWhenItGoes) {
  Reads::Reader reader;
  reads.begin();
  EXPECT_FALSE(reads.object(ref("a"), uid));
  EXPECT_TRUE(reads.members(uids, key("1"), note).empty());
  reads.end(reader);
  EXPECT_EQ(reads.size(), 2U);
  put("a", "1");
  EXPECT_EQ(dirty(), 1U);
  remove("a");
  EXPECT_EQ(dirty(), 1U);
  remove("a");
  EXPECT_EQ(dirty(), 0U);
  reads.forget(reader);
  EXPECT_EQ(reads.size(), 0U);
}

TEST_F(ReadsTest, MembersChangeWithTheirValueAndTheirKey) {
  put("a", "1", "x");
  put("b", "2", "x");
  Reads::Reader reader;
  const auto members = [&] {
    reads.begin();
    std::string names;
    for (const auto& [member, value] : reads.members(uids, key("1"), note)) {
      names += member.name + "=" + *std::static_pointer_cast<const std::string>(value) + " ";
    }
    reads.end(reader);
    return names;
  };
  EXPECT_EQ(members(), "a=x ");
  put("a", "1", "y");
  EXPECT_EQ(dirty(), 1U);
  EXPECT_EQ(members(), "a=y ");
  put("b", "1", "x");
  EXPECT_EQ(dirty(), 1U);
  EXPECT_EQ(members(), "a=y b=x ");
  put("a", "3", "y");
  EXPECT_EQ(dirty(), 1U);
  EXPECT_EQ(members(), "b=x ");
  put("a", "3", "z");
  EXPECT_EQ(dirty(), 0U);
  remove("b");
  EXPECT_EQ(dirty(), 1U);
  EXPECT_EQ(members(), "");
  reads.forget(reader);
}

TEST_F(ReadsTest, ReadTwiceInOneRoundIsOneRead) {
  Reads::Reader reader;
  reads.begin();
  for (int times = 0; times < 3; ++times) (void)reads.object(ref("a"), uid);
  reads.end(reader);
  EXPECT_EQ(reader.uses.size(), 1U);
  reads.begin();
  (void)reads.object(ref("b"), uid);
  (void)reads.object(ref("a"), uid);
  reads.end(reader);
  EXPECT_EQ(reader.uses.size(), 2U);
  reads.begin();
  reads.end(reader);
  EXPECT_EQ(reads.size(), 0U);
}

TEST_F(ReadsTest, VerdictIsTakenFromItsNodeUntilItChanges) {
  Reads::Reader reader;
  const dialects::GroupVerdict one{.claims = 1, .winner = ref("a")};
  const dialects::GroupVerdict two{.claims = 2, .winner = ref("a")};
  reads.begin();
  EXPECT_EQ(reads.verdict("slot", one), one);
  reads.end(reader);
  reads.verdict_changed("slot", one);
  reads.verdict_changed("other", two);
  EXPECT_EQ(dirty(), 0U);
  reads.verdict_changed("slot", two);
  EXPECT_EQ(dirty(), 1U);
  reads.begin();
  EXPECT_EQ(reads.verdict("slot", one), two);
  reads.end(reader);
  reads.forget(reader);
}

// Readers come, go and read something else, in random order; after each step every hub knows exactly its readers.
TEST_F(ReadsTest, HubKnowsItsReadersWhoeverLeaves) {
  constexpr std::size_t hubs = 3;
  std::mt19937 random(7);
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  std::deque<Reads::Reader> readers(20);
  std::vector<std::vector<bool>> reads_hub(readers.size(), std::vector<bool>(hubs));
  for (int step = 0; step < 1'000; ++step) {
    const std::size_t reader = below(readers.size());
    reads.begin();
    for (std::size_t hub = 0; hub < hubs; ++hub) {
      reads_hub[reader][hub] = below(2) == 0;
      if (reads_hub[reader][hub]) (void)reads.object(ref(text::cat("hub-", hub)), uid);
    }
    reads.end(readers[reader]);
    const std::size_t changed = below(hubs);
    put(text::cat("hub-", changed), text::cat(step));
    std::vector<Reads::Reader*> told = reads.take_dirty();
    std::vector<Reads::Reader*> expected;
    for (std::size_t at = 0; at < readers.size(); ++at) {
      if (reads_hub[at][changed]) expected.push_back(&readers[at]);
    }
    std::ranges::sort(told);
    std::ranges::sort(expected);
    ASSERT_EQ(told, expected) << "step " << step;
  }
  for (Reads::Reader& reader : readers) reads.forget(reader);
  EXPECT_EQ(reads.size(), 0U);
}

TEST_F(ReadsTest, ReaderThatIsForgottenWaitsNoLonger) {
  Reads::Reader reader;
  reads.mark(reader);
  reads.mark(reader);
  reads.forget(reader);
  EXPECT_EQ(dirty(), 0U);
}

TEST_F(ReadsTest, WhatIsReadByNameIsWantedWhileAnybodyReadsIt) {
  using Refs = std::vector<ObjectRef>;
  Reads::Reader one;
  Reads::Reader other;
  for (Reads::Reader* reader : {&one, &other}) {
    reads.begin();
    reads.object(ref("a"), reader == &one ? uid : note);
    reads.end(*reader);
  }
  EXPECT_EQ(reads.take_wanted().added, Refs({ref("a")}));
  EXPECT_TRUE(reads.reads(ref("a")));
  reads.forget(one);
  EXPECT_TRUE(reads.take_wanted().empty());
  reads.forget(other);
  EXPECT_EQ(reads.take_wanted().dropped, Refs({ref("a")}));
  EXPECT_FALSE(reads.reads(ref("a")));
}

TEST_F(ReadsTest, WhatComesAndGoesInBetweenIsNoNews) {
  Reads::Reader reader;
  read_a(reader);
  reads.forget(reader);
  EXPECT_TRUE(reads.take_wanted().empty());
}

TEST_F(ReadsTest, WhatIsPinnedIsWantedForEver) {
  reads.pin(ref("a"));
  EXPECT_EQ(reads.take_wanted().added.size(), 1U);
  Reads::Reader reader;
  read_a(reader);
  reads.forget(reader);
  EXPECT_TRUE(reads.take_wanted().empty());
  EXPECT_TRUE(reads.reads(ref("a")));
}

TEST_F(ReadsTest, WhatIsNowKnownNotToBeThereMarksWhoReadsIt) {
  Reads::Reader reader;
  read_a(reader);
  reads.object_known(ref("b"));
  EXPECT_EQ(dirty(), 0U);
  reads.object_known(ref("a"));
  EXPECT_EQ(dirty(), 1U);
  reads.forget(reader);
}

}  // namespace
}  // namespace sallyport::control
