// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/watch.hpp"

#include <gtest/gtest.h>

#include "support/loop_test.hpp"
#include "unit/fake_api_server/objects.hpp"

namespace sallyport::fake_api {
namespace {

class WatchTest : public support::LoopTest {
 protected:
  void put(std::string_view name, std::string_view labels = "{}") {
    ASSERT_TRUE(writes_.put(config_map(name, labels)));
  }
  void remove(std::string_view name) { store_.remove(*kind_, "default", name); }

  Watch& open(WatchOrder order = {}) {
    order.kind = kind_;
    return watch_.emplace(loop_, store_, watches_, std::move(order));
  }
  Watch& open_from_now(std::string_view labels = "") {
    WatchOrder order{.revision = store_.revision(), .has_bookmarks = true};
    order.scope.labels = *LabelSelector::parse(labels);
    return open(std::move(order));
  }

  // What a client has got: of each line the type and the name, "|" between pieces, and how it ended.
  std::string seen() {
    if (!reading_) {
      reading_.emplace(read_all());
      reading_->start();
    }
    turn();
    return seen_;
  }
  net::Task<void> read_all() {
    for (;;) {
      const Result<std::string_view> piece = co_await watch_->read();
      seen_ += seen_.empty() ? "" : "|";
      if (!piece || piece->empty()) {
        seen_ += piece ? "end" : "reset";
        co_return;
      }
      seen_ += described(*piece);
    }
  }
  static std::string described(std::string_view line) {
    const auto read = Json::parse(line);
    if (!read || !line.ends_with('\n')) return std::string(line);
    return std::string(read->text_at({"type"})) + " " + std::string(read->text_at({"object", "metadata", "name"}));
  }

  Store store_;
  Writes writes_{store_};
  Watches watches_;
  KindPtr kind_ = store_.find("", "v1", "configmaps");
  std::optional<Watch> watch_;
  std::optional<net::Task<void>> reading_;
  std::string seen_;
};

TEST_F(WatchTest, SaysWhatThereIsAndThenWhatFollows) {
  put("a");
  open({.has_bookmarks = true, .says_initial_end = true});
  EXPECT_EQ(seen(), "ADDED a|BOOKMARK ");
  put("b");
  put("a");
  remove("a");
  EXPECT_EQ(seen(), "ADDED a|BOOKMARK |ADDED b|MODIFIED a|DELETED a");
}

TEST_F(WatchTest, GoesOnBehindARevision) {
  put("a");
  WatchOrder order{.revision = store_.revision()};
  put("b");
  open(std::move(order));
  EXPECT_EQ(seen(), "ADDED b");
}

TEST_F(WatchTest, WhoAsksForTheFutureIsToldWhenItIsThere) {
  open({.revision = store_.revision() + 1});
  put("a");
  put("b");
  EXPECT_EQ(seen(), "ADDED b");
}

TEST_F(WatchTest, EnteringAndLeavingASelectorIsAddingAndDeleting) {
  open_from_now("team=x");
  put("a");
  put("a", "{team: x}");
  put("a", "{team: y}");
  EXPECT_EQ(seen(), "ADDED a|DELETED a");
}

TEST_F(WatchTest, MayKeepBackAndTurnRound) {
  Watch& watch = open_from_now();
  watch.hold();
  put("a");
  put("b");
  EXPECT_EQ(seen(), "");
  watch.release(true);
  EXPECT_EQ(seen(), "ADDED b|ADDED a");
}

TEST_F(WatchTest, MayLoseAndRepeat) {
  Watch& watch = open_from_now();
  watch.lose_next(1);
  put("a");
  turn();
  watch.repeat(true);
  put("b");
  EXPECT_EQ(seen(), "ADDED b|ADDED b");
}

TEST_F(WatchTest, ACutLineIsFollowedByTheEndingThatWasAskedFor) {
  Watch& watch = open_from_now();
  watch.cut_next(8, Ending::end);
  put("a");
  put("b");
  EXPECT_EQ(seen(), R"({"type":|end)");
}

TEST_F(WatchTest, HangsOrIsReset) {
  open_from_now().end(Ending::hang);
  put("a");
  EXPECT_EQ(seen(), "");
  reading_.reset();
  open_from_now().end(Ending::reset);
  EXPECT_EQ(seen(), "reset");
}

TEST_F(WatchTest, EndsAtItsTimeWithABookmark) {
  open({.revision = store_.revision(), .has_bookmarks = true, .timeout = net::Duration(1)});
  seen();
  ASSERT_TRUE(run_until([&] { return seen_ == "BOOKMARK |end"; }));
}

TEST_F(WatchTest, EndsWithItsKind) {
  open_from_now();
  EXPECT_EQ(seen(), "");
  store_.drop("", "configmaps");
  EXPECT_EQ(seen(), "end");
}

TEST_F(WatchTest, IsKnownWhileItIsOpen) {
  open();
  EXPECT_EQ(watches_.all().size(), 1U);
  watch_.reset();
  EXPECT_TRUE(watches_.all().empty());
}

}  // namespace
}  // namespace sallyport::fake_api
