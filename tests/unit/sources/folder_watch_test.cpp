// SPDX-License-Identifier: Apache-2.0

#include "sources/folder_watch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "temporary_folder.hpp"

namespace sallyport::sources {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

// A reader and its watch, as Folder joins them.
struct Watched {
  explicit Watched(const std::string& root)
      : watch(root), reader(root, [this](const std::string& path) { watch.watch(path); }) {
    scan();
  }

  Changes scan() {
    watch.begin_round();
    return reader.scan([this] {
      watch.end_round();
      return watch.problems();
    });
  }
  // inotify queues an event before the call that caused it returns.
  FolderWatch::Events events() {
    pollfd ready{.fd = watch.descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&ready, 1, 0) == 1 ? watch.read_events() : FolderWatch::Events();
  }

  FolderWatch watch;
  FolderReader reader;
};

TEST(FolderWatch, AFileIsToBeReadWhenItsWriterClosesIt) {
  TemporaryFolder folder;
  Watched watched(folder.root());
  const int file = ::open(folder.path("a.yaml").c_str(), O_CREAT | O_WRONLY, 0600);
  ASSERT_EQ(::write(file, "a: 1\n", 5), 5);
  EXPECT_TRUE(watched.events().empty()) << "half written";
  ::close(file);
  const auto events = watched.events();
  EXPECT_EQ(events.edits.written, Names{"a.yaml"});
  EXPECT_FALSE(events.wants_scan);
}

TEST(FolderWatch, AFileIsBeingWrittenFromItsFirstWriteToItsClosing) {
  TemporaryFolder folder;
  folder.write("sub/a.yaml", config_map("a"));
  Watched watched(folder.root());
  SlowWriter writer(folder.path("sub/a.yaml"));
  writer.write("a: 1\n");
  EXPECT_TRUE(watched.events().empty());
  const auto until = watched.watch.written_until("sub/a.yaml");
  ASSERT_TRUE(until);
  EXPECT_GT(*until, net::Clock::now());
  EXPECT_LE(*until, net::Clock::now() + FolderWatch::patience);
  EXPECT_FALSE(watched.watch.written_until("a.yaml"));
  writer.close();
  watched.events();
  EXPECT_FALSE(watched.watch.written_until("sub/a.yaml"));
}

TEST(FolderWatch, AFileThatIsReplacedOrRemovedIsNoLongerBeingWritten) {
  TemporaryFolder folder;
  Watched watched(folder.root());
  SlowWriter one(folder.path("a.yaml"));
  SlowWriter other(folder.path("b.yaml"));
  one.write("a: 1\n");
  other.write("a: 1\n");
  watched.events();
  EXPECT_TRUE(watched.watch.written_until("a.yaml") && watched.watch.written_until("b.yaml"));
  TemporaryFolder::write_at(folder.beside("a"), config_map("a"));
  fs::rename(folder.beside("a"), folder.path("a.yaml"));
  folder.remove("b.yaml");
  watched.events();
  EXPECT_FALSE(watched.watch.written_until("a.yaml") || watched.watch.written_until("b.yaml"));
}

TEST(FolderWatch, AFileBeingWrittenIsKnownThroughItsRenamedDirectory) {
  TemporaryFolder folder;
  folder.write("old/a.yaml", config_map("a"));
  Watched watched(folder.root());
  SlowWriter writer(folder.path("old/a.yaml"));
  writer.write("a: 1\n");
  folder.rename("old", "new");
  watched.events();
  watched.scan();
  EXPECT_TRUE(watched.watch.written_until("new/a.yaml"));
}

TEST(FolderWatch, ALinkLedElsewhereIsNotHeldBackByTheWriterOfWhatItLedTo) {
  TemporaryFolder folder;
  TemporaryFolder::write_at(folder.beside("one"), config_map("a"));
  TemporaryFolder::write_at(folder.beside("two"), config_map("a"));
  fs::create_symlink("../one", folder.path("a.yaml"));
  Watched watched(folder.root());
  SlowWriter writer(folder.beside("one"));
  writer.write("a: 1\n");
  watched.events();
  EXPECT_TRUE(watched.watch.written_until("a.yaml"));
  fs::create_symlink("../two", folder.path("next"));
  folder.rename("next", "a.yaml");
  watched.events();
  watched.scan();
  EXPECT_FALSE(watched.watch.written_until("a.yaml"));
}

TEST(FolderWatch, AFileMovedInIsToBeReadAndOneMovedAwayIsGone) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  TemporaryFolder::write_at(folder.beside("b"), config_map("b"));
  Watched watched(folder.root());
  fs::rename(folder.beside("b"), folder.path("b.yaml"));
  EXPECT_EQ(watched.events().edits.written, Names{"b.yaml"});
  fs::rename(folder.path("a.yaml"), folder.beside("a"));
  EXPECT_EQ(watched.events().edits.gone, Names{"a.yaml"});
  folder.remove("b.yaml");
  EXPECT_EQ(watched.events().edits.gone, Names{"b.yaml"});
}

