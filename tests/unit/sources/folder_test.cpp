// SPDX-License-Identifier: Apache-2.0

#include "sources/folder.hpp"

#include "temporary_folder.hpp"

namespace sallyport::sources {
namespace {

TEST(Folder, GivesTheFirstChangesAtTheStart) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  net::Loop loop;
  Folder source(loop, folder.root());
  std::string told;
  ASSERT_TRUE(source.start([&](const Changes& changes) { told += summary(changes) + (changes.complete ? "!" : ""); }));
  EXPECT_EQ(told, "+a=1!");
}

TEST(Folder, TheFirstChangesComeEvenIfTheyAreEmpty) {
  TemporaryFolder folder;
  net::Loop loop;
  Folder source(loop, folder.root());
  int times = 0;
  ASSERT_TRUE(source.start([&](const Changes& changes) { times += changes.complete && changes.empty() ? 1 : 0; }));
  EXPECT_EQ(times, 1);
}

TEST(Folder, ABurstIsOneChangesAndAnEditorsRenameRemovesNothing) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  net::Loop loop;
  Folder source(loop, folder.root());
  std::vector<std::string> told;
  ASSERT_TRUE(source.start([&](const Changes& changes) {
    told.push_back(summary(changes));
    if (told.size() == 2) loop.stop();
  }));
  folder.rename("a.yaml", "a.yaml~");
  folder.write("a.yaml", config_map("a", "2"));
  folder.remove("a.yaml~");
  folder.write("sub/b.yaml", config_map("b"));
  loop.run();
  EXPECT_EQ(told, (std::vector<std::string>{"+a=1", "+a=2 +b=1"}));
}

TEST(Folder, AReloadLooksAgainAndAnswersEvenIfNothingChanged) {
  TemporaryFolder folder;
  net::Loop loop;
  Folder source(loop, folder.root());
  std::vector<std::string> told;
  ASSERT_TRUE(source.start([&](const Changes& changes) { told.push_back(summary(changes)); }));
  source.reload();
  folder.write("a.yaml", config_map("a"));
  source.reload();
  EXPECT_EQ(told, (std::vector<std::string>{"", "", "+a=1"}));
}

}  // namespace
}  // namespace sallyport::sources
