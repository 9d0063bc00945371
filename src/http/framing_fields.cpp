// SPDX-License-Identifier: Apache-2.0

#include "http/framing_fields.hpp"

#include <cstddef>
#include <limits>

#include "base/number.hpp"
#include "syntax/token.hpp"

namespace sallyport::http {
namespace {

// More than a signed number holds is refused too: the next server's reading of it would be anybody's guess.
constexpr std::uint64_t longest_body = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t most_digits = 19;
constexpr const char* both = "both Content-Length and Transfer-Encoding";

}  // namespace

const Error* FramingFields::refuse(Code code, const char* rule, const char* what) {
  error_ = Error{.code = code, .rule = rule, .detail = what};
  return &error_;
}

const Error* FramingFields::read_content_length(std::string_view value) {
  if (length_) return refuse(Code::bad_request, "H1-3", "more than one Content-Length");
  if (chunked_) return refuse(Code::bad_request, "H1-1", both);
  length_ = value.size() <= most_digits ? parse_decimal<std::uint64_t>(value) : std::nullopt;
  if (length_ && *length_ <= longest_body) return nullptr;
  return refuse(Code::bad_request, "H1-3", "Content-Length is not 1 to 19 digits, or too large");
}

const Error* FramingFields::read_transfer_encoding(std::string_view value, Version version) {
  if (version == Version::http10) return refuse(Code::bad_request, "H1-2", "Transfer-Encoding in HTTP/1.0");
  if (chunked_) return refuse(Code::bad_request, "H1-2", "more than one Transfer-Encoding");
  if (length_) return refuse(Code::bad_request, "H1-1", both);
  chunked_ = syntax::equals_ignore_case(value, "chunked");
  if (chunked_) return nullptr;
  if (syntax::is_token(value)) {
    return refuse(Code::not_implemented, "H1-2", "a transfer coding other than chunked");
  }
  return refuse(Code::bad_request, "H1-2", "Transfer-Encoding is not exactly \"chunked\"");
}

}  // namespace sallyport::http
