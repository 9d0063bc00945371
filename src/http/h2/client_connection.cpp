// SPDX-License-Identifier: Apache-2.0
#include "http/h2/client_connection.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "net/buffer_pool.hpp"

namespace sallyport::http::h2 {
namespace {

// Its other window opens as fast as bytes come.
constexpr std::uint32_t connection_window = 1024 * 1024;

SessionSettings session_settings(const ClientSettings& settings) {
  return {.is_server = false,
          .streams = 0,
          .stream_window = settings.http2.stream_window,
          .connection_window = connection_window,
          .head_bytes = static_cast<std::uint32_t>(settings.limits.head)};
}

}  // namespace

ClientConnection::ClientConnection(net::Loop& loop, net::Socket::Released connection, const ClientSettings& settings,
                                   net::Ledger& ledger, net::Quota* quota)
    : settings_(settings),
      share_(quota),
      ledger_(settings.http2.connection_bytes, &ledger),
      socket_(loop, std::move(connection.fd), nullptr, std::move(connection.stream), net::Loop::Order::first),
      session_(session_settings(settings), *this, ledger_),
      gate_(false, settings.limits, settings.http2, *this),
      last_heard_(loop.now()) {
  static_cast<void>(ledger_.charge(sizeof *this));  // refused: connected() says so
}

ClientConnection::~ClientConnection() {
  if (destroyed_ != nullptr) *destroyed_ = true;
}

Result<void> ClientConnection::usable() const {
  if (socket_.registered() && session_.usable() && ledger_.held() != 0) return {};
  return fail(Error{.code = Code::overloaded, .retry_safe = true});
}

net::Task<Result<void>> ClientConnection::connected(net::Time deadline) {
  Error error{.code = Code::connect_failed, .retry_safe = true};
  const Result<void> there = usable();
  if (!there) co_return there;
  const net::IoResult<void> done = co_await socket_.connected(deadline);
  if (done) co_return Result<void>();
  if (done.error() == net::IoError::timeout) error.code = Code::connect_timeout;
  co_return fail(error);
}

void ClientConnection::keep(Keeper& keeper) {
  keeper_ = &keeper;
  last_heard_ = loop().now();
  socket_.set_owner(this);
  has_more_ = socket_.readable();
  watch();
  write_soon();
}

bool ClientConnection::has_room() const {
  // How many it takes an upstream says in its SETTINGS: what is beyond that would wait for the others to end.
  const std::uint32_t most = has_settings_ ? session_.peer_streams() : 1;
  return !is_over() && !is_for_one_ && !awaits_pong_ && stream_count_ < std::min(most, settings_.http2.streams);
}

void ClientConnection::retire() {
  is_leaving_ = true;
  if (stream_count_ == 0) share_.give_back();
  write_soon();
}

// Streams.

void ClientConnection::add(ClientStream& stream) {
  stream.next_ = first_;
  stream.link_ = &first_;
  if (first_ != nullptr) first_->link_ = &stream.next_;
  first_ = &stream;
  if (stream_count_++ != 0) return;
  last_heard_ = loop().now();
  watch();
}

void ClientConnection::remove(ClientStream& stream) {
  *stream.link_ = stream.next_;
  if (stream.next_ != nullptr) stream.next_->link_ = stream.link_;
  if (stream.is_noted_) std::ranges::replace(noted_, &stream, nullptr);
  if (waking_ == &stream) waking_ = nullptr;
  has_answered_ = has_answered_ || stream.has_final_head_;
  if (stream.ended_) gate_.served();
  if (--stream_count_ == 0) watch();
  write_soon();
}

void ClientConnection::note(ClientStream& stream) {
  if (!std::exchange(stream.is_noted_, true)) noted_.push_back(&stream);
}

// Outside of the session: now coroutines may run, note other streams, and end theirs. False: this is gone.
bool ClientConnection::catch_up() {
  bool gone = false;
  destroyed_ = &gone;
  for (std::size_t at = 0; at < noted_.size(); ++at) {
    ClientStream* const stream = noted_[at];
    if (stream == nullptr) continue;
    stream->is_noted_ = false;
    waking_ = stream;
    stream->wake_reader();
    if (!gone && waking_ == stream) stream->wake_body();
    if (!gone && waking_ == stream) stream->wake_writer();
    if (gone) return false;
  }
  noted_.clear();
  waking_ = nullptr;
  destroyed_ = nullptr;
  return true;
}

// Whoever wants a tunnel has waited for it, and so has who wants another stream.
void ClientConnection::on_settings() {
  if (std::exchange(has_settings_, true)) return;
  has_news_ = true;
  for (ClientStream* stream = first_; stream != nullptr; stream = stream->next_) note(*stream);
}

// Reading.

void ClientConnection::on_readable() {
  if (is_over_) return;
  receive();
  if (catch_up()) write_soon();
}

void ClientConnection::on_gone() {
  socket_.discard_put_off();
  if (!is_over_) receive();  // what came before the end
  lose(Code::upstream_reset);
}

void ClientConnection::receive() {
  constexpr unsigned most_a_turn = 16;
  has_more_ = false;
  const net::Buffer buffer = loop().buffers().take(net::BufferPool::small, ledger_);
  if (!buffer) return lose(Code::overloaded);
  for (unsigned reads = 0; !is_over_; ++reads) {
    if (reads == most_a_turn) {
      has_more_ = true;
      return;
    }
    const auto got = socket_.read_now(buffer.span());
    if (!got) return;
    // Who does not take our certificate says so behind the handshake (RFC 8446 4.4.2.4).
    if (!*got) return lose(socket_.alerted() && !has_settings_ ? Code::upstream_tls : Code::upstream_reset);
    if (**got == 0) return lose(Code::upstream_truncated);
    last_heard_ = loop().now();
    if (!feed({buffer.data(), **got})) {
      write();  // says why
      return lose(Code::upstream_malformed);
    }
    if (gate_.is_rather_odd()) is_leaving_ = true;
    if (!std::exchange(awaits_pong_, false) || settings_.http2_asks_again) was_pinged_ = false;
  }
}

bool ClientConnection::feed(std::string_view bytes) {
  const net::Time now = loop().now();
  while (!bytes.empty()) {
    const std::size_t size = gate_.pass(bytes, now);
    if (size == 0) {
      session_.terminate(gate_.refusal().error);
      return false;
    }
    if (!session_.receive(bytes.substr(0, size))) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

// Whoever waits learns of it at the end of the turn.
void ClientConnection::lose(Code code) {
  if (std::exchange(is_over_, true)) return;
  has_news_ = true;
  for (ClientStream* stream = first_; stream != nullptr; stream = stream->next_) stream->lose(code);
  write_soon();
}

// Writing.

void ClientConnection::at_turn_end() {
  if (has_more_ && !is_over_) receive();
  if (!catch_up()) return;
  if (!is_over_) write();
  if (!catch_up()) return;
  if (has_more_) write_soon();
  settle();
}

void ClientConnection::write() {
  constexpr int most_a_turn = 8;
  constexpr std::size_t least_room = largest_frame + 1024;
  for (int writes = 0; !socket_.has_unsent(); ++writes) {
    const std::span<char> room = loop().outbox().room(least_room);
    if (room.empty() || writes == most_a_turn) return write_soon();
    const std::size_t size = session_.write(room);
    if (size != 0) {
      socket_.put_off(loop().outbox().keep(room.first(size)), ledger_, settings_.write_stall);
      socket_.flush();
    }
    if (session_.has_failed()) return lose(Code::upstream_malformed);
    if (size == 0) break;
  }
  // What the session refuses it says by its last frame; what comes behind that it does not heed.
  if (!socket_.has_unsent() && !session_.wants_read()) lose(Code::upstream_malformed);
}

// Destroys this when it is of no more use.
void ClientConnection::settle() {
  if (keeper_ == nullptr) return;
  if (stream_count_ != 0 ||
      !(is_over() || is_for_one_ || share_.is_scarce() || (has_settings_ && session_.peer_streams() == 0))) {
    if (std::exchange(has_news_, false) || has_room()) keeper_->has_room(*this);
    return;
  }
  if (!is_over_) {
    session_.terminate(ErrorCode::no_error);
    write();
  }
  is_over_ = true;
  keeper_->drop(*this);
}

// Life.

// What the upstream is waited for while no stream waits by name.
void ClientConnection::watch() {
  const net::Time now = loop().now();
  if (stream_count_ == 0) return socket_.idle_until(now + settings_.idle);
  if (awaits_pong_) return socket_.idle_until(now + settings_.http2_pong);
  socket_.idle_until(was_pinged_ ? now + settings_.idle : last_heard_ + settings_.http2_silence);
}

// An upstream that is silent while it is asked something is asked whether it is there. Often would be impolite (gRPC
// servers end connections for that), so once until it says something else, unless the settings want more.
void ClientConnection::on_deadline() {
  if (is_over_) return;
  if (stream_count_ == 0) return retire();
  if (awaits_pong_) return lose(Code::upstream_timeout);
  if (!was_pinged_ && loop().now() - last_heard_ >= settings_.http2_silence && session_.submit_ping()) {
    was_pinged_ = awaits_pong_ = true;
    write_soon();
  }
  watch();
}

}  // namespace sallyport::http::h2