TEST(FolderWatch, AFileThatIsMovedAwayAndWrittenAgainIsNotGone) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  Watched watched(folder.root());
  folder.rename("a.yaml", "a.yaml~");
  folder.write("a.yaml", config_map("a", "2"));
  EXPECT_EQ(watched.events().edits.gone, Names{});
  folder.write("a.yaml", config_map("a", "3"));
  folder.remove("a.yaml");
  EXPECT_EQ(watched.events().edits.gone, Names{"a.yaml"});
}

TEST(FolderWatch, ALinkToADirectoryThatIsRemovedAsksForAScan) {
  TemporaryFolder folder;
  TemporaryFolder::write_at(folder.beside("other/a.yaml"), config_map("a"));
  fs::create_directory_symlink("../other", folder.path("linked"));
  Watched watched(folder.root());
  folder.remove("linked");
  EXPECT_TRUE(watched.events().wants_scan);
  EXPECT_EQ(summary(watched.scan()), "-a");
}

TEST(FolderWatch, ABurstIsOneSetOfEvents) {
  TemporaryFolder folder;
  Watched watched(folder.root());
  for (const char* name : {"a.yaml", "b.yaml", "c.yaml", "a.yaml"}) folder.write(name, config_map("a"));
  EXPECT_EQ(watched.events().edits.written, (Names{"a.yaml", "b.yaml", "c.yaml"}));
  EXPECT_TRUE(watched.events().empty());
}

TEST(FolderWatch, OtherAndTemporaryFilesAreNoEvents) {
  TemporaryFolder folder;
  Watched watched(folder.root());
  for (const char* name : {"readme.txt", ".a.yaml.swp", "a.yaml~", "4913", "#a.yaml#"}) {
    folder.write(name, "x");
    folder.remove(name);
  }
  EXPECT_TRUE(watched.events().empty());
}

TEST(FolderWatch, ANewDirectoryAsksForAScanAndIsWatchedThen) {
  TemporaryFolder folder;
  Watched watched(folder.root());
  fs::create_directories(folder.path("shop/eu"));
  EXPECT_TRUE(watched.events().wants_scan);
  watched.scan();
  folder.write("shop/eu/a.yaml", config_map("a"));
  EXPECT_EQ(watched.events().edits.written, Names{"shop/eu/a.yaml"});
}

TEST(FolderWatch, ADirectoryMovedInOrAwayAsksForAScan) {
  TemporaryFolder folder;
  TemporaryFolder::write_at(folder.beside("shop/a.yaml"), config_map("a"));
  Watched watched(folder.root());
  fs::rename(folder.beside("shop"), folder.path("shop"));
  EXPECT_TRUE(watched.events().wants_scan);
  EXPECT_EQ(summary(watched.scan()), "+a=1");
  fs::rename(folder.path("shop"), folder.beside("shop"));
  EXPECT_TRUE(watched.events().wants_scan);
  EXPECT_EQ(summary(watched.scan()), "-a");
}

TEST(FolderWatch, ADirectorySwappedForAnotherIsSeen) {
  TemporaryFolder folder;
  folder.write("shop/a.yaml", config_map("a"));
  TemporaryFolder::write_at(folder.beside("new/a.yaml"), config_map("a", "2"));
  Watched watched(folder.root());
  fs::rename(folder.path("shop"), folder.beside("old"));
  fs::rename(folder.beside("new"), folder.path("shop"));
  EXPECT_TRUE(watched.events().wants_scan);
  EXPECT_EQ(summary(watched.scan()), "+a=2");
  folder.write("shop/a.yaml", config_map("a", "3"));
  EXPECT_EQ(watched.events().edits.written, Names{"shop/a.yaml"});
}

