// SPDX-License-Identifier: Apache-2.0
// Sends a request of our own to a backend through this worker's pools: authentication call-outs, mirrors and retries
// are filters like any other. Declared here, implemented in proxy.

#pragma once

#include <cstddef>
#include <string_view>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/message.hpp"
#include "net/task.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::http {

struct CallLimits {
  net::Time deadline;              // for the whole call up to the head of the response
  std::size_t response_bytes = 0;  // of its body, at most: more is upstream_malformed
};

class Caller {
 public:
  // `backend` is the model's id. The request, the arena and the response live no longer than the exchange.
  virtual net::Task<Result<Response>> call(std::string_view backend, const Request& request, Arena& arena,
                                           CallLimits limits) = 0;

 protected:
  ~Caller() = default;
};

}  // namespace sallyport::http
