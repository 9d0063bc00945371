// SPDX-License-Identifier: Apache-2.0
#include "commands/status_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/loop_test.hpp"

namespace sallyport::commands {
namespace {

namespace fs = std::filesystem;

// In two pieces, with a turn of the loop between them.
class Halves final : public http::TextSource {
 public:
  explicit Halves(std::string text) : text_(std::move(text)) {}

  bool append_to(std::string& out) override {
    out += std::exchange(begun_, true) ? text_.substr(text_.size() / 2) : text_.substr(0, text_.size() / 2);
    return !std::exchange(half_, true);
  }

 private:
  std::string text_;
  bool begun_ = false;
  bool half_ = false;
};

class StatusFileTest : public support::LoopTest {
 protected:
  StatusFileTest() {
    std::string name = (fs::temp_directory_path() / "sallyport-status-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    path_ = directory_ + "/status.json";
    file_.emplace(
        loop_, path_,
        [this] {
          ++made_;
          return std::make_unique<Halves>(state_);
        },
        [this](const std::string& line) { errors_.push_back(line); });
  }
  ~StatusFileTest() override {
    file_.reset();
    fs::remove_all(directory_);
  }

  std::string text() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void set(std::string state) {
    state_ = std::move(state);
    file_->changed();
  }
  bool becomes(const std::string& state) {
    return run_until([&] { return text() == state; });
  }

  std::string directory_;
  std::string path_;
  std::string state_;
  int made_ = 0;
  std::vector<std::string> errors_;
  std::optional<StatusFile> file_;
};

TEST_F(StatusFileTest, HoldsTheStateAfterAChange) {
  set("one");
  EXPECT_TRUE(becomes("one"));
  set("two");
  EXPECT_TRUE(becomes("two"));
  EXPECT_TRUE(errors_.empty());
}

TEST_F(StatusFileTest, NothingIsLeftBesideIt) {
  set("one");
  ASSERT_TRUE(becomes("one"));
  file_->finish();
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()), 1);
}

TEST_F(StatusFileTest, WhoeverHasItOpenKeepsTheStateThatHeOpened) {
  set("one");
  ASSERT_TRUE(becomes("one"));
  std::ifstream opened(path_, std::ios::binary);
  set("another");
  ASSERT_TRUE(becomes("another"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(opened), {}), "one");
}

TEST_F(StatusFileTest, ManyChangesAreFewWritesAndTheLastIsWritten) {
  const net::Time start = loop_.now();
  int turns = 0;
  ASSERT_TRUE(run_until([&] {
    if (turns < 50) set(std::to_string(++turns));
    loop_.post([] {});
    return turns == 50 && text() == "50";
  }));
  const auto paces = (loop_.now() - start) / StatusFile::shortest_pause + 2;
  EXPECT_LE(made_, paces);
  EXPECT_LT(made_, 50);
}

TEST_F(StatusFileTest, AChangeThatChangesNothingWritesNothing) {
  set("one");
  ASSERT_TRUE(becomes("one"));
  std::ofstream(path_) << "not ours";
  set("one");
  ASSERT_TRUE(run_until([&] { return made_ == 2; }));
  file_->finish();
  EXPECT_EQ(text(), "not ours");
}

TEST_F(StatusFileTest, OneThatWasTakenAwayIsWrittenAgain) {
  set("one");
  ASSERT_TRUE(becomes("one"));
  fs::remove(path_);
  set("one");
  EXPECT_TRUE(becomes("one"));
}

TEST_F(StatusFileTest, ThePauseGrowsWithTheCost) {
  using std::chrono::milliseconds;
  EXPECT_EQ(StatusFile::pause_after(milliseconds(0)), StatusFile::shortest_pause);
  EXPECT_EQ(StatusFile::pause_after(milliseconds(9)), StatusFile::shortest_pause);
  EXPECT_EQ(StatusFile::pause_after(milliseconds(50)), milliseconds(1000));
  EXPECT_EQ(StatusFile::pause_after(milliseconds(5000)), StatusFile::longest_pause);
}

TEST_F(StatusFileTest, FinishWritesWhatIsLeft) {
  set("one");
  ASSERT_TRUE(becomes("one"));
  set("two");  // not before the pace has passed
  file_->finish();
  EXPECT_EQ(text(), "two");
}

TEST_F(StatusFileTest, FinishWritesTheStateWhoseTextIsBeingMade) {
  set("one");
  ASSERT_TRUE(run_until([&] { return made_ == 1; }));
  state_ = "last";
  file_->finish();
  EXPECT_EQ(text(), "last");
}

TEST_F(StatusFileTest, FinishWithoutAChangeWritesNothing) {
  file_->finish();
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(StatusFileTest, AnErrorIsToldOnceAndTheNextChangeTriesAgain) {
  fs::create_directory(path_);  // renaming over it fails
  set("one");
  ASSERT_TRUE(run_until([&] { return errors_.size() == 1; }));
  EXPECT_NE(errors_.front().find("--status-file " + path_ + ": "), std::string::npos) << errors_.front();
  set("two");
  ASSERT_TRUE(run_until([&] { return made_ == 2; }));
  file_->finish();
  EXPECT_EQ(errors_.size(), 1U);
  fs::remove(path_);
  set("two");
  file_->finish();
  EXPECT_EQ(text(), "two");
}

TEST_F(StatusFileTest, ADirectoryThatIsNotThereIsToldAndNotFatal) {
  fs::remove_all(directory_);
  set("one");
  ASSERT_TRUE(run_until([&] { return errors_.size() == 1; }));
  fs::create_directory(directory_);
  set("one");
  EXPECT_TRUE(becomes("one"));
}

TEST_F(StatusFileTest, ItMayGoWhileItWrites) {
  set(std::string(1 << 20, 'a'));
  ASSERT_TRUE(run_until([&] { return made_ == 1; }));
  turn(2);
  file_.reset();
  turn();
}

struct ReplaceFile : testing::Test {
  ReplaceFile() {
    std::string name = (fs::temp_directory_path() / "sallyport-status-XXXXXX").string();
    directory = ::mkdtemp(name.data());
    path = directory + "/status.json";
  }
  ~ReplaceFile() override { fs::remove_all(directory); }

  std::string directory;
  std::string path;
};

TEST_F(ReplaceFile, WhatLiesUnderTheNameBesideItIsRemovedAndNotFollowed) {
  std::ofstream(directory + "/precious") << "precious";
  fs::create_symlink("precious", directory + "/.status.json.new");
  EXPECT_EQ(replace_file(path, "text"), 0);
  EXPECT_EQ(fs::file_size(directory + "/precious"), 8U);
  EXPECT_EQ(fs::file_size(path), 4U);
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(path)));
  // Somebody else's file, which he may have open still.
  fs::create_hard_link(directory + "/precious", directory + "/.status.json.new");
  EXPECT_EQ(replace_file(path, "texts"), 0);
  EXPECT_EQ(fs::file_size(directory + "/precious"), 8U);
}

TEST_F(ReplaceFile, OnlyARegularFileIsReplaced) {
  EXPECT_EQ(why_no_status_file(path), "");
  std::ofstream(path) << "former";
  EXPECT_EQ(why_no_status_file(path), "");
  fs::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_NE(why_no_status_file(path), "");
  EXPECT_NE(replace_file(path, "text"), 0);
  EXPECT_TRUE(fs::is_fifo(path));
  fs::remove(path);
  std::ofstream(directory + "/precious") << "precious";
  fs::create_symlink("precious", path);
  EXPECT_NE(why_no_status_file(path), "");
  EXPECT_NE(replace_file(path, "text"), 0);
  EXPECT_TRUE(fs::is_symlink(path));
  EXPECT_NE(why_no_status_file("/dev/null"), "");
}

}  // namespace
}  // namespace sallyport::commands
