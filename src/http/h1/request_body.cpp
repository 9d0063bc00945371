// SPDX-License-Identifier: Apache-2.0
#include "http/h1/request_body.hpp"

#include <utility>

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
      // Who has sent some of it already does not wait (RFC 9110 10.1.1).
      waits_for_continue_(incoming.request.head.expects_continue && inbox.unread().empty()) {}

net::Task<Result<std::string_view>> RequestBody::read() {
  // A client that takes no bytes now will not wait for these for ever either (RFC 9110 10.1.1).
  if (std::exchange(waits_for_continue_, false) && !socket_.write_at_once("HTTP/1.1 100 Continue\r\n\r\n")) {
    socket_.reset_on_close();
    socket_.interrupt();
  }
  return BodyReader::read();
}

}  // namespace sallyport::http::h1
