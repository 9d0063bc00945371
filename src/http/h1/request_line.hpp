// SPDX-License-Identifier: Apache-2.0
// The request line cut in three, and its target in parts (RFC 9112 3; reference: reliability-security.md H1-10, H1-11).
// Views of the bytes given. Pure.

#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/request_rules.hpp"

namespace sallyport::http::h1 {

struct RequestLine {
  std::size_t size = 0;  // CRLF included
  std::string_view method;
  std::string_view target;
  Version version = Version::http11;
};

// Size 0 when more bytes are needed. The target has only bytes that a target may have; its form is not yet judged.
Result<RequestLine> read_request_line(std::string_view bytes, const Limits& limits);

// The method of a head that was refused before it was known, or did not come whole: as far as its answer needs it,
// which has no content where it is HEAD, whatever else is wrong (RFC 9110 9.3.2).
Method method_begun(std::string_view bytes);

// `target` is not empty.
Result<Target> read_target(std::string_view target, Method method);

}  // namespace sallyport::http::h1