TEST(FolderWatch, TheRootReplacedIsSeenAndTheNewOneIsWatched) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  TemporaryFolder::write_at(folder.beside("new/a.yaml"), config_map("a", "2"));
  Watched watched(folder.root());
  fs::rename(folder.root(), folder.beside("old"));
  EXPECT_TRUE(watched.events().wants_scan);
  EXPECT_EQ(summary(watched.scan()), "");
  fs::rename(folder.beside("new"), folder.root());
  EXPECT_TRUE(watched.events().wants_scan);
  EXPECT_EQ(summary(watched.scan()), "+a=2");
  folder.write("b.yaml", config_map("b"));
  EXPECT_EQ(watched.events().edits.written, Names{"b.yaml"});
}

TEST(FolderWatch, ARootThatIsALinkSwappedAtomicallyIsSeen) {
  TemporaryFolder folder;
  TemporaryFolder::write_at(folder.beside("v1/a.yaml"), config_map("a"));
  TemporaryFolder::write_at(folder.beside("v2/a.yaml"), config_map("a", "2"));
  fs::create_directory_symlink("v1", folder.beside("current"));
  Watched watched(folder.beside("current"));
  fs::create_directory_symlink("v2", folder.beside("next"));
  fs::rename(folder.beside("next"), folder.beside("current"));
  EXPECT_TRUE(watched.events().wants_scan);
  EXPECT_EQ(summary(watched.scan()), "+a=2");
}

TEST(FolderWatch, AConfigMapSwapIsSeen) {
  TemporaryFolder folder;
  folder.write("..one/a.yaml", config_map("a"));
  fs::create_directory_symlink("..one", folder.path("..data"));
  fs::create_symlink("..data/a.yaml", folder.path("a.yaml"));
  Watched watched(folder.root());
  folder.write("..two/a.yaml", config_map("a", "2"));
  fs::create_directory_symlink("..two", folder.path("..data_tmp"));
  EXPECT_FALSE(watched.events().wants_scan) << "not yet";
  folder.rename("..data_tmp", "..data");
  EXPECT_TRUE(watched.events().wants_scan);
  EXPECT_EQ(summary(watched.scan()), "+a=2");
}

TEST(FolderWatch, AChangeOfALinkedFileIsSeenWhereItLies) {
  TemporaryFolder folder;
  TemporaryFolder::write_at(folder.beside("target"), config_map("a"));
  Watched watched(folder.root());
  fs::create_symlink("../target", folder.path("a.yaml"));
  EXPECT_TRUE(watched.events().wants_scan);
  watched.scan();
  TemporaryFolder::write_at(folder.beside("target"), config_map("a", "2"));
  EXPECT_EQ(watched.events().edits.written, Names{"a.yaml"});
  TemporaryFolder::write_at(folder.beside("target.new"), config_map("a", "3"));
  fs::rename(folder.beside("target.new"), folder.beside("target"));
  EXPECT_TRUE(watched.events().wants_scan);
  EXPECT_EQ(summary(watched.scan()), "+a=3");
}

TEST(FolderWatch, AHardLinkIsToBeReadAtOnce) {
  TemporaryFolder folder;
  TemporaryFolder::write_at(folder.beside("target"), config_map("a"));
  Watched watched(folder.root());
  fs::create_hard_link(folder.beside("target"), folder.path("a.yaml"));
  EXPECT_EQ(watched.events().edits.written, Names{"a.yaml"});
}

TEST(FolderWatch, ALoopToTheParentDoesNotHideTheRoot) {
  TemporaryFolder folder;
  fs::create_directory_symlink("..", folder.path("up"));
  Watched watched(folder.root());
  TemporaryFolder::write_at(folder.beside("b.yaml"), config_map("b"));
  EXPECT_EQ(watched.events().edits.written, Names{"up/b.yaml"});
  fs::rename(folder.root(), folder.beside("old"));
  EXPECT_TRUE(watched.events().wants_scan);
}

TEST(FolderWatch, AnOverflowOfTheQueueAsksForAScan) {
  TemporaryFolder folder;
  Watched watched(folder.root());
  int most = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> most;
  ASSERT_GT(most, 0);
  for (int times = 0; times < most + 10; ++times) {  // two names in turn, for equal neighbours are merged
    const int file = ::open(folder.path(times % 2 == 0 ? "a.yaml" : "b.yaml").c_str(), O_CREAT | O_WRONLY, 0600);
    ::close(file);
  }
  EXPECT_TRUE(watched.events().wants_scan);
}

TEST(FolderWatch, AllIsWatchedMeansNoProblem) {
  TemporaryFolder folder;
  EXPECT_TRUE(Watched(folder.root()).watch.problems().empty());
}

}  // namespace
}  // namespace sallyport::sources
