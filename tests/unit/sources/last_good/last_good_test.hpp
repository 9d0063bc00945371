// SPDX-License-Identifier: Apache-2.0
// What tests of last good have in common: objects, a key, and what was read as one line.

#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "kube/reader.hpp"
#include "sources/last_good/file.hpp"

namespace sallyport::sources::last_good {

inline std::vector<kube::ObjectPtr> objects(std::string_view yaml) {
  return kube::read_objects("a.yaml", yaml).objects;
}

inline std::string config_map_document(std::string_view name, std::string_view value = "1") {
  return text::cat("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ", name, "}\ndata: {value: \"", value,
                   "\"}\n");
}

inline std::string secret_document(std::string_view name, std::string_view value = "hidden") {
  return text::cat("---\napiVersion: v1\nkind: Secret\nmetadata: {name: ", name, "}\nstringData: {value: ", value,
                   "}\n");
}

inline Key key(std::string_view of = "0123456789abcdef0123456789abcdef") {
  Result<Key> made = Key::made_of(of);
  EXPECT_TRUE(made.has_value());
  return *std::move(made);
}

inline std::string text_of(std::string_view yaml, const Key* key = nullptr) {
  const Result<Text> made = make_text(objects(yaml), key, {.written = "2026-05-04T03:02:01Z", .by = "1.2.3"});
  EXPECT_TRUE(made.has_value());
  return made->bytes;
}

// "ConfigMap default/a, Secret default/b"; the error's sentence if it cannot be read.
inline std::string summary(const Result<Contents>& contents) {
  if (!contents) return contents.error().detail;
  std::vector<std::string> names;
  for (const kube::ObjectPtr& object : contents->objects) names.push_back(to_text(object->ref));
  return text::join(names, ", ");
}

}  // namespace sallyport::sources::last_good
