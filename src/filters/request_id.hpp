// SPDX-License-Identifier: Apache-2.0
// Gives every request an X-Request-Id of 32 hexadecimal digits; that of a trusted proxy is kept.

#pragma once

#include "filters/filter.hpp"
#include "model/filter.hpp"

namespace sallyport::filters {

class RequestId final : public Filter {
 public:
  explicit RequestId(const model::RequestId& settings) : settings_(settings) {}

  net::Task<Result<http::Response>> handle(Exchange& exchange, Next next) const override;

 private:
  model::RequestId settings_;
};

}  // namespace sallyport::filters
