// SPDX-License-Identifier: Apache-2.0

#include "sources/folder_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>

#include "kube/tree.hpp"
#include "temporary_folder.hpp"

namespace sallyport::sources {
namespace {

namespace fs = std::filesystem;

Changes rewritten(FolderReader& reader, const std::string& file) {
  return reader.update({.written = {file}, .gone = {}});
}
Changes gone(FolderReader& reader, const std::string& file) { return reader.update({.written = {}, .gone = {file}}); }

TEST(FolderReader, ReadsAllFilesOfAllDirectories) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a") + "---\n" + config_map("b"));
  folder.write("deep/er/c.yml", config_map("c"));
  folder.write("d.json", R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"},"data":{"value":"1"}})");
  folder.write("readme.txt", "not: yaml: at all");
  FolderReader reader(folder.root());
  const Changes changes = reader.scan();
  EXPECT_EQ(summary(changes), "+a=1 +b=1 +c=1 +d=1");
  EXPECT_EQ(changes.changed[2]->file, "deep/er/c.yml");
  EXPECT_EQ(problems(changes), "unchanged");
  EXPECT_TRUE(changes.complete);
}

TEST(FolderReader, ASecondScanOfTheSameGivesNothing) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  FolderReader reader(folder.root());
  reader.scan();
  EXPECT_TRUE(reader.scan().empty());
}

TEST(FolderReader, UnchangedDocumentsOfAChangedFileGiveNothing) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a") + "---\n" + config_map("b"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.write("a.yaml", config_map("a") + "---\n" + config_map("b", "2") + "# a comment\n");
  EXPECT_EQ(summary(rewritten(reader, "a.yaml")), "+b=2");
}

TEST(FolderReader, AnObjectThatMovedToOtherLinesIsGivenWithThem) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a") + "---\n" + config_map("b"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.write("a.yaml", config_map("a") + "---\n# a comment\n" + config_map("b"));
  const Changes changes = rewritten(reader, "a.yaml");
  ASSERT_EQ(summary(changes), "+b=1");
  EXPECT_EQ(changes.changed[0]->lines.at("data"), 10U);
  folder.write("a.yaml", config_map("a") + "---\n# a comment\napiVersion: v1\nkind: ConfigMap\n# another\n" +
                             "metadata: {name: b}\ndata: {value: \"1\"}\n");
  EXPECT_EQ(summary(rewritten(reader, "a.yaml")), "+b=1") << "its first line is the same, but not the others";
}

TEST(FolderReader, AFileThatIsToBeLeftAloneKeepsWhatItGave) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a") + "---\n" + config_map("b"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.write("a.yaml", config_map("a", "2"));
  folder.write("c.yaml", config_map("c"));
  std::vector<std::string> asked;
  const auto leave_a = [&](const FolderReader::Found& file) {
    asked.push_back(text::cat(file.path, file.gives_objects ? " known" : " new"));
    return file.path == "a.yaml";
  };
  EXPECT_EQ(summary(reader.scan({}, leave_a)), "+c=1");
  EXPECT_EQ(asked, (std::vector<std::string>{"a.yaml known", "c.yaml new"}));
  EXPECT_TRUE(reader.update({.written = {"a.yaml"}, .gone = {}}, leave_a).empty());
  EXPECT_EQ(summary(reader.scan()), "+a=2 -b");
}

TEST(FolderReader, AFileThatIsRemovedIsNotLeftAlone) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.remove("a.yaml");
  EXPECT_EQ(summary(reader.scan({}, [](const FolderReader::Found&) { return true; })), "-a");
}

