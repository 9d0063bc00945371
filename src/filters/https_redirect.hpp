// SPDX-License-Identifier: Apache-2.0
// Answers a request that came without TLS with 308 and the same URL by https. A request that a trusted proxy took by
// TLS, as its X-Forwarded-Proto says, came with it.
//
// What authorities ask for who issue certificates (ACME, RFC 8555 8.3) is served as it came: there may be no
// certificate yet.

#pragma once

#include <string_view>

#include "filters/filter.hpp"
#include "model/filter.hpp"

namespace sallyport::filters {

class HttpsRedirect final : public Filter {
 public:
  explicit HttpsRedirect(const model::HttpsRedirect& settings) : settings_(settings) {}

  net::Task<Result<http::Response>> handle(Exchange& exchange, Next next) const override;

 private:
  Result<http::Response> redirect(Exchange& exchange) const;
  std::string_view location(Exchange& exchange) const;

  model::HttpsRedirect settings_;
};

}  // namespace sallyport::filters
