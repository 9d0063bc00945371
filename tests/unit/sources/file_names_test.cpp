// SPDX-License-Identifier: Apache-2.0

#include "sources/file_names.hpp"

#include <gtest/gtest.h>

namespace sallyport::sources {
namespace {

TEST(FileNames, ObjectFilesAreYamlAndJson) {
  for (const char* name : {"a.yaml", "a.yml", "a.json", "a.b.yaml"}) EXPECT_TRUE(is_object_file(name)) << name;
  for (const char* name : {"a", "a.txt", "yaml", "a.yaml.bak", "a.YAML", ""})
    EXPECT_FALSE(is_object_file(name)) << name;
}

TEST(FileNames, HiddenAndEditorsTemporaryNamesAreIgnored) {
  for (const char* name :
       {".a.yaml", ".a.yaml.swp", "a.yaml~", "#a.yaml#", ".#a.yaml", "4913", "..data", "..2026_05_04"}) {
    EXPECT_TRUE(is_ignored(name)) << name;
    EXPECT_FALSE(is_object_file(name)) << name;
  }
  EXPECT_FALSE(is_ignored("shop"));
}

}  // namespace
}  // namespace sallyport::sources
