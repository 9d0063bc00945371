// SPDX-License-Identifier: Apache-2.0
// The text of a last good configuration: a List of Kubernetes, one object a line, that tells whether it is whole.
//
//   {"apiVersion":"v1","kind":"List","metadata":{"lastGood":1,"written":"…","by":"0.1.0","objects":2},"items":[
//   {"apiVersion":"v1","kind":"Service",…},
//   {"apiVersion":"networking.k8s.io/v1","kind":"Ingress",…}
//   ],"secrets":{"cipher":"AES-256-GCM","key":"…","nonce":"…","sealed":"…"},"sha256":"…"}
//
// Secrets are sealed beside the rest, as lines of the same kind, or `"secrets":null`. The checksum is of all bytes
// before its own member. `lastGood` is the version of this form; what the objects may say is their own affair, so a
// file outlives the release that wrote it. Pure (decision 0026).

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kube/object.hpp"
#include "sources/last_good/key.hpp"

namespace sallyport::sources::last_good {

inline constexpr std::uint32_t form = 1;
inline constexpr std::size_t max_bytes = 512 * 1024 * 1024;

struct Contents {
  std::vector<kube::ObjectPtr> objects;
  std::size_t unreadable = 0;  // objects that this version cannot read
  std::string written;         // RFC 3339
  std::string by;              // version of the program
  bool has_secrets = false;    // they were sealed in it, and opened
};

struct Text {
  std::string bytes;
  std::size_t objects = 0;   // that are in it
  std::size_t left_out = 0;  // that could not be written, or are Secrets without a key
  std::string content;       // equal for two texts that hold the same objects and Secrets, whenever they were written
};

struct Stamp {
  std::string written;
  std::string by;
};

// `key` null: Secrets are left out. An error if they cannot be sealed. The order of the objects does not matter.
Result<Text> make_text(std::vector<kube::ObjectPtr> objects, const Key* key, const Stamp& stamp);

// An error says what the text is instead: torn, damaged, something else, written by a newer version, or sealed with
// another key. `key` null: Secrets are not looked at. `name` is what objects say they were read from.
Result<Contents> read_text(std::string_view bytes, const Key* key, const std::string& name);

}  // namespace sallyport::sources::last_good
