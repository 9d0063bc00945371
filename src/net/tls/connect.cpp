// SPDX-License-Identifier: Apache-2.0
#include "net/tls/connect.hpp"

#include "net/tls/handshake.hpp"

namespace sallyport::net::tls {

Task<std::expected<std::unique_ptr<Stream>, Refusal>> connect(Socket& socket,
                                                              std::shared_ptr<const ClientContext> context,
                                                              Time deadline) {
  const Library::Connect place(context->library());
  if (!place.allowed()) co_return std::unexpected(Refusal{.reason = Reason::overloaded});
  std::unique_ptr<Stream> stream = Stream::connecting(std::move(context));
  if (!stream) co_return std::unexpected(Refusal{.reason = Reason::overloaded});
  const std::expected<void, Refusal> shaken = co_await shake_hands(socket, *stream, deadline);
  if (!shaken) co_return std::unexpected(shaken.error());
  co_return stream;
}

}  // namespace sallyport::net::tls
