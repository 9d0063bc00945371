// SPDX-License-Identifier: Apache-2.0
// Lets browsers, which see no trailers, call a gRPC service: application/grpc-web and application/grpc-web-text become
// application/grpc on the way up, and the answer the former on the way down (grpc-web: PROTOCOL-WEB.md). Every other
// request passes as it is. What origins a browser may call from (CORS) is not its matter.

#pragma once

#include "filters/filter.hpp"
#include "model/filter.hpp"

namespace sallyport::filters {

class GrpcWeb final : public Filter {
 public:
  explicit GrpcWeb(const model::GrpcWeb&) {}

  net::Task<Result<http::Response>> handle(Exchange& exchange, Next next) const override;
};

}  // namespace sallyport::filters
