// SPDX-License-Identifier: Apache-2.0
// Tells upstreams who the client is and what it asked for: X-Forwarded-For, -Proto, -Host, -Port.
//
// Whatever a client claims of itself is removed first, in every spelling, unless it is a trusted proxy (reference:
// reliability-security.md law 9, A-1). A trusted proxy's -For is continued, its -Proto, -Host and -Port are kept.

#pragma once

#include "filters/filter.hpp"
#include "model/filter.hpp"

namespace sallyport::filters {

class ForwardedHeaders final : public Filter {
 public:
  explicit ForwardedHeaders(const model::ForwardedHeaders& settings) : settings_(settings) {}

  net::Task<Result<http::Response>> handle(Exchange& exchange, Next next) const override;

 private:
  bool tell(Exchange& exchange) const;
  bool tell_chain(Exchange& exchange) const;
  syntax::IpAddress client_in(const http::Fields& fields, const http::ConnectionFacts& connection) const;

  model::ForwardedHeaders settings_;
};

}  // namespace sallyport::filters
