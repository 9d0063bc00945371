// SPDX-License-Identifier: Apache-2.0
// The list of dialects. To add one: its folder, and its line in all.cpp.

#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/object_ref.hpp"
#include "dialects/dialect.hpp"
#include "dialects/ingress/ingresses.hpp"
#include "dialects/services/endpoint_reading.hpp"

namespace sallyport::dialects {

struct DialectSettings {
  services::AddressPolicy endpoints;
  ingress::IngressSettings ingress;
  std::optional<ObjectRef> default_certificate;  // a Secret
};

using Dialects = std::vector<std::unique_ptr<const Dialect>>;

Dialects all(const DialectSettings& settings);

}  // namespace sallyport::dialects
