// SPDX-License-Identifier: Apache-2.0
// Content-Length and Transfer-Encoding of one message: at most one of them, once, in its one plain form
// (RFC 9112 6; reference: reliability-security.md H1-1 to H1-3). The same for requests and responses. Pure.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "http/message.hpp"

namespace sallyport::http {

class FramingFields {
 public:
  // The error of the field, or null. Codes are a request's.
  const Error* read_content_length(std::string_view value);
  const Error* read_transfer_encoding(std::string_view value, Version version);

  bool chunked() const { return chunked_; }
  std::optional<std::uint64_t> length() const { return length_; }

 private:
  const Error* refuse(Code code, const char* rule, const char* what);

  bool chunked_ = false;
  std::optional<std::uint64_t> length_;
  Error error_;
};

}  // namespace sallyport::http
