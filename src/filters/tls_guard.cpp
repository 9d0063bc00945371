// SPDX-License-Identifier: Apache-2.0
#include "filters/tls_guard.hpp"

namespace sallyport::filters {

net::Task<Result<http::Response>> TlsGuard::handle(Exchange& exchange, Next next) const {
  if (exchange.tls_policy == settings_.policy) return next(exchange);
  return net::Task<Result<http::Response>>::with(
      fail(Code::misdirected, "T-2", "the rule wants connections under another TLS policy"));
}

}  // namespace sallyport::filters
