// SPDX-License-Identifier: Apache-2.0
// The line of every field of one object, in eight bytes a field.
//
// A field is written as Kubernetes writes it: "spec.rules[0].http.paths[1].pathType"; a key that is not a plain word
// goes into brackets: "metadata.annotations[sallyport.dev/encoded-slash]". Lines count from 1; 0 is "not known".
//
// A hash of 40 bits stands for the field, so at() may be wrong: where two fields of an object collide, one is told the
// line of the other, and a field that is not there may be told that of one that is. For an object of 10,000 fields the
// chance of one such pair is 1 in 20,000. A line is for people to look at; nothing that is served is decided by it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::kube {

// "spec" + "rules" is "spec.rules"; "data" + "tls.crt" is "data[tls.crt]".
std::string field(std::string_view parent, std::string_view key);
// "spec.rules" + 0 is "spec.rules[0]".
std::string field(std::string_view parent, std::size_t index);
// True for the field itself and for everything in it: "spec.rules[0].host" is within "spec.rules".
bool is_within(std::string_view field, std::string_view parent);

// Adds the key to the path of what holds it, as field() does.
void append_field(std::string& path, std::string_view key);
void append_field(std::string& path, std::size_t index);

class Lines {
 public:
  // A field, by the hash of its path: a walk of all fields builds no texts.
  class Place {
   public:
    Place in(std::string_view key) const;
    Place in(std::size_t index) const;
    std::size_t size() const { return size_; }  // of the path

   private:
    friend class Lines;
    void add(std::string_view text);
    std::uint64_t hash() const;

    std::uint64_t state_ = 0xCBF29CE484222325U;
    std::size_t size_ = 0;
  };

  // The field's line, else its nearest known parent's, else the object's.
  std::uint32_t at(std::string_view field) const;
  // This very field was written.
  bool has(std::string_view field) const { return find(field) != entries_.end(); }

  void add(const Place& place, std::uint32_t line);
  // After the last add().
  void finish(std::uint32_t object_line);

  bool operator==(const Lines&) const = default;

 private:
  std::vector<std::uint64_t>::const_iterator find(std::string_view field) const;

  // The hash's upper 40 bits above the line's 24: a file has at most 2^24 bytes, hence lines.
  std::vector<std::uint64_t> entries_;  // sorted
  std::uint32_t object_line_ = 0;
};

}  // namespace sallyport::kube
