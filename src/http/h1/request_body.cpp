// SPDX-License-Identifier: Apache-2.0
#include "http/h1/request_body.hpp"

namespace sallyport::http::h1 {
namespace {

constexpr Faults client_faults = {.of = ChunkedDecoder::Of::request,
                                  .slow = Code::body_too_slow,
                                  .reset = Code::client_gone,
                                  .cut = Code::client_gone};

}  // namespace

RequestBody::RequestBody(net::Socket& socket, Inbox& inbox, const ServerSettings& settings, const Incoming& incoming,
                         Notes& notes)
    : BodyReader(socket, inbox, incoming.request.head.framing, settings.body, client_faults, settings.limits,
                 incoming.arena, notes),
      socket_(socket),
      write_stall_(settings.write_stall),
      // Who has sent some of it already does not wait (RFC 9110 10.1.1).
      waits_for_continue_(incoming.request.head.expects_continue && inbox.unread().empty()) {}

net::Task<Result<std::string_view>> RequestBody::read() {
  return waits_for_continue_ ? read_after_continue() : BodyReader::read();
}

net::Task<Result<std::string_view>> RequestBody::read_after_continue() {
  constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  waits_for_continue_ = false;
  const net::IoResult<void> written = co_await socket_.write(go_on, std::string_view(), write_stall_);
  if (!written) co_return fail(Code::client_gone);
  co_return co_await BodyReader::read();
}

}  // namespace sallyport::http::h1
