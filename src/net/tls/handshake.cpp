// SPDX-License-Identifier: Apache-2.0
#include "net/tls/handshake.hpp"

namespace sallyport::net::tls {
namespace {

using Shaken = std::expected<void, Refusal>;

// Most flights are taken at once by the kernel.
Task<IoResult<void>> send_output(Socket& socket, Stream& stream, Time deadline) {
  constexpr Duration stall{10'000};
  const IoResult<std::size_t> sent = socket.write_now(stream.output(), {});
  if (!sent) co_return std::unexpected(sent.error());
  stream.output_sent(*sent);
  if (!stream.has_output()) co_return IoResult<void>();
  const IoResult<void> rest = co_await socket.write(stream.output(), std::string_view(), stall, deadline);
  stream.output_sent(stream.output().size());
  co_return rest;
}

}  // namespace

Refusal refusal_of(IoError error) { return {.reason = error == IoError::timeout ? Reason::timeout : Reason::gone}; }

Task<Shaken> shake_hands(Socket& socket, Stream& stream, Time deadline) {
  for (;;) {
    const std::expected<bool, Refusal> step = stream.handshake();
    const bool done = step.value_or(false);
    if (done && stream.facts().version == "TLSv1.3") {  // the peer waits for nothing of it
      stream.keep_output();
      co_return Shaken();
    }
    if (stream.has_output()) {
      const IoResult<void> sent = co_await send_output(socket, stream, deadline);
      if (!sent && step) co_return std::unexpected(refusal_of(sent.error()));
    }
    if (!step) co_return std::unexpected(step.error());
    if (done) co_return Shaken();

    const std::span<char> nothing;
    const IoResult<std::size_t> there = co_await socket.read(nothing, deadline);
    if (!there) co_return std::unexpected(refusal_of(there.error()));
    const auto got = socket.read_now(stream.room());
    if (!got) continue;  // another handshake() finds nothing to do
    if (!*got) co_return std::unexpected(refusal_of(got->error()));
    if (**got == 0) stream.received_end();
    stream.received(**got);
  }
}

}  // namespace sallyport::net::tls
