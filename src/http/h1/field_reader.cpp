// SPDX-License-Identifier: Apache-2.0

#include "http/h1/field_reader.hpp"

namespace sallyport::http::h1 {

FieldReader::Found FieldReader::refuse_name(const char* stop) {
  const char c = *stop;
  if (c == '\n') return refuse(Code::bad_request, "H1-6", "a line ends in a bare LF");
  if (stop == at_ && is_ows(c)) {
    return refuse(Code::bad_request, "H1-7", "a field line starts with a blank (line folding is not accepted)");
  }
  if (stop == at_ && c == ':') return refuse(Code::bad_request, "H1-7", "a field has no name");
  if (is_ows(c)) return refuse(Code::bad_request, "H1-7", "a field name is followed by a blank");
  if (c == '\r') return refuse(Code::bad_request, "H1-7", "a field line has no colon");
  return refuse(Code::bad_request, "H1-8", "a field name is not a token");
}

FieldReader::Found FieldReader::refuse_line_end(const char* stop) {
  if (*stop == '\n') return refuse(Code::bad_request, "H1-6", "a line ends in a bare LF");
  if (*stop == '\r') return refuse(Code::bad_request, "H1-6", "a CR is not followed by LF");
  return refuse(Code::bad_request, "H1-6", "a field value has a control character");
}

}  // namespace sallyport::http::h1
