// SPDX-License-Identifier: Apache-2.0

#include "sources/folder.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <optional>

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

// A file of a and b, of which a writer that still has it open has written a again, and not yet b.
struct HalfWritten : testing::Test {
  HalfWritten() { folder.write("i.yaml", config_map("a") + "---\n" + config_map("b")); }

  void start() {
    ASSERT_TRUE(source.start([this](const Changes& changes) {
      told.push_back(summary(changes));
      if (told.size() == 2) finish();
      if (told.size() == 3) loop.stop();
    }));
    writer.emplace(folder.path("i.yaml"));
    writer->write(config_map("a") + "---\n");
  }
  void finish() {
    writer->write(config_map("b", "2"));
    writer->close();
  }

  TemporaryFolder folder;
  net::Loop loop;
  Folder source{loop, folder.root()};
  std::vector<std::string> told;
  std::optional<SlowWriter> writer;
};

TEST_F(HalfWritten, ANewDirectoryRemovesNothingOfIt) {
  start();
  folder.write("sub/c.yaml", config_map("c"));
  loop.run();
  EXPECT_EQ(told, (std::vector<std::string>{"+a=1 +b=1", "+c=1", "+b=2"}));
}

TEST_F(HalfWritten, AReloadRemovesNothingOfIt) {
  start();
  source.reload();  // its events were not read yet
  loop.run();
  EXPECT_EQ(told, (std::vector<std::string>{"+a=1 +b=1", "", "+b=2"}));
}

TEST_F(HalfWritten, AConfigMapSwapRemovesNothingOfIt) {
  folder.write("..one/m.yaml", config_map("m"));
  std::filesystem::create_directory_symlink("..one", folder.path("..data"));
  std::filesystem::create_symlink("..data/m.yaml", folder.path("m.yaml"));
  start();
  folder.write("..two/m.yaml", config_map("m", "2"));
  std::filesystem::create_directory_symlink("..two", folder.path("..data_tmp"));
  folder.rename("..data_tmp", "..data");
  loop.run();
  EXPECT_EQ(told, (std::vector<std::string>{"+a=1 +b=1 +m=1", "+m=2", "+b=2"}));
}

TEST_F(HalfWritten, AWriterThatBeginsAgainRightAfterClosingRemovesNothingOfIt) {
  start();
  finish();
  writer.emplace(folder.path("i.yaml"));
  writer->write(config_map("a") + "---\n");
  folder.write("c.yaml", config_map("c"));
  loop.run();
  EXPECT_EQ(told, (std::vector<std::string>{"+a=1 +b=1", "+c=1", "+b=2"}));
}

// A loop and a source that got no inotify instance, for want of a descriptor.
struct Polling {
  explicit Polling(const std::string& root) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    source.emplace(loop, root);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }

  net::Loop loop;
  std::optional<Folder> source;
};

TEST(Folder, WithoutInotifyAFileThatWasJustChangedIsReadInALaterRound) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  Polling polling(folder.root());
  std::string told;
  ASSERT_TRUE(polling.source->start([&](const Changes& changes) { told = summary(changes); }));
  EXPECT_EQ(told, "+a=1") << "a file that is new is read";
  const net::Time before = net::Clock::now();
  folder.write("a.yaml", config_map("a", "2"));
  polling.source->reload();
  // Else it is no longer young.
  if (net::Clock::now() - before < Folder::poll_age / 2) {
    EXPECT_EQ(told, "");
  }
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 1'700'000'000, .tv_nsec = 0}};
  folder.write("a.yaml", config_map("a", "3"));
  ASSERT_EQ(::utimensat(AT_FDCWD, folder.path("a.yaml").c_str(), times, 0), 0);
  polling.source->reload();
  EXPECT_EQ(told, "+a=3");
}

}  // namespace
}  // namespace sallyport::sources
