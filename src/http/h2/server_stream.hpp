// SPDX-License-Identifier: Apache-2.0
// One request of an HTTP/2 client and its answer: a coroutine that has it handled, and what the session asks of the
// stream meanwhile.
//
// What comes from the session is only noted; the connection has the stream catch up with it when the session is done,
// so that no coroutine runs inside of it. The stream stays until both the exchange and the session's stream are over. A
// client that resets it has its coroutine destroyed, which cancels all it does (reference: reliability-security.md
// H2-1).

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "http/body_stream.hpp"
#include "http/h2/request_reader.hpp"
#include "http/h2/session.hpp"
#include "http/h2/stream_body.hpp"
#include "http/incoming.hpp"
#include "net/signal.hpp"
#include "net/task.hpp"

namespace sallyport::http::h2 {

class ServerConnection;

// What a stream has only while it is served; kept for the next one.
struct StreamScratch {
  Arena arena;
  std::optional<Incoming> incoming;

  void clear() {
    incoming.reset();
    arena.clear();
    arena.set_account(nullptr);
  }
};

class ServerStream final : public StreamEvents, private InterimSink, private StreamBody::Source {
 public:
  ServerStream(ServerConnection& connection, StreamId id, std::unique_ptr<StreamScratch> scratch);
  ServerStream(const ServerStream&) = delete;
  ServerStream& operator=(const ServerStream&) = delete;
  ~ServerStream();

  StreamId id() const { return id_; }
  // With what the session told it. Called by the connection only.
  void catch_up();
  // The client has ended its half of the connection.
  void no_more_comes();
  // It waits for a window that has no room.
  bool waits_for_window() const;
  // The exchange ends here and now.
  void cut_off(Code code);
  // Nothing of it is left to do, and the session has forgotten it.
  bool is_over() const { return is_closed_ && is_done_; }
  // Its request is here, and nothing was done about it yet.
  bool is_to_begin() const { return head_is_over_ && !has_started_ && !is_closed_; }
  // Of its request; more of it has to come.
  bool expects_body() const { return body_ && !body_->has_ended(); }
  // Bytes of its body that came, and that the session was not told of having been taken.
  std::size_t held() const { return body_ ? body_->held() : 0; }
  std::unique_ptr<StreamScratch> take_scratch();

  // Whether it is in the connection's list of those that have to catch up.
  bool is_noted = false;

 private:
  bool on_field(const Line& field) override;
  bool on_fields_end(bool ends_stream) override;
  bool on_data(std::string_view bytes) override;
  void on_end() override;
  void on_closed(ErrorCode error) override;
  Supply supply(std::size_t most) override;
  void take(std::span<char> to) override;
  void on_sent_end() override;

  net::Task<Result<void>> interim(const ResponseHead& head) override;
  void before_first_read() override;
  void taken(std::size_t bytes) override;
  bool is_held() const override;

  void start();
  void give_up(ErrorCode error);
  void finish(const Outcome& outcome);
  bool read_trailer(const Line& field);
  net::Task<void> serve();
  net::Task<void> refuse(Error error);
  net::Task<void> answer(Response response, Outcome outcome);
  net::Task<void> run_tunnel(Response response, Outcome outcome);
  net::Task<Result<void>> send_tunnel(BodyStream& stream);
  net::Task<Result<void>> gather(Body& body, const Framing& framing);
  Result<void> put_piece(std::string_view piece, const Body& body, const Framing& framing);
  net::Task<Result<void>> send_rest(Body& body, const Framing& framing);
  net::Task<bool> wait_for_client(bool until_end);
  bool submit(const ResponseHead& head, bool has_body);
  Incoming& incoming() { return *scratch_->incoming; }
  Arena& arena() { return scratch_->arena; }

  ServerConnection& connection_;
  StreamId id_;
  std::unique_ptr<StreamScratch> scratch_;
  std::optional<RequestReader> reader_;  // until the head is over
  std::optional<StreamBody> body_;       // of a request that has one
  std::size_t trailer_bytes_ = 0;

  std::string_view piece_;  // of the answer, what is left to be sent
  const Fields* trailers_ = nullptr;
  std::uint64_t sent_ = 0;            // bytes of the answer's body that the session took
  std::uint64_t put_ = 0;             // and of all pieces so far
  std::optional<Patience> patience_;  // with a client that takes the answer slowly
  net::Signal moved_;                 // there is room for the next piece, or the end was sent

  bool head_is_over_ = false;
  bool has_started_ = false;
  bool may_send_continue_ = false;
  bool wants_piece_ = false;  // the session asked, and there was none
  bool ends_ = false;         // nothing comes behind the piece
  bool sent_end_ = false;
  bool has_all_ = false;    // of the request
  bool is_closed_ = false;  // the session's stream is
  bool is_done_ = false;    // the exchange is
  bool is_tunnel_ = false;
  ErrorCode error_ = ErrorCode::no_error;
  net::Task<void> task_;  // destroyed before what it uses
};

// What a stream is charged for being there.
inline constexpr std::size_t stream_cost = sizeof(ServerStream) + sizeof(StreamScratch) + Arena::block_size;

}  // namespace sallyport::http::h2
