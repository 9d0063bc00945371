// SPDX-License-Identifier: Apache-2.0
// One step around the forwarding of a request: look, change, answer, or pass on. It may wait on either side of `next`.
//
// A filter is immutable and shared by all requests and workers; what it remembers is in the exchange's states.

#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "filters/exchange.hpp"
#include "http/message.hpp"
#include "net/task.hpp"

namespace sallyport::filters {

class Next;

class Filter {
 public:
  virtual ~Filter() = default;
  virtual net::Task<Result<http::Response>> handle(Exchange& exchange, Next next) const = 0;
};

using Chain = std::vector<std::shared_ptr<const Filter>>;

// What stands at the end of a chain: choosing the rule, choosing the destination, asking the upstream.
class Stage {
 public:
  virtual net::Task<Result<http::Response>> run() = 0;

 protected:
  ~Stage() = default;
};

// The rest of a chain.
class Next {
 public:
  Next(std::span<const std::shared_ptr<const Filter>> rest, Stage& end) : rest_(rest), end_(&end) {}

  net::Task<Result<http::Response>> operator()(Exchange& exchange) const {
    return rest_.empty() ? end_->run() : rest_.front()->handle(exchange, Next(rest_.subspan(1), *end_));
  }

 private:
  std::span<const std::shared_ptr<const Filter>> rest_;
  Stage* end_;
};

}  // namespace sallyport::filters