TEST(FolderReader, TellsWhenAFileWasModified) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  const timespec times[2] = {{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = 1'700'000'000, .tv_nsec = 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, folder.path("a.yaml").c_str(), times, 0), 0);
  std::chrono::system_clock::time_point modified;
  FolderReader reader(folder.root());
  reader.scan({}, [&](const FolderReader::Found& file) {
    modified = file.modified;
    return false;
  });
  EXPECT_EQ(std::chrono::system_clock::to_time_t(modified), 1'700'000'000);
}

TEST(FolderReader, ARemovedFileRemovesItsObjects) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  folder.write("b.yaml", config_map("b"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.remove("a.yaml");
  EXPECT_EQ(summary(gone(reader, "a.yaml")), "-a");
  folder.remove("b.yaml");
  EXPECT_EQ(summary(reader.scan()), "-b");
}

TEST(FolderReader, AFileThatWasOnlyGoneForAMomentStays) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.write("a.yaml", "half: [written");
  EXPECT_TRUE(gone(reader, "a.yaml").empty());
}

TEST(FolderReader, ADocumentRemovedFromAFileThatParsesIsRemoved) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a") + "---\n" + config_map("b"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.write("a.yaml", config_map("a"));
  EXPECT_EQ(summary(rewritten(reader, "a.yaml")), "-b");
}

TEST(FolderReader, AFileThatNoLongerParsesKeepsItsObjectsAndIsAProblem) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.write("a.yaml", "a: 1\nb: [\n");
  Changes changes = rewritten(reader, "a.yaml");
  EXPECT_EQ(summary(changes), "");
  ASSERT_EQ(changes.problems->size(), 1U);
  EXPECT_EQ(changes.problems->at(0).file, "a.yaml");
  EXPECT_EQ(changes.problems->at(0).kind, Problem::Kind::broken);
  EXPECT_GE(changes.problems->at(0).line, 2U);
  folder.write("a.yaml", config_map("a", "2"));
  changes = rewritten(reader, "a.yaml");
  EXPECT_EQ(summary(changes), "+a=2");
  EXPECT_EQ(problems(changes), "");
}

TEST(FolderReader, ADocumentThatCannotBeToldRemovesNothingOfItsFile) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a") + "---\n" + config_map("b"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.write("a.yaml", config_map("a", "2") + "---\n" + config_map("[b]"));
  const Changes changes = rewritten(reader, "a.yaml");
  EXPECT_EQ(summary(changes), "+a=2");
  EXPECT_EQ(problems(changes), "a.yaml:8: ConfigMap: metadata.name must be a text, not a list");
}

TEST(FolderReader, AnEmptiedFileKeepsItsObjects) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.write("a.yaml", "");
  EXPECT_EQ(summary(rewritten(reader, "a.yaml")), "");
  folder.write("a.yaml", "# nothing any more\n");
  EXPECT_EQ(summary(rewritten(reader, "a.yaml")), "-a");
}

TEST(FolderReader, ARootThatVanishesRemovesNothing) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  FolderReader reader(folder.root());
  reader.scan();
  fs::rename(folder.root(), folder.beside("away"));
  for (const Changes& changes : {reader.scan(), gone(reader, "a.yaml")}) EXPECT_EQ(summary(changes), "");
  EXPECT_TRUE(reader.scan().empty()) << "the problem is told once";
  fs::rename(folder.beside("away"), folder.root());
  const Changes changes = reader.scan();
  EXPECT_EQ(summary(changes), "");
  EXPECT_EQ(problems(changes), "");
}

TEST(FolderReader, ARootThatIsNotThereAtFirstIsAProblemAndNotComplete) {
  TemporaryFolder folder;
  FolderReader reader(folder.beside("nothing"));
  Changes changes = reader.scan();
  EXPECT_FALSE(changes.complete);
  EXPECT_EQ(problems(changes),
            ":0: the folder " + folder.beside("nothing") + " cannot be read: No such file or directory");
  TemporaryFolder::write_at(folder.beside("nothing/a.yaml"), config_map("a"));
  changes = reader.scan();
  EXPECT_TRUE(changes.complete);
  EXPECT_EQ(summary(changes), "+a=1");
}

TEST(FolderReader, AFileThatCannotBeReadKeepsItsObjects) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.remove("a.yaml");
  fs::create_symlink("nowhere", folder.path("a.yaml"));
  const Changes changes = reader.scan();
  EXPECT_EQ(summary(changes), "");
  EXPECT_EQ(problems(changes), "a.yaml:0: cannot be read: No such file or directory");
}

TEST(FolderReader, WhatIsNoRegularFileIsAProblem) {
  TemporaryFolder folder;
  ::mkfifo(folder.path("a.yaml").c_str(), 0600);
  FolderReader reader(folder.root());
  EXPECT_EQ(problems(reader.scan()), "a.yaml:0: cannot be read: it is not a regular file");
}

