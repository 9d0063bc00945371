// SPDX-License-Identifier: Apache-2.0

#include "sources/file_table.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"

namespace sallyport::sources {
namespace {

std::vector<Problem> problems_of(const std::string& file, kube::FileContents& contents) {
  std::vector<Problem> problems;
  for (kube::FileProblem& problem : contents.problems) {
    const auto kind = problem.duplicate ? Problem::Kind::duplicate : Problem::Kind::broken;
    problems.push_back({kind, file, problem.line, std::move(problem.duplicate), std::move(problem.message)});
  }
  for (kube::Ignored& ignored : contents.ignored) {
    problems.push_back(
        {Problem::Kind::ignored, file, ignored.line, std::move(ignored.ref), std::move(ignored.message)});
  }
  return problems;
}

// Also that it is written in the same place: findings name lines.
bool is_same(const kube::Object& one, const kube::Object& other) {
  return one.file == other.file && one.content == other.content && one.line == other.line && one.lines == other.lines &&
         one.complaints == other.complaints;
}

}  // namespace

bool FileTable::is_news(const std::string& file, const kube::Digest& bytes) const {
  const auto found = files_.find(file);
  return found == files_.end() || !found->second.is_parsed || found->second.bytes != bytes;
}

void FileTable::put(const std::string& path, const kube::Digest& bytes, kube::FileContents contents) {
  File& file = files_[path];
  std::map<ObjectRef, kube::ObjectPtr> former = std::move(file.objects);
  file.objects.clear();
  for (kube::ObjectPtr& object : contents.objects) {
    former.erase(object->ref);
    offer(path, object->ref);
    const ObjectRef& ref = object->ref;
    file.objects.emplace(ref, std::move(object));
  }
  if (contents.is_whole) {
    for (const auto& [ref, object] : former) withdraw(path, ref);
  } else {
    file.objects.merge(former);  // any of them may be the document that does not tell what it is
  }
  file.bytes = bytes;
  file.is_parsed = true;
  file.problems = problems_of(path, contents);
}

void FileTable::fail(const std::string& path, std::string message) {
  File& file = files_[path];
  file.is_parsed = false;
  file.problems = {{Problem::Kind::broken, path, 0, std::nullopt, std::move(message)}};
}

void FileTable::remove(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end()) return;
  for (const auto& [ref, object] : found->second.objects) withdraw(path, ref);
  files_.erase(found);
}

std::vector<std::string> FileTable::files() const {
  std::vector<std::string> names;
  names.reserve(files_.size());
  for (const auto& [name, file] : files_) names.push_back(name);
  return names;
}

bool FileTable::gives_objects(const std::string& path) const {
  const auto found = files_.find(path);
  return found != files_.end() && !found->second.objects.empty();
}

void FileTable::offer(const std::string& file, const ObjectRef& ref) {
  auto& givers = givers_[ref];
  givers.insert(file);
  if (givers.size() == 2) duplicates_.insert(ref);
  touched_.insert(ref);
}

void FileTable::withdraw(const std::string& file, const ObjectRef& ref) {
  const auto found = givers_.find(ref);
  found->second.erase(file);
  if (found->second.size() == 1) duplicates_.erase(ref);
  if (found->second.empty()) givers_.erase(found);
  touched_.insert(ref);
}

Changes FileTable::take(std::vector<Problem> others) {
  Changes changes;
  for (const ObjectRef& ref : touched_) {
    const auto givers = givers_.find(ref);
    const auto given = given_.find(ref);
    if (givers == givers_.end()) {
      if (given == given_.end()) continue;
      changes.removed.push_back(ref);
      given_.erase(given);
      continue;
    }
    const kube::ObjectPtr& winner = files_.at(*givers->second.begin()).objects.at(ref);
    if (given != given_.end() && is_same(*given->second, *winner)) continue;
    changes.changed.push_back(winner);
    given_.insert_or_assign(ref, winner);
  }
  touched_.clear();
  std::ranges::sort(changes.changed, {}, [](const kube::ObjectPtr& object) -> const ObjectRef& { return object->ref; });
  std::ranges::sort(changes.removed);

  std::ranges::move(problems(), std::back_inserter(others));
  if (others != given_problems_) {
    given_problems_ = others;
    changes.problems = std::move(others);
  }
  return changes;
}

std::vector<Problem> FileTable::problems() const {
  std::vector<Problem> all;
  for (const auto& [name, file] : files_) all.insert(all.end(), file.problems.begin(), file.problems.end());
  for (const ObjectRef& ref : duplicates_) {
    const std::set<std::string>& givers = givers_.at(ref);
    const kube::Object& winner = *files_.at(*givers.begin()).objects.at(ref);
    for (auto loser = std::next(givers.begin()); loser != givers.end(); ++loser) {
      std::string message = text::cat(to_text(ref), " is in ", winner.file, ":", winner.line,
                                      " already, and that one counts (first path in byte order)");
      all.push_back(
          {Problem::Kind::duplicate, *loser, files_.at(*loser).objects.at(ref)->line, ref, std::move(message)});
    }
  }
  return all;
}

}  // namespace sallyport::sources
