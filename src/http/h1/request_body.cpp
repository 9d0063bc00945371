// SPDX-License-Identifier: Apache-2.0
#include "http/h1/request_body.hpp"

namespace sallyport::http::h1 {
namespace {

constexpr Faults client_faults = {.of = ChunkedDecoder::Of::request,
                                  .slow = Code::body_too_slow,
                                  .reset = Code::client_gone,
                                  .cut = Code::client_gone};

}  // namespace

RequestBody::RequestBody(net::Socket& socket, net::Ledger& ledger, Inbox& inbox, const ServerSettings& settings,
                         const Incoming& incoming, Notes& notes)
    : BodyReader(socket, inbox, incoming.request.head.framing, settings.body, client_faults, settings.limits,
                 incoming.arena, notes),
      socket_(socket),
      ledger_(ledger),
      stall_(settings.write_stall),
      // Who has sent some of it already does not wait (RFC 9110 10.1.1).
      waits_for_continue_(incoming.request.head.expects_continue && inbox.unread().empty()) {}

net::Task<Result<std::string_view>> RequestBody::read() {
  if (waits_for_continue_) say_continue();
  return BodyReader::read();
}

// A client that takes nothing at the moment, because an earlier answer is still before it, gets it behind that one; the
// wait for its body, and the answer's own stall, bound how long it may take. Where an interim answer of the upstream is
// being written it is left unsaid: nobody has to wait for it for ever (RFC 9110 10.1.1).
void RequestBody::say_continue() {
  if (socket_.is_writing()) return;
  waits_for_continue_ = false;
  if (socket_.write_soon("HTTP/1.1 100 Continue\r\n\r\n", ledger_, stall_)) return;
  socket_.reset_on_close();
  socket_.interrupt();
}

}  // namespace sallyport::http::h1
