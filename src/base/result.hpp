// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value, or the Error that explains why there is none.

#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace sallyport {

template <class T>
using Result = std::expected<T, Error>;

using Failure = std::unexpected<Error>;

inline Failure fail(Error error) { return Failure(std::move(error)); }
inline Failure fail(Code code, const char* rule = "", std::string detail = {}) {
  return Failure(Error{.code = code, .rule = rule, .detail = std::move(detail)});
}

}  // namespace sallyport
