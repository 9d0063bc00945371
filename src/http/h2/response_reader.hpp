// SPDX-License-Identifier: Apache-2.0
// Makes the head of a response, or its trailers, of the fields that an HTTP/2 connection decodes, one a call, as
// strictly as its sister for HTTP/1 (reference: reliability-security.md H2-4, H2-7, H2-8; RFC 9113 8.1 to 8.3).
//
// Each field is charged before it is copied into the arena. Everything it refuses is upstream_malformed. Pure.

#pragma once

#include <cstddef>
#include <string_view>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "http/framing_fields.hpp"
#include "http/h2/session.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/notes.hpp"

namespace sallyport::http::h2 {

class ResponseReader {
 public:
  enum class Of : std::uint8_t { head, trailers };

  // The head, if it is one, has its fields in the arena and nowhere else.
  ResponseReader(Of of, const Limits& limits, Method request_method, Arena& arena);

  [[nodiscard]] Result<void> add(const Line& field);

  // After the last field; `ends`: no body follows it. The head is then whole.
  [[nodiscard]] Result<void> finish(bool ends, Notes& notes);

  ResponseHead& head() { return head_; }
  // Of trailers.
  Fields& fields() { return head_.fields; }

 private:
  [[nodiscard]] Result<void> add_pseudo(std::string_view name, std::string_view value);
  [[nodiscard]] Result<void> add_length(std::string_view value);
  [[nodiscard]] Result<void> append(syntax::HeaderId id, const Line& field);
  bool describes_another_answer() const;

  Of of_;
  Method request_method_;
  Arena& arena_;
  ResponseHead head_;
  FramingFields framing_;
  std::size_t left_;         // bytes
  std::size_t fields_left_;  //
  bool has_status_ = false;
  unsigned dropped_ = 0;  // trailers of names that are not for trailers
};

}  // namespace sallyport::http::h2
