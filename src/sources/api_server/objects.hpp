// SPDX-License-Identifier: Apache-2.0
// What the texts of an API server say: one object, one event of a watch, the frame of a list, a Status. Pure; what
// cannot be read is a value that names the object where it can, and never more than a problem of that object.

#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/object_ref.hpp"
#include "kube/object.hpp"
#include "net/timer_wheel.hpp"
#include "sources/api_server/resource.hpp"
#include "sources/api_server/splitters.hpp"

namespace sallyport::sources::api_server {

// An object as it is now. Versions are texts to be kept and sent back (metadata.resourceVersion).
struct Item {
  ObjectRef ref;
  std::string version;
  kube::ObjectPtr object;  // null where only metadata is asked for, or a summary is made
  std::string summary;     // Resource::summarise
};

struct Unreadable {
  std::optional<ObjectRef> ref;  // none: it does not say which object it is
  std::string version;           // empty: nor this
  std::string message;           // the rest of a sentence that begins with the object
};

// metav1.Status: why something was refused.
struct Status {
  unsigned code = 0;
  std::string reason;   // one word: "Expired"
  std::string message;  // for people
  std::optional<net::Duration> retry_after;
};

struct Changed {
  Item item;
};
struct Removed {
  ObjectRef ref;
  std::string version;
};
struct Bookmark {
  std::string version;
  bool ends_list = false;  // all objects of the time when the watch began were sent
};
struct Unheard {};  // of a type that nobody knows
using Event = std::variant<Changed, Removed, Bookmark, Status, Unreadable, Unheard>;

// metadata of a list.
struct ListFrame {
  std::string version;
  std::string proceed;  // "continue": where the next page begins; empty: this was the last one
};

// An item of a list, or the answer to a GET.
std::expected<Item, Unreadable> read_item(const Cut& text, const Resource& resource);
// A line of a watch.
Event read_event(const Cut& line, const Resource& resource);
std::expected<ListFrame, std::string> read_frame(const Cut& envelope);
// The body of a refusal. What it does not say is empty; `code` is then the answer's.
Status read_status(std::string_view body, unsigned code);

}  // namespace sallyport::sources::api_server
