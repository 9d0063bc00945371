// SPDX-License-Identifier: Apache-2.0
// Says when it is worth while to parse a head that comes in pieces, so that a head costs O(size) however it is cut.
//
// It gives no verdict of its own: when it sees the end, an error or too much, the parser says which. A head that is
// whole from the start needs no scanner: parse first, and scan what comes later only when that gave 0.

#pragma once

#include <cstddef>
#include <string_view>

#include "http/limits.hpp"

namespace sallyport::http::h1 {

class HeadScanner {
 public:
  // Of a request or a response.
  static HeadScanner for_head(const Limits& limits) {
    return HeadScanner(limits.head, limits.request_line, limits.fields + 1);
  }
  static HeadScanner for_trailers(const Limits& limits) {
    return HeadScanner(limits.trailers, limits.trailers, limits.trailer_fields);
  }

  // `bytes` are all bytes since the start of the head, those of the last call included. True: parse now; if that
  // gives 0, receive more and go on (it is true once at the end of the first line, for an early refusal).
  bool worth_parsing(std::string_view bytes);

 private:
  HeadScanner(std::size_t size, std::size_t first_line, std::size_t lines)
      : size_limit_(size), first_line_limit_(first_line), line_limit_(lines) {}

  std::size_t size_limit_;
  std::size_t first_line_limit_;
  std::size_t line_limit_;      // the empty last one not included
  std::size_t seen_ = 0;        // up to here there is no error
  std::size_t line_start_ = 0;  // of the line that holds seen_
  std::size_t lines_ = 0;       // whole ones before it
};

}  // namespace sallyport::http::h1
