// SPDX-License-Identifier: Apache-2.0
#include "commands/default_certificate.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "dialects/certificates/server_names.hpp"

namespace sallyport::commands {

DefaultCertificate::DefaultCertificate(std::optional<ObjectRef> wanted) : wanted_(std::move(wanted)) {
  if (wanted_) id_ = dialects::certificates::certificate_id(*wanted_);
}

void DefaultCertificate::note(const model::Delta& delta) {
  if (std::ranges::find(delta.certificates.removed, id_) != delta.certificates.removed.end()) is_there_ = false;
  const auto is_it = [this](const auto& one) { return one->id == id_; };
  if (std::ranges::any_of(delta.certificates.changed, is_it)) is_there_ = true;
}

std::string DefaultCertificate::problem() const {
  if (!wanted_ || is_there_) return {};
  return text::cat("--default-certificate: there is no ", to_text(*wanted_), " that can be used");
}

std::optional<DefaultCertificate::News> DefaultCertificate::news() {
  if (!wanted_ || std::exchange(was_there_, is_there_) == is_there_) return std::nullopt;
  if (!is_there_) return News{.line = problem(), .is_problem = true};
  return News{.line = text::cat("--default-certificate: ", to_text(*wanted_), " is there")};
}

}  // namespace sallyport::commands
