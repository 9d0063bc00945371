// SPDX-License-Identifier: Apache-2.0
#include "commands/default_certificate.hpp"

#include <algorithm>
#include <utility>

#include "dialects/certificates/server_names.hpp"

namespace sallyport::commands {

DefaultCertificate::DefaultCertificate(std::optional<ObjectRef> wanted)
    : named_("--default-certificate", std::move(wanted), " that can be used") {
  if (named_.wanted()) id_ = dialects::certificates::certificate_id(*named_.wanted());
}

void DefaultCertificate::note(const model::Delta& delta) {
  if (std::ranges::find(delta.certificates.removed, id_) != delta.certificates.removed.end()) is_there_ = false;
  const auto is_it = [this](const auto& one) { return one->id == id_; };
  if (std::ranges::any_of(delta.certificates.changed, is_it)) is_there_ = true;
}

}  // namespace sallyport::commands
