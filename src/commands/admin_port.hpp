// SPDX-License-Identifier: Apache-2.0
// Opens the admin port where the options say, over TCP or as a Unix socket.

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "commands/admin_reports.hpp"
#include "commands/page_port.hpp"
#include "commands/run.hpp"
#include "net/loop.hpp"
#include "net/unix_socket.hpp"

namespace sallyport::commands {

class AdminPort {
 public:
  // REQUIRES: it is not off.
  static Result<std::unique_ptr<AdminPort>> open(net::Loop& loop, const AdminPlace& place, Telling telling);

  // For people: "http://127.0.0.1:9901", "unix:/run/sallyport.sock".
  const std::string& where() const { return where_; }
  // None: it is a Unix socket.
  const std::optional<syntax::SocketAddress>& address() const { return address_; }

 private:
  AdminPort() = default;
  Result<void> open_unix(net::Loop& loop, const std::string& path, Telling telling);
  Result<void> open_tcp(net::Loop& loop, const syntax::SocketAddress& address, Telling telling);

  std::string where_;
  std::optional<syntax::SocketAddress> address_;
  std::optional<net::UnixSocket> unix_socket_;
  std::optional<PagePort> port_;
};

}  // namespace sallyport::commands
