// SPDX-License-Identifier: Apache-2.0
// The text of one file to the Kubernetes objects in it. Pure: no I/O, no memory of earlier files.
//
// A file called *.json is JSON (one value), every other one YAML (many documents). Lists (kind List, IngressList, ...)
// are taken apart. A text that does not parse gives no objects at all, only a problem.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/object_ref.hpp"
#include "kube/kinds.hpp"
#include "kube/object.hpp"
#include "kube/tree.hpp"

namespace sallyport::kube {

// An object of a kind that is not read, or of another version of it.
struct Ignored {
  ObjectRef ref;  // as far as it says
  std::uint32_t line = 0;
  std::string message;
};

// About a document that is no object of its own.
struct FileProblem {
  std::uint32_t line = 0;
  std::string message;
  std::optional<ObjectRef> duplicate;  // set if the document repeats an object of the file; the first one counts
};

struct FileContents {
  std::vector<ObjectPtr> objects;  // in the order of the file, no ObjectRef twice
  std::vector<Ignored> ignored;
  std::vector<FileProblem> problems;
  // Each document told which object it is; if not, an object that seems to be gone may be the one that cannot be told.
  bool is_whole = true;
};

FileContents read_objects(std::string_view file_name, std::string_view bytes);

// One parsed document that comes from no file, so that it has no lines. It need not say that it is of this kind, as
// items of lists do not.
FileContents read_object(const Node& document, const Kind& kind);

}  // namespace sallyport::kube
