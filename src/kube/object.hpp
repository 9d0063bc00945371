// SPDX-License-Identifier: Apache-2.0
// One Kubernetes object as it was read: what it says, where it says it, and what of it could not be read.
//
// Immutable and shared once a source has handed it out. An object with complaints is still delivered: whoever uses it
// drops the part that a complaint of kind `invalid` names (or lies in), and keeps the rest.
//
// What a wrong field harms: the nearest list element that holds it (that element is empty, see List); outside of lists
// the optional structs that hold it (absent then), and else that field alone (it has its default). So a wrong
// rules[1].host never turns into "every host", and rules[0] and rules[2] work on. Before an absent optional outside of
// a list is taken for a wish ("no class"), ask invalid_within().

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/object_ref.hpp"
#include "kube/config_map.hpp"
#include "kube/digest.hpp"
#include "kube/endpoint_slice.hpp"
#include "kube/endpoints.hpp"
#include "kube/gate_route.hpp"
#include "kube/ingress.hpp"
#include "kube/ingress_class.hpp"
#include "kube/lines.hpp"
#include "kube/meta.hpp"
#include "kube/namespace.hpp"
#include "kube/secret.hpp"
#include "kube/service.hpp"

namespace sallyport::kube {

struct Complaint {
  enum class Kind : std::uint8_t {
    unknown_field,  // harmless: nothing reads it
    invalid,        // the field, or what holds it, is not usable
  };

  Kind kind = Kind::invalid;
  std::string field;
  std::uint32_t line = 0;
  std::string message;  // the rest of a sentence that begins with the field; never holds the field's value

  bool operator==(const Complaint&) const = default;
};

using Body =
    std::variant<Service, EndpointSlice, Endpoints, Ingress, IngressClass, Secret, ConfigMap, Namespace, GateRoute>;

struct Object {
  ObjectRef ref;
  Meta meta;
  std::string file;
  std::uint32_t line = 0;
  Lines lines;
  Body body;
  std::vector<Complaint> complaints;
  std::string document;  // as JSON, if there are complaints (kube/encode.hpp)
  Digest content;        // equal for two texts of one object that differ only in layout, comments and order of fields
  Digest meaning;        // the same without what is told back: status, metadata.resourceVersion, metadata.managedFields

  // The first complaint of kind `invalid` about the field, something in it, or what holds it; null if it was read
  // whole.
  const Complaint* invalid_within(std::string_view field) const;
};

using ObjectPtr = std::shared_ptr<const Object>;

// Null if the object is of another kind.
template <class T>
const T* as(const Object& object) {
  return std::get_if<T>(&object.body);
}

}  // namespace sallyport::kube
