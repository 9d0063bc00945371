// SPDX-License-Identifier: Apache-2.0
// The seam behind which Kubernetes objects come from: a folder now, an API server later. Nothing behind it can tell.
//
// A source belongs to the control thread; every call and every callback is made there. It hands out immutable objects.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/object_ref.hpp"
#include "base/result.hpp"
#include "kube/object.hpp"

namespace sallyport::sources {

// Something about a file, a document or the watch that belongs to no object we deliver.
struct Problem {
  enum class Kind : std::uint8_t {
    broken,     // a file or document that could not be read; what it gave before stays
    duplicate,  // an object that another document gives already
    ignored,    // an object of a kind that we do not read
    watch,      // changes may go unseen until a reload
  };

  Kind kind = Kind::broken;
  std::string file;        // relative to the root; empty for the root itself
  std::uint32_t line = 0;  // 0: the whole file
  std::optional<ObjectRef> ref;
  std::string message;

  bool operator==(const Problem&) const = default;
};

// What changed since the last Changes. An object is in at most one of the two lists.
struct Changes {
  std::vector<kube::ObjectPtr> changed;  // new, different, or moved to another file or other lines; whole
  std::vector<ObjectRef> removed;
  std::optional<std::vector<Problem>> problems;  // all that there are now; absent if they did not change
  bool complete = false;                         // every file was read once since the start

  bool empty() const { return changed.empty() && removed.empty() && !problems; }
};

using OnChanges = std::move_only_function<void(Changes)>;

class Source {
 public:
  virtual ~Source() = default;

  // Begins to deliver. The first Changes may come before start() returns, and comes even if it is empty.
  virtual Result<void> start(OnChanges on_changes) = 0;
  // Looks at everything again (SIGHUP); the callback is made even if nothing changed.
  virtual void reload() = 0;
};

// Where the verdict about an object goes: one call for each object whose verdict changed. The folder's writes a line.
struct Verdict {
  enum class Kind : std::uint8_t { accepted, ignored, rejected };

  Kind kind = Kind::accepted;
  ObjectRef ref;
  std::string file;
  std::uint32_t line = 0;
  std::string field;
  std::string reason;   // one word for machines; empty when accepted
  std::string message;  // one sentence for people
};

class StatusSink {
 public:
  virtual ~StatusSink() = default;
  virtual void write(const Verdict& verdict) = 0;
};

}  // namespace sallyport::sources
