// SPDX-License-Identifier: Apache-2.0
// What is wrong with the body of a response, in the words of who reads it from an upstream.

#pragma once

#include "http/h1/body_reader.hpp"

namespace sallyport::http::h1 {

inline constexpr Faults response_faults = {.of = ChunkedDecoder::Of::response,
                                           .slow = Code::upstream_timeout,
                                           .reset = Code::upstream_reset,
                                           .cut = Code::upstream_truncated};

}  // namespace sallyport::http::h1
