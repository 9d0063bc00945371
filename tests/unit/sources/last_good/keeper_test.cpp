// SPDX-License-Identifier: Apache-2.0
#include "sources/last_good/keeper.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sources/last_good/directory.hpp"
#include "support/loop_test.hpp"
#include "unit/sources/last_good/last_good_test.hpp"
#include "unit/sources/temporary_folder.hpp"

namespace sallyport::sources::last_good {
namespace {

namespace fs = std::filesystem;

class LastGoodKeeper : public support::LoopTest {
 protected:
  void begin(const std::string& key_file = "") {
    keeper_.emplace(
        loop_, Settings{.directory = place_, .key_file = key_file, .by = "1.2.3"},
        [this] {
          ++collected_;
          return in_force_;
        },
        [this](const std::string& line, bool bad) { lines_.push_back((bad ? "bad: " : "good: ") + line); });
  }
  void set(const std::string& yaml) {
    in_force_ = objects(yaml);
    keeper_->changed();
  }
  std::string kept(const Key* key = nullptr) const {
    const Loaded found = load(place_, key);
    return found.contents ? summary(Result<Contents>(*found.contents)) : "nothing";
  }
  bool becomes(const std::string& all) {
    return run_until([&] { return kept() == all; });
  }

  TemporaryFolder folder_;
  std::string place_ = folder_.path("kept");
  std::optional<Keeper::Objects> in_force_;
  int collected_ = 0;
  std::vector<std::string> lines_;
  std::optional<Keeper> keeper_;
};

TEST_F(LastGoodKeeper, KeepsWhatIsInForce) {
  begin();
  set(config_map_document("a"));
  EXPECT_TRUE(becomes("ConfigMap default/a"));
  set(config_map_document("b"));
  EXPECT_TRUE(becomes("ConfigMap default/b"));
  EXPECT_TRUE(run_until([&] { return keeper_->report().writes == 2; }));
  EXPECT_GT(keeper_->report().written, 1'700'000'000);
  EXPECT_EQ(keeper_->report().bytes, fs::file_size(place_ + "/last-good.json"));
  EXPECT_EQ(keeper_->report().objects, 1U);
  EXPECT_TRUE(lines_.empty());
}

TEST_F(LastGoodKeeper, ABurstOfChangesIsOneWrite) {
  begin();
  for (int change = 0; change < 50; ++change) set(config_map_document(text::cat("m", change)));
  EXPECT_TRUE(becomes("ConfigMap default/m49"));
  keeper_->finish();
  EXPECT_EQ(collected_, 1);
  EXPECT_FALSE(fs::exists(place_ + "/last-good.json.1"));
}

TEST_F(LastGoodKeeper, AChangeThatChangesNothingWritesNothing) {
  begin();
  set(config_map_document("a"));
  ASSERT_TRUE(run_until([&] { return keeper_->report().writes == 1; }));
  set("# moved\n" + config_map_document("a"));
  ASSERT_TRUE(run_until([&] { return collected_ == 2; }));
  keeper_->finish();
  EXPECT_FALSE(fs::exists(place_ + "/last-good.json.1"));
}

TEST_F(LastGoodKeeper, WhatIsNotSettledIsNotKept) {
  begin();
  keeper_->changed();
  ASSERT_TRUE(run_until([&] { return collected_ == 1; }));
  keeper_->finish();
  EXPECT_EQ(kept(), "nothing");
  EXPECT_EQ(collected_, 1);
  set(config_map_document("a"));
  EXPECT_TRUE(becomes("ConfigMap default/a"));
}

TEST_F(LastGoodKeeper, AtTheEndNothingIsLeftToWrite) {
  begin();
  set(config_map_document("a"));
  keeper_->finish();
  EXPECT_EQ(kept(), "ConfigMap default/a");
}

TEST_F(LastGoodKeeper, SealsSecretsWithTheKeyOfTheMoment) {
  folder_.write("key", "0123456789abcdef0123456789abcdef");
  begin(folder_.path("key"));
  set(secret_document("s"));
  const Key first = key();
  ASSERT_TRUE(run_until([&] { return kept(&first) == "Secret default/s"; }));
  folder_.write("key", "another key, which is as long as the first");
  keeper_->changed();
  const Key second = key("another key, which is as long as the first");
  EXPECT_TRUE(run_until([&] { return kept(&second) == "Secret default/s"; }));
}

TEST_F(LastGoodKeeper, AnErrorIsToldOnceAndTheWriteIsTriedAgain) {
  folder_.write("kept", "a file stands where the directory has to be");
  begin();
  set(config_map_document("a"));
  const std::string error = text::cat("bad: last good: not kept: ", place_, ": Not a directory");
  ASSERT_TRUE(run_until([&] { return keeper_->report().failures == 1; }));
  ASSERT_TRUE(run_until([&] { return keeper_->report().failures == 2; }));
  EXPECT_EQ(lines_, std::vector{error});
  folder_.remove("kept");
  ASSERT_TRUE(becomes("ConfigMap default/a"));
  ASSERT_TRUE(run_until([&] { return keeper_->report().writes == 1; }));
  EXPECT_EQ(lines_, (std::vector<std::string>{error, "good: last good: kept again"}));
}

TEST_F(LastGoodKeeper, WithoutItsKeyItKeepsNothing) {
  begin(folder_.path("no-key"));
  set(config_map_document("a"));
  ASSERT_TRUE(run_until([&] { return keeper_->report().failures == 1; }));
  EXPECT_EQ(lines_, std::vector{text::cat("bad: last good: not kept: ", folder_.path("no-key"),
                                          ": No such file or directory")});
  EXPECT_EQ(kept(), "nothing");
}

TEST_F(LastGoodKeeper, MayGoWhileItWrites) {
  begin();
  set(config_map_document("a"));
  ASSERT_TRUE(run_until([&] { return collected_ == 1; }));
  keeper_.reset();
  turn();
  EXPECT_EQ(kept(), "ConfigMap default/a");
}

TEST(LastGoodKeeperPause, GrowsWithWhatAWriteCosts) {
  EXPECT_EQ(Keeper::pause_after(Keeper::Cost(10)), Keeper::shortest_pause);
  EXPECT_EQ(Keeper::pause_after(Keeper::Cost(500'000)), net::Duration(10'000));
  EXPECT_EQ(Keeper::pause_after(Keeper::Cost(60'000'000)), Keeper::longest_pause);
}

}  // namespace
}  // namespace sallyport::sources::last_good
