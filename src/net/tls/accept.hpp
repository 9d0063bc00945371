// SPDX-License-Identifier: Apache-2.0
// A client's connection, from its first byte to the end of its handshake (reference: reliability-security.md T-3, T-5,
// T-10). What it is for is chosen once, by one function, of its whole ClientHello, before OpenSSL has a byte of it.

#pragma once

#include <expected>
#include <memory>
#include <string>

#include "net/fd.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "net/tls/client_hello.hpp"
#include "net/tls/credentials.hpp"
#include "net/tls/refusal.hpp"
#include "net/tls/server_context.hpp"
#include "net/tls/stream.hpp"

namespace sallyport::net::tls {

struct Choice {
  std::shared_ptr<ServerContext> context;
  std::shared_ptr<const Credentials> credentials;
};

// Says what a connection is for, and whether there is a place for its handshake; must outlive the handshakes that ask
// it.
class Chooser {
 public:
  // Once, of a whole ClientHello, before anything is made for it. A reason is sent as its alert.
  virtual std::expected<Choice, Reason> choose(const ClientHello& hello) = 0;

 protected:
  ~Chooser() = default;
};

struct AcceptTimes {
  Duration hello{5'000};   // to the end of the ClientHello
  Duration total{10'000};  // of all of it
};

struct Accepted {
  Fd fd;
  std::unique_ptr<Stream> stream;  // for the Socket that is made of both; its facts() say what is spoken inside
};

// `early` are bytes that were read already. Those of the ClientHello are charged to `ledger`, for as long as that
// lives: twice 32 KiB at most. Dropping the task ends the connection.
Task<std::expected<Accepted, Refusal>> accept(Loop& loop, Library& library, Ledger& ledger, Fd fd, std::string early,
                                              Chooser& chooser, AcceptTimes times);

}  // namespace sallyport::net::tls
