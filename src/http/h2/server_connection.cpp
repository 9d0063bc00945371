// SPDX-License-Identifier: Apache-2.0
#include "http/h2/server_connection.hpp"

#include <algorithm>
#include <utility>

#include "http/glitches.hpp"
#include "net/buffer_pool.hpp"

namespace sallyport::http::h2 {
namespace {

SessionSettings session_settings(const ServerSettings& settings) {
  return {.is_server = true,
          .streams = settings.http2.streams,
          .stream_window = settings.http2.stream_window,
          .connection_window = settings.http2.connection_window,
          .head_bytes = static_cast<std::uint32_t>(settings.limits.head)};
}

// What is put off to be sent may have to wait in a buffer, and the session has to go on whatever its streams hold.
std::size_t for_streams(std::size_t connection_bytes) {
  constexpr std::size_t session = 96 * 1024;
  return connection_bytes - std::min(connection_bytes / 2, net::BufferPool::large + session);
}

}  // namespace

ServerConnection::ServerConnection(Server& server, net::Socket::Released connection, const ConnectionFacts& facts)
    : server_(server),
      facts_(facts),
      ledger_(server.settings().http2.connection_bytes, &server.ledger()),
      inner_(for_streams(server.settings().http2.connection_bytes), &ledger_),
      socket_(server.loop(), std::move(connection.fd), this, std::move(connection.stream)),
      session_(session_settings(server.settings()), *this, ledger_),
      gate_(true, server.settings().limits, server.settings().http2, *this),
      idle_since_(server.loop().now()) {
  facts_.protocol = Version::http2;
  static_cast<void>(ledger_.charge(sizeof *this));  // refused: then the session had no room either
}

ServerConnection::~ServerConnection() {
  server_.tally().stream_resets += gate_.resets();
  noted_.clear();
  streams_.clear();
}

void ServerConnection::begin(std::string_view early) {
  feed(early);
  catch_up();
  arm();
  write_soon();
}

void ServerConnection::end() {
  state_ = State::over;
  streams_.clear();
  noted_.clear();
  not_begun_ = 0;
  write_soon();
}

void ServerConnection::cut_off() {
  for (const auto& stream : streams_) stream->cut_off(Code::overloaded);
  socket_.reset_on_close();
  on_gone();
}

void ServerConnection::on_gone() {
  socket_.discard_put_off();
  end();
}

// Reading.

void ServerConnection::on_readable() {
  if (state_ == State::lingering) return discard();
  receive();
  catch_up();
  write_soon();
}

// Small frames cost as much as large ones: of whoever sends those little is read at a time, and others get their turn.
void ServerConnection::receive() {
  constexpr int most_a_turn = 4;
  constexpr std::size_t small_frame = 64;
  constexpr std::size_t large_frame = 1024;
  constexpr std::size_t worth_a_look = 1024;  // bytes: fewer are a few requests
  has_more_ = false;
  has_read_ = true;
  if (state_ >= State::lingering || has_ended_) return;
  const net::Buffer buffer = loop().buffers().take(net::BufferPool::large, server_.ledger());
  if (!buffer) return cut_off();
  for (int reads = 0; state_ < State::lingering; ++reads) {
    if (reads == most_a_turn) {
      has_more_ = true;
      return;
    }
    const std::span<char> room = buffer.span().first(std::min(buffer.size(), appetite_));
    const auto got = socket_.read_now(room);
    if (!got) return;
    if (!*got) return on_gone();
    if (**got == 0) {
      has_ended_ = true;
      for (const auto& stream : streams_) stream->no_more_comes();
      return;
    }
    const std::size_t size = **got;
    const std::size_t frames = feed({buffer.data(), size});
    if (size >= worth_a_look && frames * small_frame >= size) {
      appetite_ = least_appetite;
      has_more_ = true;
      return;
    }
    const bool are_large = size == room.size() && frames * large_frame <= size;
    if (are_large) appetite_ = std::min<std::size_t>(4 * size, net::BufferPool::large);
  }
}

// How many frames that was.
std::size_t ServerConnection::feed(std::string_view bytes) {
  const net::Time now = loop().now();
  std::size_t frames = 0;
  has_said_ = false;
  for (; !bytes.empty() && !is_deaf_ && state_ < State::lingering; ++frames) {
    const std::size_t size = gate_.pass(bytes, now);
    if (size == 0) {
      terminate(gate_.refusal().error);
    } else if (!session_.receive(bytes.substr(0, size))) {
      linger();  // it cannot even say why
    } else {
      bytes.remove_prefix(size);
    }
  }
  return frames;
}

// Closing with bytes unread would reset the connection, and the client might lose what was said last.
void ServerConnection::discard() {
  const net::Buffer buffer = loop().buffers().take(net::BufferPool::small, server_.ledger());
  if (!buffer) return end();
  while (const auto got = socket_.read_now(buffer.span())) {
    if (!*got || **got == 0 || **got >= lingering_left_) return end();
    lingering_left_ -= **got;
  }
}

// Streams.

StreamEvents* ServerConnection::on_request(StreamId stream) {
  const std::size_t most = settings().http2.streams;
  if (state_ >= State::leaving || streams_.size() >= most || !inner_.charge(stream_cost)) return nullptr;
  streams_.push_back(std::make_unique<ServerStream>(*this, stream, server_.take_scratch()));
  return streams_.back().get();
}

// Of a stream that is over it means nothing.
void ServerConnection::on_reset_received(StreamId stream, ErrorCode) {
  if (session_.knows(stream)) gate_.reset_by_peer(loop().now());
}

void ServerConnection::on_reset_sent(StreamId stream, ErrorCode error) {
  gate_.reset_by_us(stream, error, loop().now());
}

void ServerConnection::count(const Notes& notes) {
  server_.tally() += notes;
  gate_.odd_request(glitch_points(notes), loop().now());
}

void ServerConnection::note(ServerStream& stream) {
  if (std::exchange(stream.is_noted, true)) return;
  noted_.push_back(&stream);
}

void ServerConnection::over() {
  may_sweep_ = true;
  write_soon();
}

// Requests beyond those of one turn wait for the next, in which the client may have taken some of them back. And a body
// that is not whole may be malformed already: the session tells when it says so to the client, if that can be said.
bool ServerConnection::may_begin(const ServerStream& stream) const {
  if (begun_ == requests_a_turn || is_deaf_) return false;
  return !stream.expects_body() || has_said_ || socket_.has_unsent();
}

// Outside of the session: now coroutines may run. Those that run may note others. Whether any had something to do.
bool ServerConnection::catch_up() {
  bool did_something = false;
  not_begun_ = 0;
  for (std::size_t at = 0; at < noted_.size(); ++at) {
    ServerStream& stream = *noted_[at];
    if (stream.is_to_begin()) {
      if (!may_begin(stream)) {
        noted_[not_begun_++] = &stream;
        continue;
      }
      ++begun_;
    }
    did_something = true;
    stream.is_noted = false;
    stream.catch_up();
    if (stream.is_over()) may_sweep_ = true;
  }
  noted_.resize(not_begun_);
  return did_something;
}

void ServerConnection::sweep() {
  if (!std::exchange(may_sweep_, false)) return;
  for (std::size_t at = 0; at < streams_.size();) {
    if (!streams_[at]->is_over()) {
      ++at;
      continue;
    }
    const std::unique_ptr<ServerStream> stream = std::exchange(streams_[at], std::move(streams_.back()));
    streams_.pop_back();
    if (const std::size_t held = stream->held(); held != 0) session_.consumed(held);
    server_.give_scratch(stream->take_scratch());
    inner_.release(stream_cost);
  }
  if (!streams_.empty()) return;
  constexpr std::size_t few = 8;
  if (streams_.capacity() > few) streams_.shrink_to_fit();
  if (noted_.capacity() > few) noted_.shrink_to_fit();
  idle_since_ = loop().now();
  nap_at_ = net::Time::max();
}

// Writing.

void ServerConnection::at_turn_end() {
  if (state_ == State::over) return server_.remove(*this);  // destroys this
  if (has_more_ && !has_read_) receive();
  catch_up();
  if (state_ < State::lingering) write();
  sweep();
  if (state_ < State::lingering) settle();
  has_read_ = false;
  begun_ = 0;
  if (has_more_ || (not_begun_ != 0 && !is_deaf_)) write_soon();
}

// So much as the client takes now; then others get their turn.
void ServerConnection::write() {
  constexpr int most_a_turn = 8;
  constexpr std::size_t least_room = largest_frame + 1024;
  for (int writes = 0; !socket_.has_unsent(); ++writes) {
    const std::span<char> room = loop().outbox().room(least_room);
    if (room.empty() || writes == most_a_turn) return write_soon();
    const std::size_t size = session_.write(room);
    has_said_ = true;
    if (size != 0) {
      const ServerSettings& patience = settings();
      const net::Duration for_bytes(patience.read_rate == 0 ? 0 : size * 1000 / patience.read_rate);
      const net::Time latest =
          patience.read_rate == 0 ? net::Time::max() : loop().now() + patience.write_stall + for_bytes;
      socket_.put_off(loop().outbox().keep(room.first(size)), ledger_, patience.write_stall, latest);
      socket_.flush();
    }
    if (session_.has_failed()) return linger();
    const bool did_something = catch_up();
    if (size == 0 && !did_something) return;
  }
}

// A client that has ended its half opens no window any more.
void ServerConnection::cut_off_stuck() {
  for (const auto& stream : streams_) {
    if (!stream->waits_for_window()) continue;
    stream->cut_off(Code::client_gone);
    may_sweep_ = true;
  }
}

// After all that a turn brought.
void ServerConnection::settle() {
  if (has_ended_) cut_off_stuck();
  if (gate_.is_too_odd() && !is_deaf_) {
    terminate(ErrorCode::enhance_your_calm);
  } else if (state_ == State::open && (gate_.is_rather_odd() || !server_.keeps_connections())) {
    announce();
  }
  const bool is_empty = streams_.empty() && !socket_.has_unsent();
  if (is_empty && (has_ended_ || session_.is_over())) return linger();
  if (session_.is_over() && !socket_.has_unsent()) return linger();
  if (is_empty && !session_.is_asleep()) nap_at_ = std::min(nap_at_, loop().now() + settings().http2.nap);
  arm();
}

// Whoever asks for nothing holds little: what its client may do when it comes back is kept.
void ServerConnection::nap() {
  nap_at_ = net::Time::max();
  if (state_ != State::open || !streams_.empty() || !gate_.is_between_frames()) return;
  if (!session_.sleep(gate_.last_stream())) return;
  streams_.shrink_to_fit();
  noted_.shrink_to_fit();
}

// Ending.

void ServerConnection::announce() {
  constexpr net::Duration round_trip{1'000};
  if (state_ != State::open) return;
  state_ = State::announced;
  leave_at_ = loop().now() + round_trip;
  if (!session_.announce_end() || !session_.submit_ping()) leave(ErrorCode::no_error);
  write_soon();
}

// A client that has answered the PING knows of the end: what it sent before has come (H2-10).
void ServerConnection::on_ping_answered() {
  if (state_ == State::announced) leave(ErrorCode::no_error);
}

void ServerConnection::leave(ErrorCode error) {
  state_ = State::leaving;
  leave_at_ = net::Time::max();
  gate_.serve_up_to(session_.submit_goaway(error));
  write_soon();
}

void ServerConnection::terminate(ErrorCode error) {
  if (state_ >= State::lingering) return;
  if (error == ErrorCode::enhance_your_calm) ++server_.tally().glitch_ends;
  state_ = State::leaving;
  is_deaf_ = true;
  leave_at_ = net::Time::max();
  session_.terminate(error);
  write_soon();
}

void ServerConnection::end_when_idle() { announce(); }

bool ServerConnection::end_idle() {
  terminate(ErrorCode::no_error);
  return true;
}

void ServerConnection::linger() {
  if (state_ >= State::lingering) return;
  streams_.clear();
  noted_.clear();
  not_begun_ = 0;
  state_ = State::lingering;
  leave_at_ = loop().now() + settings().linger;
  lingering_left_ = settings().linger_bytes;
  if (has_ended_ || !socket_.flush()) return end();
  socket_.shutdown_write();
  discard();
  socket_.idle_until(leave_at_);
}

// One deadline for whatever is due first.
void ServerConnection::arm() {
  if (state_ >= State::lingering) return;
  // All is said: what is left has deadlines of its own, the socket's, the streams' and that of a head that has begun.
  if (state_ == State::leaving) return socket_.idle_until(is_deaf_ ? net::Time::max() : gate_.block_deadline());
  net::Time next = std::min(gate_.block_deadline(), leave_at_);
  if (!has_settings_) {
    next = std::min(next, idle_since_ + settings().head);
  } else if (streams_.empty()) {
    next = std::min({next, idle_since_ + settings().idle, nap_at_});
  }
  socket_.idle_until(next);
}

void ServerConnection::on_deadline() {
  const net::Time now = loop().now();
  if (state_ >= State::lingering) return end();
  if (gate_.block_deadline() <= now) {
    terminate(ErrorCode::enhance_your_calm);
  } else if (leave_at_ <= now) {
    leave(ErrorCode::no_error);
  } else if (!has_settings_ || (streams_.empty() && idle_since_ + settings().idle <= now)) {
    terminate(ErrorCode::no_error);
  } else if (nap_at_ <= now) {
    nap();
  }
  write_soon();
}

}  // namespace sallyport::http::h2
