// SPDX-License-Identifier: Apache-2.0

#include "sources/file_table.hpp"

#include <algorithm>
#include <ranges>
#include <span>
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

const ObjectRef& ref_of(const kube::ObjectPtr& object) { return object->ref; }

}  // namespace

const kube::ObjectPtr* FileTable::File::find(const ObjectRef& ref) const {
  const auto found = std::ranges::lower_bound(objects, ref, {}, ref_of);
  return found == objects.end() || (*found)->ref != ref ? nullptr : &*found;
}

bool FileTable::is_news(const std::string& file, const kube::Digest& bytes) const {
  const auto found = files_.find(file);
  return found == files_.end() || !found->second.is_parsed || found->second.bytes != bytes;
}

void FileTable::put(const std::string& path, const kube::Digest& bytes, kube::FileContents contents) {
  Files::value_type& entry = *files_.try_emplace(path).first;
  File& file = entry.second;
  set_problems(entry, problems_of(path, contents));
  std::vector<kube::ObjectPtr> former = std::exchange(file.objects, std::move(contents.objects));
  std::ranges::sort(file.objects, {}, ref_of);
  for (const kube::ObjectPtr& object : file.objects) offer(entry, object->ref);
  std::erase_if(former, [&](const kube::ObjectPtr& object) { return file.find(object->ref) != nullptr; });
  if (contents.is_whole) {
    for (const kube::ObjectPtr& object : former) withdraw(entry, object->ref);
  } else {  // any of them may be the document that does not tell what it is
    file.objects.insert(file.objects.end(), former.begin(), former.end());
    std::ranges::sort(file.objects, {}, ref_of);
  }
  file.objects.shrink_to_fit();
  file.bytes = bytes;
  file.is_parsed = true;
}

void FileTable::fail(const std::string& path, std::string message) {
  Files::value_type& entry = *files_.try_emplace(path).first;
  entry.second.is_parsed = false;
  set_problems(entry, {{Problem::Kind::broken, path, 0, std::nullopt, std::move(message)}});
}

void FileTable::remove(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end()) return;
  for (const kube::ObjectPtr& object : found->second.objects) withdraw(*found, object->ref);
  set_problems(*found, {});
  files_.erase(found);
}

void FileTable::set_problems(Files::value_type& file, std::vector<Problem> problems) {
  if (file.second.problems == problems) return;
  may_have_other_problems_ = true;
  if (problems.empty()) troubled_.erase(&file);
  if (!problems.empty()) troubled_.insert(&file);
  file.second.problems = std::move(problems);
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

void FileTable::offer(const Files::value_type& file, const ObjectRef& ref) {
  KnownObjects::value_type& known = *known_.try_emplace(ref).first;
  auto& givers = known.second.givers;
  const auto place =
      std::ranges::lower_bound(givers, file.first, {}, [](const auto* giver) -> auto& { return giver->first; });
  if (place == givers.end() || *place != &file) givers.insert(place, &file);
  if (givers.size() == 2) duplicates_.insert(ref);
  touch(known);
}

void FileTable::withdraw(const Files::value_type& file, const ObjectRef& ref) {
  KnownObjects::value_type& known = *known_.find(ref);
  touch(known);
  std::erase(known.second.givers, &file);
  if (known.second.givers.size() == 1) duplicates_.erase(ref);
}

void FileTable::touch(KnownObjects::value_type& known) {
  // A duplicate's problem names files and lines.
  may_have_other_problems_ = may_have_other_problems_ || known.second.givers.size() > 1;
  if (!std::exchange(known.second.is_touched, true)) touched_.push_back(&known);
}

Changes FileTable::take(std::vector<Problem> others) {
  Changes changes;
  take_touched(changes);
  take_problems(std::move(others), changes);
  return changes;
}

void FileTable::take_touched(Changes& changes) {
  work_.objects += touched_.size();
  for (KnownObjects::value_type* touched : touched_) {
    auto& [ref, known] = *touched;
    known.is_touched = false;
    if (known.givers.empty()) {
      if (known.given) changes.removed.push_back(ref);
      known_.erase(known_.find(ref));
      continue;
    }
    const kube::ObjectPtr& winner = *known.givers.front()->second.find(ref);
    if (known.given == winner || (known.given && is_same(*known.given, *winner))) continue;
    changes.changed.push_back(winner);
    known.given = winner;
  }
  touched_.clear();
  std::ranges::sort(changes.changed, {}, ref_of);
  std::ranges::sort(changes.removed);
}

void FileTable::take_problems(std::vector<Problem> others, Changes& changes) {
  const auto given = std::span(given_problems_).first(given_others_);
  work_.problems += others.size();
  if (!std::exchange(may_have_other_problems_, false) && std::ranges::equal(others, given)) return;
  const std::size_t count = others.size();
  add_problems(others);
  work_.problems += others.size();
  if (others == given_problems_) return;
  given_problems_ = others;
  given_others_ = count;
  changes.problems = std::move(others);
}

void FileTable::add_problems(std::vector<Problem>& all) const {
  for (const Files::value_type* file : troubled_) {
    all.insert(all.end(), file->second.problems.begin(), file->second.problems.end());
  }
  for (const ObjectRef& ref : duplicates_) {
    const auto& givers = known_.at(ref).givers;
    const kube::Object& winner = **givers.front()->second.find(ref);
    for (const Files::value_type* loser : givers | std::views::drop(1)) {
      std::string message = text::cat(to_text(ref), " is in ", winner.file, ":", winner.line,
                                      " already, and that one counts (first path in byte order)");
      const std::uint32_t line = (*loser->second.find(ref))->line;
      all.push_back({Problem::Kind::duplicate, loser->first, line, ref, std::move(message)});
    }
  }
}

}  // namespace sallyport::sources
