// SPDX-License-Identifier: Apache-2.0
// The seam behind which Kubernetes objects come from: a folder, or an API server. Nothing behind it can tell.
//
// A source belongs to the control thread; every call and every callback is made there. It hands out immutable objects.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/object_ref.hpp"
#include "base/result.hpp"
#include "kube/object.hpp"
#include "net/timer_wheel.hpp"

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
  std::string file;        // relative to the root; empty for the root itself. Of a cluster: which resource
  std::uint32_t line = 0;  // 0: the whole file
  std::optional<ObjectRef> ref;
  std::string message;

  bool operator==(const Problem&) const = default;
};

// What changed since the last Changes. An object is in at most one of the lists. One that was awaited and is not there
// is among the removed, though it was never given.
struct Changes {
  std::vector<kube::ObjectPtr> changed;  // new, different, or moved to another file or other lines; whole
  std::vector<ObjectRef> removed;
  std::vector<ObjectRef> unavailable;  // awaited, never given, and not to be had: there is no waiting for them any more
  std::optional<std::vector<Problem>> problems;  // all that there are now; absent if they did not change
  bool complete = false;                         // every file was read once since the start
  bool has_read_more = false;                    // Source::has_read() may be true of objects of which it was not

  bool empty() const {
    return changed.empty() && removed.empty() && unavailable.empty() && !problems && !has_read_more;
  }
};

// Objects that a source may give by name only: a cluster has many of them, and few are of use.
inline bool is_given_by_name(const ObjectRef& ref) {
  return ref.group.empty() && (ref.kind == "Secret" || ref.kind == "ConfigMap");
}

// Which of those somebody refers to that nobody did before, and which nobody does any more.
struct Wanted {
  std::vector<ObjectRef> added;
  std::vector<ObjectRef> dropped;

  bool empty() const { return added.empty() && dropped.empty(); }
};

using OnChanges = std::move_only_function<void(Changes)>;

class Source {
 public:
  virtual ~Source() = default;

  // Begins to deliver. The first Changes may come before start() returns, and comes even if it is empty.
  virtual Result<void> start(OnChanges on_changes) = 0;
  // Looks at everything again (SIGHUP); the callback is made even if nothing changed.
  virtual void reload() = 0;

  // Also before start(). A folder gives all that it has.
  virtual void want(const Wanted&) {}
  // Of objects that may be given by name only those are given that are wanted: one that is not any more is removed.
  virtual bool gives_by_name() const { return false; }
  // The object is there, and will come, or be among the removed or unavailable if it does not: whatever refers to it
  // should wait.
  virtual bool is_awaited(const ObjectRef&) const { return false; }
  // All that may be this object was read: if it was not given, it is not there. Once that is so of more objects, a
  // Changes says it, or has other problems than before.
  virtual bool has_read(const ObjectRef&) const = 0;
};

// What became of an object, for people.
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

// Where the gateway is reached, for status.loadBalancer.ingress: all that shall stand there.
struct LoadBalancer {
  std::vector<std::string> addresses;  // IP addresses or host names

  bool operator==(const LoadBalancer&) const = default;
};

// The object is not ours, or is served no more: what this process wrote into its status goes, unless somebody else has
// written there since.
struct Withdrawn {
  bool operator==(const Withdrawn&) const = default;
};

// What an object's status shall be, by what its kind has there; nothing: it stays as it is.
using StatusFields = std::variant<std::monostate, LoadBalancer, Withdrawn>;

// What control says of an object, once every worker serves it.
struct Published {
  Verdict verdict;
  kube::ObjectPtr object;                   // as the source gave it last; null if it is gone since
  std::optional<std::uint64_t> generation;  // of the version that this is about
  StatusFields fields;
};

// Where statuses go that the objects themselves have. It is told what the source says of the objects too, since a
// status is written only where it differs from what stands there.
class StatusSink {
 public:
  virtual ~StatusSink() = default;
  virtual void seen(const kube::ObjectPtr& object) = 0;
  virtual void gone(const ObjectRef& ref) = 0;
  // One call for each object whose status is another now.
  virtual void write(const Published& published) = 0;
};

// Where verdicts go, for people: one call for each object about which something else is said now. A line in any case;
// in a cluster an Event as well.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void tell(const Published& published) = 0;
  // It is gone, and what was to be said of it with it.
  virtual void gone(const ObjectRef& ref) = 0;
};

// Which of several replicas writes to the cluster. All of them serve.
class Lease {
 public:
  virtual ~Lease() = default;
  // Until when this process may: what it sends has to be answered, or given up, by then. Nothing: it may not.
  virtual std::optional<net::Time> held_until() const = 0;
};

}  // namespace sallyport::sources
