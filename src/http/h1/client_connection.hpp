// SPDX-License-Identifier: Apache-2.0
// One HTTP/1 connection to an upstream: sends a request, reads its response, and may then be used again, but only when
// proven clean: the request's body was sent whole, the response is complete, no byte is left over, no protocol was
// switched (reference: reliability-security.md law 3, H1-4, H1-18).
//
// Belongs to one loop's thread; one exchange at a time.

#pragma once

#include <memory>
#include <optional>

#include "base/own_lines.hpp"
#include "http/client_exchange.hpp"
#include "http/h1/body_reader.hpp"
#include "http/h1/inbox.hpp"
#include "http/h1/message_writer.hpp"
#include "http/message.hpp"
#include "http/session_settings.hpp"
#include "http/socket_stream.hpp"
#include "net/ledger.hpp"
#include "net/quota.hpp"
#include "net/released.hpp"
#include "net/socket.hpp"
#include "net/task.hpp"

namespace sallyport::http::h1 {

class alignas(line_size) ClientConnection final : public ClientExchange, private net::Socket::Owner {
 public:
  // Hears that an idle connection is of no more use: the upstream ended it, sent something unasked, or it is too old.
  class Keeper {
   public:
    virtual void drop(ClientConnection& connection) = 0;  // destroys it

   protected:
    ~Keeper() = default;
  };

  // `fd` is a connect() under way. Counts in the quota, if there is one.
  ClientConnection(net::Loop& loop, net::Fd fd, const ClientSettings& settings, net::Ledger& ledger,
                   net::Quota* quota = nullptr);
  // Of a connection that is there, its handshake done.
  ClientConnection(net::Loop& loop, net::Socket::Released connection, const ClientSettings& settings,
                   net::Ledger& ledger, net::Quota* quota);
  // Ends by a reset when it was not used, or an exchange was given up before any answer came.
  ~ClientConnection();

  // Before the first exchange. The error is connect_failed, connect_timeout or, when it is ours, overloaded; all safe
  // to retry.
  net::Task<Result<void>> connected(net::Time deadline);
  // Whether there was room for it: else overloaded.
  Result<void> usable() const;

  // Starts an exchange: nothing of the one before may be in use. False: the connection is not there any more, and
  // nothing was sent.
  bool begin(Arena& arena, Notes& notes);

  net::Task<Result<void>> send(const Request& request, const Hop& hop) override;
  net::Task<Result<void>> read_head(Method request_method, ResponseHead& head, net::Time deadline) override;
  void replace_head_deadline(net::Time deadline) override { socket_.replace_read_deadline(deadline); }
  void interrupt() override { socket_.interrupt(); }
  BodyReader& begin_body(const Framing& framing) override;

  ByteStream& begin_tunnel() override;

  const net::Socket& socket() const { return socket_; }

  // It was kept since an earlier exchange and gave no byte in this one: the upstream may have ended it unseen.
  bool may_be_stale() const override { return exchanges_ > 1 && !received_; }
  bool is_unanswered() const override { return !received_; }

  // The exchange is over; true: clean, there are not too many of its like, and now it is idle.
  bool end();
  // Idle: tells the keeper when it is of no more use.
  void keep(Keeper& keeper);

 private:
  bool put_head(MessageWriter& writer, const Request& request, const Hop& hop);
  net::Task<Result<void>> send_pieces(const Request& request, const Hop& hop);
  Result<void> sent(const MessageWriter::Failed& failed);
  Code code_without_head(net::IoError error);
  void on_readable() override { dropped(); }
  void on_gone() override { dropped(); }
  void on_deadline() override { dropped(); }
  void dropped();

  const ClientSettings& settings_;
  net::Quota::Share share_;
  net::Ledger ledger_;
  net::Socket socket_;
  Inbox inbox_;
  Keeper* keeper_ = nullptr;
  Arena* arena_ = nullptr;  // of the exchange, as are the following
  Notes* notes_ = nullptr;
  std::optional<BodyReader> body_;
  std::unique_ptr<SocketStream> tunnel_;
  std::uint64_t exchanges_ = 0;
  bool awaits_answer_ = true;  // of the last exchange, or was not used yet
  bool sent_all_ = false;
  bool received_ = false;
  bool keep_alive_ = false;
  bool upgraded_ = false;
};

}  // namespace sallyport::http::h1
