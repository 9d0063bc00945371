// SPDX-License-Identifier: Apache-2.0

#include "http/h1/head_scanner.hpp"

#include "http/scan.hpp"

namespace sallyport::http::h1 {

bool HeadScanner::worth_parsing(std::string_view bytes) {
  if (bytes.size() >= size_limit_) return true;
  const char* const end = bytes.data() + bytes.size();
  for (;;) {
    const char* const stop = value_end(bytes.data() + seen_, end);
    seen_ = static_cast<std::size_t>(stop - bytes.data());
    if (stop == end || (*stop == '\r' && stop + 1 == end)) break;
    if (stop[0] != '\r' || stop[1] != '\n') return true;

    const bool empty = seen_ == line_start_;
    seen_ += 2;
    line_start_ = seen_;
    if (empty) return true;  // the end; or the one empty line before a head, which costs a look
    ++lines_;
    if (lines_ == 1) return true;
  }
  const bool one_line_too_many = lines_ >= line_limit_ && bytes.size() > line_start_;
  return one_line_too_many || (lines_ == 0 && bytes.size() >= first_line_limit_);
}

}  // namespace sallyport::http::h1
