// SPDX-License-Identifier: Apache-2.0
// What was in force once is in force again until the source has answered.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "control/control.hpp"
#include "unit/control/objects.hpp"

namespace sallyport::control {
namespace {

class SilentSource final : public sources::Source {
 public:
  Result<void> start(sources::OnChanges on_changes) override {
    give = std::move(on_changes);
    return {};
  }
  void reload() override {}
  bool has_read(const ObjectRef&) const override {
    ++asked;
    return !has_broken;
  }

  sources::OnChanges give;
  bool has_broken = false;  // documents that may be any object
  mutable int asked = 0;    // whether it has read something
};

struct RestoreTest : testing::Test {
  void start_with(const std::string& yaml) {
    control.restore(objects(yaml), true);
    EXPECT_TRUE(control.start());
    adopt();
  }
  void adopt() { control.adopted({.version = control.version()}); }
  void give(sources::Changes changes) {
    if (changes.problems) source.has_broken = !changes.problems->empty();
    source.give(std::move(changes));
    adopt();
  }
  // "a b": the Ingresses in force.
  std::string served() const {
    std::vector<std::string> names;
    for (const auto& [ref, status] : control.statuses()) {
      if (ref.kind == "Ingress" && status->rules != 0) names.push_back(ref.name);
    }
    std::ranges::sort(names);
    return text::join(names, " ");
  }

  SilentSource source;
  LineSink sink{[](const std::string&) {}};
  Control control{source, sink, Settings{}, [](model::Delta) {}, [](const std::string&) {}};
};

std::string web(std::string_view name, std::string_view more_meta = "") {
  return ingress(name, rules({rule(text::cat(name, ".example.com"), "/")}), more_meta);
}

const std::string base = service() + slice("10.0.0.1");

sources::Changes broken(std::string_view yaml) {
  sources::Changes changes = changed(yaml);
  changes.problems = {{.kind = sources::Problem::Kind::broken, .file = "x.yaml", .ref = {}, .message = "is not YAML"}};
  return changes;
}

TEST_F(RestoreTest, IsServedAtOnceAndReady) {
  start_with(base + web("a"));
  EXPECT_EQ(served(), "a");
  EXPECT_TRUE(control.is_ready());
  EXPECT_FALSE(control.is_settled()) << "it is nothing to be kept";
  EXPECT_EQ(control.unconfirmed(), 3U);
}

TEST_F(RestoreTest, HalfAnAnswerChangesNothing) {
  start_with(base + web("a"));
  sources::Changes half = changed(base);
  half.complete = false;
  give(std::move(half));
  EXPECT_EQ(served(), "a");
  EXPECT_FALSE(control.is_settled());
}

TEST_F(RestoreTest, TheSourceTakesOver) {
  start_with(base + web("a") + web("b"));
  give(changed(base + web("b") + web("c")));
  EXPECT_EQ(served(), "b c");
  EXPECT_TRUE(control.is_settled());
  EXPECT_EQ(control.unconfirmed(), 0U);
}

TEST_F(RestoreTest, AnEmptySourceLeavesNothing) {
  start_with(base + web("a"));
  give(changed(""));
  EXPECT_EQ(served(), "");
}

TEST_F(RestoreTest, WhatMayBeInABrokenFileStaysUntilItIsMended) {
  start_with(base + web("a"));
  give(broken(base + web("b")));
  EXPECT_EQ(served(), "a b");
  EXPECT_EQ(control.unconfirmed(), 1U);
  sources::Changes mended;
  mended.problems.emplace();
  mended.complete = true;
  give(std::move(mended));
  EXPECT_EQ(served(), "b");
  EXPECT_EQ(control.unconfirmed(), 0U);
}

TEST_F(RestoreTest, WhatTheSourceGivesLateIsConfirmed) {
  start_with(base + web("a") + web("b"));
  give(broken(base));
  EXPECT_EQ(control.unconfirmed(), 2U);
  give(changed(web("a")));
  EXPECT_EQ(control.unconfirmed(), 1U);
  give(removed(ingress_ref("b")));
  EXPECT_EQ(control.unconfirmed(), 0U);
  EXPECT_EQ(served(), "a");
}

TEST_F(RestoreTest, WhatIsUnconfirmedIsGoneThroughOnlyWhereMoreWasRead) {
  start_with(base + web("a") + web("b"));
  give(broken(base));
  EXPECT_EQ(source.asked, 2);
  give(changed(web("c")));
  EXPECT_EQ(source.asked, 2);
  source.has_broken = false;
  sources::Changes more;
  more.complete = more.has_read_more = true;
  give(std::move(more));
  EXPECT_EQ(source.asked, 4);
  EXPECT_EQ(served(), "c");
}

// spec.rules is no list: the whole object is at fault.
TEST_F(RestoreTest, AVersionWithAFaultDoesNotReplaceTheGoodOneOfBefore) {
  start_with(base + web("a"));
  give(changed(base + ingress("a", "rules: 5")));
  EXPECT_EQ(served(), "a");
  EXPECT_TRUE(control.status(ingress_ref("a"))->last_good);
}

TEST_F(RestoreTest, ChosenAreTheGoodVersions) {
  start_with(base + web("a"));
  give(changed(base + ingress("a", "rules: 5") + ingress("b", "rules: 5")));
  std::vector<std::string> chosen;
  for (const kube::ObjectPtr& object : control.chosen()) chosen.push_back(to_text(object->ref));
  std::ranges::sort(chosen);
  EXPECT_EQ(chosen, (std::vector<std::string>{"EndpointSlice shop/web-1", "Ingress shop/a", "Service shop/web"}));
  const auto is_good = [](const kube::ObjectPtr& object) { return object->invalid_within("spec.rules") == nullptr; };
  EXPECT_TRUE(std::ranges::all_of(control.chosen(), is_good));
}

TEST_F(RestoreTest, WhatWentOverToSomebodyElseIsNotChosen) {
  start_with(base + web("a"));
  give(changed(base + ingress("a", "ingressClassName: nginx, rules: 5")));
  EXPECT_EQ(served(), "");
  EXPECT_EQ(control.chosen().size(), 2U);
}

TEST_F(RestoreTest, WithNothingToRestoreTheSourceIsWaitedFor) {
  EXPECT_TRUE(control.start());
  EXPECT_FALSE(control.is_ready());
  give(changed(base + web("a")));
  EXPECT_TRUE(control.is_ready());
  EXPECT_TRUE(control.is_settled());
}

}  // namespace
}  // namespace sallyport::control
