// SPDX-License-Identifier: Apache-2.0
// One request on one stream of an HTTP/2 connection to an upstream, and its answer, which is judged as strictly as one
// of HTTP/1 (reference: reliability-security.md H1-4, H1-18, H2-7, H2-8).
//
// Lies in the arena of the exchange, which whoever asks owns, and is gone before its connection; dropping it resets the
// stream and leaves the connection as it is. What comes from the session is only noted: the connection wakes who waits
// for it when the session is done.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "http/body_stream.hpp"
#include "http/client_exchange.hpp"
#include "http/h2/response_reader.hpp"
#include "http/h2/session.hpp"
#include "http/h2/stream_body.hpp"
#include "net/signal.hpp"

namespace sallyport::http::h2 {

class ClientConnection;

class ClientStream final : public ClientExchange, private StreamEvents, private StreamBody::Source {
 public:
  ClientStream(ClientConnection& connection, Arena& arena, Notes& notes);
  ClientStream(const ClientStream&) = delete;
  ClientStream& operator=(const ClientStream&) = delete;
  ~ClientStream();

  net::Task<Result<void>> send(const Request& request, const Hop& hop) override;
  net::Task<Result<void>> read_head(Method request_method, ResponseHead& head, net::Time deadline) override;
  void replace_head_deadline(net::Time deadline) override { head_came_.replace_deadline(deadline); }
  void interrupt() override;
  Body& begin_body(const Framing& framing) override;
  ByteStream& begin_tunnel() override;
  bool may_be_stale() const override { return !was_answered_ && (was_refused_ || is_later_); }
  bool is_unanswered() const override { return !was_answered_ && !was_reset_; }

 private:
  friend class ClientConnection;

  // What is pulled of the tunnel's other half goes to the upstream.
  struct Tunnelled {
    Tunnelled(net::Loop& loop, Body& incoming) : stream(loop, incoming) {}
    BodyStream stream;
    net::Task<void> sending;  // destroyed before what it uses
  };

  struct KeptHead {
    ResponseHead head;
    KeptHead* next;
  };

  bool on_field(const Line& field) override;
  bool on_fields_end(bool ends_stream) override;
  bool on_data(std::string_view bytes) override;
  void on_end() override;
  void on_closed(ErrorCode error) override;
  Supply supply(std::size_t most) override;
  void take(std::span<char> to) override;
  void on_sent_end() override {}
  void before_first_read() override {}
  void taken(std::size_t bytes) override;
  bool is_held() const override { return false; }  // the connection's window opens at once

  // The connection's: it is over; and wakes who waits, as long as this is there.
  void lose(Code code);
  void wake_reader() { head_came_.notify(); }
  void wake_body() {
    if (body_) body_->wake();
  }
  void wake_writer() { piece_went_.notify(); }

  bool refuse(Error error);
  bool keep_head(const ResponseHead& head);
  bool take_head(ResponseHead& head);
  void note();
  Result<void> open(const Request& request, const Hop& hop);
  net::Task<Result<void>> connect(const Request& request, const Hop& hop);
  void give_up(Error error);
  net::Task<void> send_tunnel(BodyStream& stream);
  bool is_tunnel_over() const;
  net::Task<Result<void>> wait_for_head(ResponseHead& head, net::Time deadline);
  net::Task<Result<void>> upload(const Request& request);
  net::Task<Result<void>> send_piece(std::string_view bytes, bool ends);
  bool sending_is_over() const { return id_ == 0 || failed_; }
  Error why_over() const { return failed_ ? *failed_ : Error{.code = Code::upstream_reset}; }

  ClientConnection& connection_;
  Arena& arena_;
  Notes& notes_;
  StreamId id_ = 0;  // 0: not open yet, or not any more
  Method method_ = Method::other;

  std::optional<ResponseReader> reader_;  // of the block of fields that comes
  KeptHead* heads_ = nullptr;             // that nobody has read yet, in order
  unsigned interim_heads_ = 0;
  Framing framing_;                 // of the final one
  std::optional<StreamBody> body_;  // once the request is on its way
  std::optional<Error> failed_;
  net::Signal head_came_;

  std::string_view piece_;  // of the request's body, what the session has not taken yet
  const Fields* trailers_ = nullptr;
  net::Signal piece_went_;

  // Where the connection keeps it.
  ClientStream* next_ = nullptr;
  ClientStream** link_ = nullptr;
  bool is_noted_ = false;

  bool has_final_head_ = false;
  bool was_answered_ = false;  // by as much as a field
  bool was_refused_ = false;   // nothing was done about the request, says the upstream
  bool was_reset_ = false;     // this stream, by the peer
  bool is_later_ = false;      // the connection has answered others
  bool ended_ = false;         // the upstream's half, cleanly
  bool ends_ = false;          // nothing of the request comes behind the piece
  bool interrupted_ = false;
  const RequestHead* asks_for_tunnel_ = nullptr;  // by extended CONNECT
  std::unique_ptr<Tunnelled> tunnel_;
};

}  // namespace sallyport::http::h2
