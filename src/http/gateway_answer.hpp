// SPDX-License-Identifier: Apache-2.0
// The one table that turns an error's code into an answer: status, body, log reason and metric say the same word.
//
// Nothing internal is in a body: the sentence is the table's, and an error's own detail is shown only if the client's
// message is at fault. Pure.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.hpp"
#include "base/error.hpp"
#include "http/message.hpp"

namespace sallyport::http {

struct Answer {
  std::uint16_t status;       // of client_gone 499, which is only logged
  std::string_view word;      // log reason and metric label: "bad_request"
  std::string_view reason;    // of the status line: "Bad Request"
  Fault fault;                //
  bool closes;                // the client's connection ends after it: where its next request starts is not certain
  std::string_view sentence;  // for the client
};

const Answer& answer_for(Code code);

// The answer in the form that this client understands: trailers of gRPC for those that speak it (http/grpc.hpp).
Response gateway_answer(Arena& arena, const Error& error, const RequestHead& request);

// A short text with status, word and rule; a HEAD gets the same head and no body. `keep_alive` is false if the client's
// connection has to end.
Response gateway_answer(Arena& arena, const Error& error, Method request_method);

// What Allow says of us.
inline constexpr std::string_view allowed_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

// RFC 9110 15; empty for what has no name there.
std::string_view reason_phrase(std::uint16_t status);

}  // namespace sallyport::http
