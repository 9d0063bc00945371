// SPDX-License-Identifier: Apache-2.0
// What each file of a folder gives, and which file counts for an object. Pure: it is told what files hold.
//
// A file that cannot be read keeps what it gave. One object in two files: the first path in byte order counts; when it
// goes, the other takes over. take() gives what differs from what it gave before: an object whose content is the same
// is among it if it moved to other lines, so that findings name the right ones.

#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kube/digest.hpp"
#include "kube/reader.hpp"
#include "sources/source.hpp"

namespace sallyport::sources {

class FileTable {
 public:
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

 private:
  struct File {
    kube::Digest bytes;
    bool is_parsed = false;  // `bytes` is what it was parsed from
    std::map<ObjectRef, kube::ObjectPtr> objects;
    std::vector<Problem> problems;
  };

  void withdraw(const std::string& file, const ObjectRef& ref);
  void offer(const std::string& file, const ObjectRef& ref);
  std::vector<Problem> problems() const;

  std::map<std::string, File> files_;                            // in byte order
  std::unordered_map<ObjectRef, std::set<std::string>> givers_;  // the files that have the object
  std::unordered_map<ObjectRef, kube::ObjectPtr> given_;         // by take()
  std::unordered_set<ObjectRef> touched_;                        // since take()
  std::set<ObjectRef> duplicates_;                               // objects with more than one giver
  std::vector<Problem> given_problems_;
};

}  // namespace sallyport::sources
