// SPDX-License-Identifier: Apache-2.0
// How a translation reads other objects: by reference or by a declared index, and always through a projection, which is
// a plain function from an object to the value that matters here (a Service's ports, not its resourceVersion). And how
// it reads what became of a group of claims of a lower level.
//
// Whoever implements Lookup thereby knows what was read, reads that found nothing included, and translates again only
// when such a value changes. Dialect code mentions none of this. One thread; what read() gives stays alive as long as
// it is held.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/object_ref.hpp"
#include "dialects/claim.hpp"
#include "kube/object.hpp"

namespace sallyport::dialects {

// `unknown` is "not fetched yet", of what a source gives by name only. Dialect code treats it as absent: what it makes
// of that is not used, and it is asked again once the object is known (docs/decisions/0027-api-server.md).
enum class Presence : std::uint8_t { present, absent, unknown };

// A projection without its type. There is one for each function, so its address is its identity.
struct Projection {
  std::shared_ptr<const void> (*of)(const kube::Object&);
  bool (*same)(const void*, const void*);
  bool of_newest = false;  // also of a version with a fault; else of the newest good one
};

template <auto function>
using Projected = std::invoke_result_t<decltype(function), const kube::Object&>;

template <auto function>
inline constexpr Projection projection = {
    [](const kube::Object& object) -> std::shared_ptr<const void> {
      return std::make_shared<const Projected<function>>(function(object));
    },
    [](const void* one, const void* other) {
      using Value = Projected<function>;
      return *static_cast<const Value*>(one) == *static_cast<const Value*>(other);
    },
};

template <auto function>
inline constexpr Projection projection_of_newest = {projection<function>.of, projection<function>.same, true};

// Files objects under keys: EndpointSlices under their Service. A key is a tuple like a reference; one that is no
// object (a host) has its text in `name`. Its address is its identity.
struct Index {
  std::string_view name;
  std::vector<ObjectRef> (*keys)(const kube::Object&);  // none: the object is not in this index
};

template <class Value>
struct Read {
  Presence presence = Presence::absent;
  std::shared_ptr<const Value> value;  // null unless present

  explicit operator bool() const { return value != nullptr; }
  const Value& operator*() const { return *value; }
  const Value* operator->() const { return value.get(); }
};

template <class Value>
struct Member {
  ObjectRef ref;
  std::shared_ptr<const Value> value;
};

class Lookup {
 public:
  virtual ~Lookup() = default;

  template <auto function>
  Read<Projected<function>> read(const ObjectRef& ref) const {
    auto found = find(ref, projection<function>);
    return {found.presence, std::static_pointer_cast<const Projected<function>>(std::move(found.value))};
  }

  // The newest version, whatever its faults: for what must never be judged by an older one.
  template <auto function>
  Read<Projected<function>> read_newest(const ObjectRef& ref) const {
    auto found = find(ref, projection_of_newest<function>);
    return {found.presence, std::static_pointer_cast<const Projected<function>>(std::move(found.value))};
  }

  // All that the index files under the key, in the order of their references.
  template <auto function>
  std::vector<Member<Projected<function>>> list(const Index& index, const ObjectRef& key) const {
    std::vector<Member<Projected<function>>> members;
    for (auto& [ref, value] : find_all(index, key, projection<function>)) {
      members.push_back({ref, std::static_pointer_cast<const Projected<function>>(std::move(value))});
    }
    return members;
  }

  // Of a group of a lower level than any that the translation claims in.
  GroupVerdict verdict(const GroupKey& group) const { return judged(group); }

 protected:
  struct Found {
    Presence presence = Presence::absent;
    std::shared_ptr<const void> value;
  };

 private:
  virtual Found find(const ObjectRef& ref, const Projection& through) const = 0;
  virtual std::vector<std::pair<ObjectRef, std::shared_ptr<const void>>> find_all(const Index& index,
                                                                                  const ObjectRef& key,
                                                                                  const Projection& through) const = 0;
  virtual GroupVerdict judged(const GroupKey& group) const = 0;
};

}  // namespace sallyport::dialects