TEST(FolderReader, AFileThatIsTooLargeIsAProblem) {
  TemporaryFolder folder;
  folder.write("a.yaml", "");
  fs::resize_file(folder.path("a.yaml"), kube::max_file_bytes + 1);
  FolderReader reader(folder.root());
  EXPECT_EQ(problems(reader.scan()), "a.yaml:0: cannot be read: it is larger than 16 MiB");
}

TEST(FolderReader, OfOneObjectInTwoFilesTheFirstPathInByteOrderCounts) {
  TemporaryFolder folder;
  folder.write("b.yaml", config_map("x", "b"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.write("a.yaml", "\n" + config_map("x", "a"));
  Changes changes = rewritten(reader, "a.yaml");
  EXPECT_EQ(summary(changes), "+x=a");
  EXPECT_EQ(problems(changes),
            "b.yaml:1: ConfigMap default/x is in a.yaml:2 already, and that one counts (first path in byte order)");
  EXPECT_EQ(changes.problems->at(0).kind, Problem::Kind::duplicate);
  EXPECT_EQ(changes.problems->at(0).ref, ref("x"));

  folder.write("b.yaml", config_map("x", "c"));
  EXPECT_EQ(summary(rewritten(reader, "b.yaml")), "") << "the loser's change is none";

  folder.remove("a.yaml");
  changes = gone(reader, "a.yaml");
  EXPECT_EQ(summary(changes), "+x=c") << "the other takes over";
  EXPECT_EQ(problems(changes), "");
}

TEST(FolderReader, AnObjectThatMovesToAnotherFileIsNeverRemoved) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("x"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.rename("a.yaml", "b.yaml");
  const Changes changes = reader.update({.written = {"b.yaml"}, .gone = {"a.yaml"}});
  EXPECT_EQ(summary(changes), "+x=1");
  EXPECT_EQ(changes.changed[0]->file, "b.yaml");
}

TEST(FolderReader, AFileThatWasWrittenAndIsGoneStaysUntilItsDeletionIsTold) {
  TemporaryFolder folder;
  folder.write("a.yaml", config_map("a"));
  FolderReader reader(folder.root());
  reader.scan();
  folder.remove("a.yaml");
  EXPECT_TRUE(rewritten(reader, "a.yaml").empty()) << "it may be half of a pair";
  EXPECT_EQ(summary(gone(reader, "a.yaml")), "-a");
}

TEST(FolderReader, ProblemsAreToldWhenTheyChangeOnly) {
  TemporaryFolder folder;
  folder.write("a.yaml", "nonsense");
  folder.write("b.yaml", config_map("x"));
  folder.write("c.yaml", config_map("x"));
  FolderReader reader(folder.root());
  EXPECT_EQ(reader.scan().problems->size(), 2U);
  folder.write("a.yaml", "nonsense too");
  EXPECT_EQ(problems(rewritten(reader, "a.yaml")), "unchanged");
  folder.write("c.yaml", config_map("x", "2"));
  EXPECT_EQ(problems(rewritten(reader, "c.yaml")), "unchanged");
  folder.write("c.yaml", "\n" + config_map("x", "2"));
  EXPECT_EQ(problems(rewritten(reader, "c.yaml")),
            "a.yaml:1: is not a Kubernetes object: it is a text, not a map\n"
            "c.yaml:2: ConfigMap default/x is in b.yaml:1 already, and that one counts (first path in byte order)");
  folder.remove("b.yaml");
  EXPECT_EQ(problems(gone(reader, "b.yaml")), "a.yaml:1: is not a Kubernetes object: it is a text, not a map");
  folder.remove("a.yaml");
  EXPECT_EQ(problems(gone(reader, "a.yaml")), "");
}

// What an edit, a new file and a removed one look at in a folder that has so many other files.
FileTable::Work work_of_edits(int others) {
  TemporaryFolder folder;
  const std::string ignored = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n";
  for (int number = 0; number < others; ++number) {
    const std::string name = text::cat("other-", number);
    folder.write(name + ".yaml", config_map(name) + "---\n" + ignored);
  }
  folder.write("a.yaml", config_map("a"));
  FolderReader reader(folder.root());
  reader.scan();
  const FileTable::Work before = reader.work();
  folder.write("a.yaml", config_map("a", "2"));
  folder.write("b.yaml", config_map("b"));
  EXPECT_EQ(summary(reader.update({.written = {"a.yaml", "b.yaml"}, .gone = {}})), "+a=2 +b=1");
  folder.remove("b.yaml");
  EXPECT_EQ(summary(gone(reader, "b.yaml")), "-b");
  return {.objects = reader.work().objects - before.objects, .problems = reader.work().problems - before.problems};
}

TEST(FolderReader, AnEditLooksAtNothingElseHoweverLargeTheFolderIs) {
  const FileTable::Work small = work_of_edits(3);
  EXPECT_EQ(small, (FileTable::Work{.objects = 3, .problems = 0}));
  EXPECT_EQ(work_of_edits(300), small);
}

TEST(FolderReader, IgnoredKindsAreAmongTheProblems) {
  TemporaryFolder folder;
  folder.write("a.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n");
  FolderReader reader(folder.root());
  const Changes changes = reader.scan();
  ASSERT_EQ(changes.problems->size(), 1U);
  EXPECT_EQ(changes.problems->at(0).kind, Problem::Kind::ignored);
  EXPECT_EQ(changes.problems->at(0).ref->name, "d");
}

TEST(FolderReader, HiddenAndTemporaryFilesAreNotRead) {
  TemporaryFolder folder;
  for (const char* name : {".a.yaml", "a.yaml~", "#a.yaml#", ".git/b.yaml", "..data/c.yaml"}) {
    folder.write(name, config_map("x"));
  }
  FolderReader reader(folder.root());
  EXPECT_EQ(summary(reader.scan()), "");
}

TEST(FolderReader, LinksToFilesAndDirectoriesAreFollowed) {
  TemporaryFolder folder;
  TemporaryFolder::write_at(folder.beside("other/a.yaml"), config_map("a"));
  TemporaryFolder::write_at(folder.beside("b"), config_map("b"));
  fs::create_directory_symlink("../other", folder.path("linked"));
  fs::create_symlink("../b", folder.path("b.yaml"));
  FolderReader reader(folder.root());
  const Changes changes = reader.scan();
  EXPECT_EQ(summary(changes), "+a=1 +b=1");
  EXPECT_EQ(changes.changed[0]->file, "linked/a.yaml");
}

TEST(FolderReader, ADirectoryThatLinksLeadToTwiceOrInALoopIsReadOnce) {
  TemporaryFolder folder;
  folder.write("one/a.yaml", config_map("a"));
  fs::create_directory_symlink("..", folder.path("one/loop"));
  fs::create_directory_symlink("one", folder.path("two"));
  FolderReader reader(folder.root());
  const Changes changes = reader.scan();
  EXPECT_EQ(summary(changes), "+a=1");
  EXPECT_EQ(problems(changes), "unchanged");
}

TEST(FolderReader, TooDeepDirectoriesAreNamedAndRemoveNothing) {
  TemporaryFolder folder;
  std::string deep;
  for (std::size_t level = 0; level <= max_directory_depth; ++level) deep += "d/";
  folder.write(deep + "a.yaml", config_map("a"));
  folder.write("b.yaml", config_map("b"));
  FolderReader reader(folder.root());
  const Changes changes = reader.scan();
  EXPECT_EQ(summary(changes), "+b=1");
  EXPECT_EQ(changes.problems->size(), 1U);
  folder.remove("b.yaml");
  EXPECT_EQ(summary(reader.scan()), "");
}

TEST(FolderReader, AConfigMapMountIsReadThroughItsLinks) {
  TemporaryFolder folder;
  folder.write("..one/a.yaml", config_map("a"));
  fs::create_directory_symlink("..one", folder.path("..data"));
  fs::create_symlink("..data/a.yaml", folder.path("a.yaml"));
  FolderReader reader(folder.root());
  EXPECT_EQ(summary(reader.scan()), "+a=1");
  folder.write("..two/a.yaml", config_map("a", "2"));
  fs::create_directory_symlink("..two", folder.path("..data_tmp"));
  folder.rename("..data_tmp", "..data");
  EXPECT_EQ(summary(reader.scan()), "+a=2");
}

}  // namespace
}  // namespace sallyport::sources
