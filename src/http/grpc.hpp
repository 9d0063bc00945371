// SPDX-License-Identifier: Apache-2.0
// What gRPC makes of HTTP: who speaks it, its deadline, and the answers that its clients understand (the gRPC protocol
// over HTTP/2, and its table of HTTP statuses; reference: reliability-security.md G-1).
//
// A client of gRPC finds its result in trailers. What the gateway answers by itself is therefore one head with status
// 200 that is also the trailers ("trailers-only"). Pure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/arena.hpp"
#include "base/error.hpp"
#include "http/message.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::http {

enum class GrpcStatus : std::uint8_t {
  ok,
  cancelled,
  unknown,
  invalid_argument,
  deadline_exceeded,
  not_found,
  already_exists,
  permission_denied,
  resource_exhausted,
  failed_precondition,
  aborted,
  out_of_range,
  unimplemented,
  internal,
  unavailable,
  data_loss,
  unauthenticated,
};
inline constexpr std::size_t grpc_status_count = 17;

// "OK", "CANCELLED" …, as the protocol names it.
std::string_view name_of(GrpcStatus status);

// The value of grpc-status; a text that is none of them is UNKNOWN, as clients take it.
GrpcStatus grpc_status_in(std::string_view value);

// It tells of the server, or of what is between: not of a call that asked for what it may not have.
bool is_servers_fault(GrpcStatus status);

// A Content-Type that means gRPC: "application/grpc", alone or before '+' or ';'.
bool is_grpc(std::string_view content_type);

// One that means gRPC-Web: "application/grpc-web" or "application/grpc-web-text", likewise.
bool is_grpc_web(std::string_view content_type);

// What an answer without grpc-status means to a client of gRPC.
GrpcStatus grpc_status_of(std::uint16_t http_status);

// What our own answer for an error says.
GrpcStatus grpc_status_for(Code code);

// The value of grpc-timeout: one to eight digits and a unit (H M S m u n). Nothing for another text. Below a
// millisecond it is rounded up; more than a year is a year.
std::optional<net::Duration> grpc_timeout(std::string_view value);

// Our answer to a client of gRPC or gRPC-Web that sent this Content-Type.
Response grpc_answer(Arena& arena, const Error& error, std::string_view content_type);

}  // namespace sallyport::http
