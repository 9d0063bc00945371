// SPDX-License-Identifier: Apache-2.0
// Keeps a rule that wants client certificates from connections on which none was asked for: those without TLS, and
// those that were made for another name (reference: reliability-security.md T-2, T-3).

#pragma once

#include "filters/filter.hpp"
#include "model/filter.hpp"

namespace sallyport::filters {

class TlsGuard final : public Filter {
 public:
  explicit TlsGuard(const model::TlsGuard& settings) : settings_(settings) {}

  net::Task<Result<http::Response>> handle(Exchange& exchange, Next next) const override;

 private:
  model::TlsGuard settings_;
};

}  // namespace sallyport::filters
