// SPDX-License-Identifier: Apache-2.0
#include "net/tls/accept.hpp"

#include "net/released.hpp"
#include "net/socket.hpp"
#include "net/tls/handshake.hpp"

namespace sallyport::net::tls {
namespace {

using State = HelloReading::State;

// The ClientHello, whole, and what came behind it in `bytes`.
Task<std::expected<ClientHello, Refusal>> read_hello(Socket& socket, Library& library, Ledger& ledger,
                                                     std::string& bytes, Time deadline) {
  for (;;) {
    HelloReading reading = read_client_hello(bytes);
    if (reading.state == State::whole) co_return std::move(reading.hello);
    if (reading.state == State::not_tls) co_return std::unexpected(Refusal{.reason = Reason::not_tls});
    if (reading.state == State::bad) {
      co_return std::unexpected(Refusal{.reason = Reason::bad_hello, .detail = reading.fault});
    }
    while (bytes.size() < reading.wanted) {
      const std::span<char> nothing;
      const IoResult<std::size_t> there = co_await socket.read(nothing, deadline);
      if (!there) co_return std::unexpected(refusal_of(there.error()));
      library.passing().let(nullptr);
      const std::span<char> room = library.passing().in().first(longest_hello_on_wire - bytes.size());
      const auto got = socket.read_now(room);
      if (!got) continue;
      if (!*got || **got == 0) co_return std::unexpected(Refusal{.reason = Reason::gone});
      if (!ledger.charge(2 * **got)) co_return std::unexpected(Refusal{.reason = Reason::overloaded});
      bytes.append(room.data(), **got);  // which may take twice the room
    }
  }
}

// Tells the client, if there is a word for it.
std::unexpected<Refusal> refuse(Socket& socket, Refusal refusal) {
  static_cast<void>(socket.write_at_once(alert_record(refusal.reason)));
  return std::unexpected(std::move(refusal));
}

}  // namespace

Task<std::expected<Accepted, Refusal>> accept(Loop& loop, Library& library, Ledger& ledger, Fd fd, std::string early,
                                              Chooser& chooser, AcceptTimes times) {
  const Time begin = loop.now();
  Socket socket(loop, std::move(fd), nullptr);
  if (!socket.registered()) co_return std::unexpected(Refusal{.reason = Reason::overloaded});
  const Time in_time = begin + std::min(times.hello, times.total);
  const std::expected<ClientHello, Refusal> hello = co_await read_hello(socket, library, ledger, early, in_time);
  if (!hello) co_return refuse(socket, hello.error());

  std::expected<Choice, Reason> choice = chooser.choose(*hello);
  if (!choice) co_return refuse(socket, {.reason = choice.error()});
  std::unique_ptr<Stream> stream =
      Stream::accepting(std::move(choice->context), *choice->credentials, hello->server_name);
  if (!stream) co_return refuse(socket, {.reason = Reason::failed});
  stream->received(std::string_view(early));
  const std::expected<void, Refusal> shaken = co_await shake_hands(socket, *stream, begin + times.total);
  if (!shaken) co_return std::unexpected(shaken.error());
  stream->keep_input();  // what is left of `early`
  Accepted accepted;
  accepted.fd = socket.release().fd;
  accepted.stream = std::move(stream);
  co_return accepted;
}

}  // namespace sallyport::net::tls
