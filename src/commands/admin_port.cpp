// SPDX-License-Identifier: Apache-2.0
#include "commands/admin_port.hpp"

#include <utility>

#include "base/text.hpp"
#include "net/listening_sockets.hpp"

namespace sallyport::commands {
namespace {

// As a Host field has it.
std::string host_text(const syntax::IpAddress& address) {
  return address.is_v4() ? address.text() : text::cat("[", address.text(), "]");
}

}  // namespace

Result<std::unique_ptr<AdminPort>> AdminPort::open(net::Loop& loop, const AdminPlace& place, Telling telling) {
  std::unique_ptr<AdminPort> port(new AdminPort());
  const Result<void> opened = place.address ? port->open_tcp(loop, *place.address, std::move(telling))
                                            : port->open_unix(loop, place.unix_path, std::move(telling));
  if (!opened) return fail(invalid(text::cat("--admin: ", opened.error().detail)));
  return port;
}

Result<void> AdminPort::open_unix(net::Loop& loop, const std::string& path, Telling telling) {
  auto socket = net::UnixSocket::listen(path);
  if (!socket) return Failure(socket.error());
  unix_socket_.emplace(std::move(*socket));
  where_ = text::cat("unix:", path);
  port_.emplace(
      loop,
      std::make_unique<admin::AdminPages>(admin_reports(std::move(telling)), admin::Callable{.by_any_name = true}),
      unix_socket_->take());
  return {};
}

Result<void> AdminPort::open_tcp(net::Loop& loop, const syntax::SocketAddress& address, Telling telling) {
  auto sockets = net::open_listening_sockets(address, 1);
  if (!sockets) return Failure(sockets.error());
  address_ = sockets->bound;
  where_ = text::cat("http://", sockets->bound.text());
  admin::Callable callable{.by_any_address = address.ip.is_unspecified(), .address = host_text(address.ip)};
  port_.emplace(loop, std::make_unique<admin::AdminPages>(admin_reports(std::move(telling)), std::move(callable)),
                std::move(sockets->by_slot.front()));
  return {};
}

}  // namespace sallyport::commands
