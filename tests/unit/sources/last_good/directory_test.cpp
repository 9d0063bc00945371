// SPDX-License-Identifier: Apache-2.0
#include "sources/last_good/directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "unit/sources/last_good/last_good_test.hpp"
#include "unit/sources/temporary_folder.hpp"

namespace sallyport::sources::last_good {
namespace {

namespace fs = std::filesystem;

struct LastGoodDirectory : testing::Test {
  void keep_one(std::string_view object) const { ASSERT_EQ(keep(place, text_of(config_map_document(object))), 0); }
  // What is loaded; the complaints if nothing is.
  std::string loaded() const {
    const Loaded found = load(place, nullptr);
    if (!found.contents) return "nothing: " + text::join(found.passed_over, "; ");
    return summary(Result<Contents>(*found.contents)) + " of " + fs::path(found.file).filename().string();
  }

  const TemporaryFolder folder;
  const std::string place = folder.path("kept");
};

TEST_F(LastGoodDirectory, TheNewestIsLoadedAndTwoOthersStay) {
  for (const char* const object : {"a", "b", "c", "d"}) keep_one(object);
  EXPECT_EQ(loaded(), "ConfigMap default/d of last-good.json");
  EXPECT_EQ(std::distance(fs::directory_iterator(place), fs::directory_iterator()), 3);
  fs::remove(place + "/last-good.json");
  EXPECT_EQ(loaded(), "ConfigMap default/c of last-good.json.1");
  fs::remove(place + "/last-good.json.1");
  EXPECT_EQ(loaded(), "ConfigMap default/b of last-good.json.2");
}

TEST_F(LastGoodDirectory, IsForItsOwnerAlone) {
  keep_one("a");
  struct stat status{};
  ASSERT_EQ(::stat(place.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  ASSERT_EQ(::stat((place + "/last-good.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(LastGoodDirectory, ATornOneIsPassedOverAndNamed) {
  keep_one("a");
  keep_one("b");
  fs::resize_file(place + "/last-good.json", fs::file_size(place + "/last-good.json") - 1);
  const Loaded found = load(place, nullptr);
  ASSERT_TRUE(found.contents.has_value());
  EXPECT_EQ(found.file, place + "/last-good.json.1");
  EXPECT_EQ(found.passed_over, std::vector{place + "/last-good.json is torn: its end is missing"});
}

TEST_F(LastGoodDirectory, WhatIsNoFileIsPassedOver) {
  keep_one("a");
  fs::rename(place + "/last-good.json", place + "/last-good.json.1");
  fs::create_directory(place + "/last-good.json");
  EXPECT_EQ(load(place, nullptr).passed_over, std::vector{place + "/last-good.json is no regular file"});
  EXPECT_EQ(loaded(), "ConfigMap default/a of last-good.json.1");
}

TEST_F(LastGoodDirectory, WithoutAFileThereIsNothingToComplainOf) { EXPECT_EQ(loaded(), "nothing: "); }

TEST_F(LastGoodDirectory, HalvesOfAnInterruptedWriteAreReplaced) {
  folder.write("kept/last-good.json.new", "half");
  keep_one("a");
  EXPECT_EQ(loaded(), "ConfigMap default/a of last-good.json");
  EXPECT_FALSE(fs::exists(place + "/last-good.json.new"));
}

// Between any two steps of a write the process may end.
TEST_F(LastGoodDirectory, AtEveryStepThereIsOneThatIsWhole) {
  keep_one("a");
  keep_one("b");
  fs::rename(place + "/last-good.json.1", place + "/last-good.json.2");
  EXPECT_EQ(loaded(), "ConfigMap default/b of last-good.json");
  fs::rename(place + "/last-good.json", place + "/last-good.json.1");
  EXPECT_EQ(loaded(), "ConfigMap default/b of last-good.json.1");
  keep_one("c");
  EXPECT_EQ(loaded(), "ConfigMap default/c of last-good.json");
}

TEST_F(LastGoodDirectory, SaysWhyNothingCanBeKept) {
  EXPECT_EQ(keep(folder.path("none/kept"), "text"), ENOENT);
  folder.write("file", "");
  EXPECT_EQ(keep(folder.path("file"), "text"), ENOTDIR);
  keep_one("a");
  fs::remove(place + "/last-good.json");
  for (const char* const file : file_names) fs::create_directories(text::cat(place, "/", file, "/x"));
  EXPECT_NE(keep(place, "text"), 0);
  EXPECT_FALSE(fs::exists(place + "/last-good.json.new")) << "nothing is left behind";
}

}  // namespace
}  // namespace sallyport::sources::last_good
