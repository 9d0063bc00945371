// SPDX-License-Identifier: Apache-2.0

#include "kube/object.hpp"

namespace sallyport::kube {

const Complaint* Object::invalid_within(std::string_view field) const {
  for (const Complaint& complaint : complaints) {
    if (complaint.kind != Complaint::Kind::invalid) continue;
    if (is_within(complaint.field, field) || is_within(field, complaint.field)) return &complaint;
  }
  return nullptr;
}

}  // namespace sallyport::kube
