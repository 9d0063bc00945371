// SPDX-License-Identifier: Apache-2.0
// ObjectMeta: what every Kubernetes object says about itself.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "kube/values.hpp"

namespace sallyport::kube {

// RFC 3339, as seconds since 1970 (UTC).
struct Timestamp {
  std::int64_t seconds = 0;

  auto operator<=>(const Timestamp&) const = default;
};

struct Meta {
  std::string name;
  std::string namespace_;  // "default" when a namespaced object gives none; empty for a cluster-wide kind
  std::string uid;
  Texts labels;
  Texts annotations;
  std::optional<Timestamp> creation_timestamp;
  std::optional<Timestamp> deletion_timestamp;
  std::optional<std::uint64_t> generation;
  std::string resource_version;

  static constexpr FieldNames<6> unread{
      "managedFields", "ownerReferences", "finalizers", "selfLink", "generateName", "deletionGracePeriodSeconds",
  };
  bool operator==(const Meta&) const = default;
};
BOOST_DESCRIBE_STRUCT(Meta, (),
                      (name, namespace_, uid, labels, annotations, creation_timestamp, deletion_timestamp, generation,
                       resource_version))

}  // namespace sallyport::kube
