// SPDX-License-Identifier: Apache-2.0
// What each file of a folder gives, and which file counts for an object. Pure: it is told what files hold.
//
// A file that cannot be read keeps what it gave. One object in two files: the first path in byte order counts; when it
// goes, the other takes over. take() gives what differs from what it gave before: an object whose content is the same
// is among it if it moved to other lines, so that findings name the right ones.

#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "kube/digest.hpp"
#include "kube/reader.hpp"
#include "sources/source.hpp"

namespace sallyport::sources {

class FileTable {
 public:
  // What was looked at since the start, for tests: a change must cost the same in a large folder.
  struct Work {
    std::size_t objects = 0;   // compared with what was given before
    std::size_t problems = 0;  // told, or compared with those told before

    bool operator==(const Work&) const = default;
  };

  // False if the file was put with these bytes already; it need not be parsed then.
  bool is_news(const std::string& file, const kube::Digest& bytes) const;
  void put(const std::string& file, const kube::Digest& bytes, kube::FileContents contents);
  // The file is there, but could not be read.
  void fail(const std::string& file, std::string message);
  void remove(const std::string& file);

  std::vector<std::string> files() const;
  // If the file gives any object.
  bool gives_objects(const std::string& file) const;

  // `others`: problems of the folder itself.
  Changes take(std::vector<Problem> others);

  const Work& work() const { return work_; }

 private:
  struct File {
    kube::Digest bytes;
    bool is_parsed = false;                // `bytes` is what it was parsed from
    std::vector<kube::ObjectPtr> objects;  // by ref
    std::vector<Problem> problems;

    const kube::ObjectPtr* find(const ObjectRef& ref) const;
  };
  using Files = std::map<std::string, File>;  // in byte order; its nodes stay where they are

  struct ByPath {
    bool operator()(const Files::value_type* one, const Files::value_type* other) const {
      return one->first < other->first;
    }
  };

  struct Known {
    std::vector<const Files::value_type*> givers;  // the files that have the object, in byte order
    kube::ObjectPtr given;                         // by take()
    bool is_touched = false;                       // since take()
  };
  using KnownObjects = std::unordered_map<ObjectRef, Known>;

  void withdraw(const Files::value_type& file, const ObjectRef& ref);
  void offer(const Files::value_type& file, const ObjectRef& ref);
  void touch(KnownObjects::value_type& known);
  void set_problems(Files::value_type& file, std::vector<Problem> problems);
  void take_touched(Changes& changes);
  void take_problems(std::vector<Problem> others, Changes& changes);
  void add_problems(std::vector<Problem>& all) const;

  Files files_;
  KnownObjects known_;
  std::vector<KnownObjects::value_type*> touched_;       // since take()
  std::set<const Files::value_type*, ByPath> troubled_;  // files with problems
  std::set<ObjectRef> duplicates_;                       // objects with more than one giver
  bool may_have_other_problems_ = false;                 // than the given ones
  std::vector<Problem> given_problems_;                  // those of the folder first
  std::size_t given_others_ = 0;                         // how many those are
  Work work_;
};

}  // namespace sallyport::sources
