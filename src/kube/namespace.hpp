// SPDX-License-Identifier: Apache-2.0
// core/v1 Namespace, cluster-wide. What we read of it are the labels in its metadata.

#pragma once

#include <string>

#include "kube/values.hpp"

namespace sallyport::kube {

struct NamespaceStatus {
  std::string phase;

  static constexpr FieldNames<1> unread{"conditions"};
};
BOOST_DESCRIBE_STRUCT(NamespaceStatus, (), (phase))

struct Namespace {
  NamespaceStatus status;

  static constexpr FieldNames<1> unread{"spec"};
};
BOOST_DESCRIBE_STRUCT(Namespace, (), (status))

}  // namespace sallyport::kube
