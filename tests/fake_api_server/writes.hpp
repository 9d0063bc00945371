// SPDX-License-Identifier: Apache-2.0
// What POST, PUT, PATCH and DELETE do to the store: preconditions, subresources, generations (Kubernetes API
// conventions, "Concurrency control" and "Metadata").

#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "fake_api_server/refusal.hpp"
#include "fake_api_server/store.hpp"

namespace sallyport::fake_api {

struct Written {
  ObjectPtr object;
  bool is_new = false;
};

using WriteResult = std::expected<Written, Refusal>;

// Which object a request is about.
struct Place {
  KindPtr kind;
  std::string namespace_;
  std::string name;         // empty: of all, or of one that is to be made
  std::string subresource;  // "status" or empty
};

enum class PatchType : std::uint8_t { merge, strategic, apply };

class Writes {
 public:
  explicit Writes(Store& store) : store_(store) {}

  // As given by a test, whatever it says: the object is as it is in a cluster afterwards. `raw` as of Object. The error
  // names the field.
  Result<ObjectPtr> put(Json json, std::string raw = {});
  // Of none: it has no uid, no times and no generation but those that it came with.
  void set_stamps(bool stamps) { stamps_ = stamps; }

  WriteResult create(const Place& place, Json json, std::string_view manager);
  WriteResult update(const Place& place, Json json, std::string_view manager);
  WriteResult patch(const Place& place, PatchType type, const Json& patch, std::string_view manager, bool is_forced);
  // `options` are DeleteOptions, or null.
  std::expected<ObjectPtr, Refusal> remove(const Place& place, const Json& options);

 private:
  WriteResult apply(const Place& place, const ObjectPtr& before, const Json& configuration, std::string_view manager,
                    bool is_forced);
  WriteResult replace(const Place& place, const Object& before, Json json, Owners owners);
  void stamp(Json& json, const Object* before);
  void define(const Kind& kind, const Json& json);

  Store& store_;
  bool stamps_ = true;
  std::uint64_t made_ = 0;  // objects so far, for their uids
};

}  // namespace sallyport::fake_api
