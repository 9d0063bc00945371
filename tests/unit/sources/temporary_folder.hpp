// SPDX-License-Identifier: Apache-2.0
// A real directory for a test, gone at its end, with the few things that tests do in it.

#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "sources/source.hpp"

namespace sallyport::sources {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sallyport-XXXXXX").string();
    base_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(root());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(base_); }

  // The folder that is read; its parent belongs to the test too.
  std::string root() const { return base_ + "/root"; }
  std::string path(const std::string& name) const { return root() + "/" + name; }
  std::string beside(const std::string& name) const { return base_ + "/" + name; }

  void write(const std::string& name, std::string_view text) const { write_at(path(name), text); }
  static void write_at(const std::string& path, std::string_view text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  void rename(const std::string& from, const std::string& to) const { std::filesystem::rename(path(from), path(to)); }
  void remove(const std::string& name) const { std::filesystem::remove_all(path(name)); }

 private:
  std::string base_;
};

// Writes to a file, and holds it open until it is closed. Truncates it first, as most do.
class SlowWriter {
 public:
  explicit SlowWriter(const std::string& path) : file_(path, std::ios::binary | std::ios::trunc) {}

  void write(std::string_view text) { file_ << text << std::flush; }
  void close() { file_.close(); }

 private:
  std::ofstream file_;
};

// A document; `value` makes its content differ.
inline std::string config_map(std::string_view name, std::string_view value = "1") {
  return text::cat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ", name, "}\ndata: {value: \"", value, "\"}\n");
}

inline ObjectRef ref(std::string_view name) { return {"", "ConfigMap", "default", std::string(name)}; }

// "+a=1 +b=2 -c": what changed and what went, in order.
inline std::string summary(const Changes& changes) {
  std::string all;
  for (const kube::ObjectPtr& object : changes.changed) {
    const auto* map = kube::as<kube::ConfigMap>(*object);
    all += text::cat(all.empty() ? "" : " ", "+", object->ref.name, "=", map == nullptr ? "?" : map->data.at("value"));
  }
  for (const ObjectRef& gone : changes.removed) all += text::cat(all.empty() ? "" : " ", "-", gone.name);
  return all;
}

// The messages of the problems, if they changed.
inline std::string problems(const Changes& changes) {
  if (!changes.problems) return "unchanged";
  std::string all;
  for (const Problem& problem : *changes.problems) {
    all += text::cat(all.empty() ? "" : "\n", problem.file, ":", problem.line, ": ", problem.message);
  }
  return all;
}

}  // namespace sallyport::sources
