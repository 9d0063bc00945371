// SPDX-License-Identifier: Apache-2.0
// A body that is in memory already, given as one piece. The text must outlive it: a literal, or text of the arena.

#pragma once

#include <string_view>
#include <utility>

#include "http/body.hpp"

namespace sallyport::http {

class FixedBody final : public Body {
 public:
  explicit FixedBody(std::string_view text) : rest_(text) {}

  net::Task<Result<std::string_view>> read() override {
    return net::Task<Result<std::string_view>>::with(std::exchange(rest_, std::string_view()));
  }
  bool ready() const override { return true; }

 private:
  std::string_view rest_;
};

}  // namespace sallyport::http
