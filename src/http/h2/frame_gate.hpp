// SPDX-License-Identifier: Apache-2.0
// Looks at the header of every frame before the session does, and refuses what the session would swallow without a
// word: streams out of order or gone, blocks of fields that never end, floods of frames that ask for nothing (RFC 9113
// 5.1, 5.1.1, 6.10; reference: reliability-security.md H2-1 to H2-3, H2-5). Of either side.
//
// It keeps no payload, and allocates nothing but a list of streams that were reset, if there are any. Work is counted,
// not protocol state: frames that go with bodies cost nothing, as many as there are of these; what comes beyond that
// costs points, which time takes away again.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>

#include "http/h2/frame.hpp"
#include "http/limits.hpp"
#include "http/session_settings.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::http::h2 {

class FrameGate {
 public:
  // Asked of a stream that has a frame.
  class Streams {
   public:
    // The session has it.
    virtual bool is_open(StreamId stream) const = 0;
    // How many there are that have nothing to do with each other. A client answers for all of its own.
    virtual std::size_t sharers() const { return 1; }

   protected:
    ~Streams() = default;
  };

  struct Refusal {
    ErrorCode error = ErrorCode::no_error;
    const char* rule = "";
  };

  FrameGate(bool is_server, const Limits& limits, const Http2Settings& settings, const Streams& streams)
      : is_server_(is_server), limits_(limits), settings_(settings), streams_(streams) {}

  // How much of `bytes` may go to the session now: no more than to the end of one frame. 0: the frame that begins is
  // refused, and the connection with it. What was let through before must have reached the session.
  std::size_t pass(std::string_view bytes, net::Time now);
  const Refusal& refusal() const { return refusal_; }

  // What the session saw.
  void reset_by_peer(net::Time now) { note_reset(now); }
  void reset_by_us(StreamId stream, ErrorCode error, net::Time now);
  // A tunnel that is reset because its other end broke off is no oddity of the peer's, whatever code it is told.
  void tunnel_broke_off(StreamId stream, net::Time now) { reset_by_us(stream, ErrorCode::internal_error, now); }
  // We have said that none beyond this is served: frames of those may be on their way.
  void serve_up_to(StreamId last) { last_served_ = last; }
  void odd_request(std::uint32_t points, net::Time now) {
    if (points != 0) charge(points * whole_point, now);
  }
  void empty_data(net::Time now) { charge_shared(whole_point, now); }
  // Bytes of a body in a frame, either way; and a stream that came to its end.
  void carried(std::size_t bytes);
  void served();

  // Nothing of a frame has come that is not whole.
  bool is_between_frames() const { return preface_left_ == 0 && header_size_ == 0 && payload_left_ == 0; }
  // The highest that the peer opened.
  StreamId last_stream() const { return last_stream_; }
  // A block of fields that began, and whose last byte must have come; max(): there is none.
  net::Time block_deadline() const { return block_deadline_; }
  // No more streams shall come; and: the connection ends.
  bool is_rather_odd() const { return points_ >= (most_points() - most_points() / 4) || resets_are_many(1); }
  bool is_too_odd() const { return points_ >= most_points() || resets_are_many(2); }
  // That the peer made or caused, so far.
  std::uint32_t resets() const { return resets_; }

 private:
  struct Range {
    StreamId first = 0;
    StreamId behind = 0;
  };

  static constexpr std::uint32_t whole_point = 16;  // points are counted in sixteenths
  static constexpr std::size_t most_remembered = 128;

  std::uint32_t most_points() const { return limits_.glitches * whole_point; }
  bool resets_are_many(std::uint32_t times) const;
  bool ends_block() const;
  bool judge(net::Time now);
  bool judge_block(net::Time now);
  bool judge_stream();
  void judge_cost(net::Time now);
  bool refuse(ErrorCode error, const char* rule);
  void spend(std::uint32_t sixteenths, net::Time now);
  void charge(std::uint32_t sixteenths, net::Time now);
  void charge_shared(std::uint32_t sixteenths, net::Time now);
  void forgive(net::Time now);
  void note_reset(net::Time now);
  bool was_reset_by_us(StreamId stream) const;
  bool was_skipped(StreamId stream) const;

  bool is_server_;
  const Limits& limits_;
  const Http2Settings& settings_;
  const Streams& streams_;
  Refusal refusal_;

  std::array<std::uint8_t, frame_header_size> header_bytes_{};
  std::size_t header_size_ = 0;  // of these, so many have come
  std::size_t preface_left_ = preface.size();
  FrameHeader header_;
  std::size_t payload_left_ = 0;
  bool is_late_ = false;  // of a stream that we have reset, or do not serve

  std::size_t block_bytes_ = 0;  // of the block of fields that came last
  std::uint32_t continuations_ = 0;
  net::Time block_deadline_ = net::Time::max();

  StreamId last_stream_ = 0;
  StreamId last_served_ = std::numeric_limits<StreamId>::max();
  // The last ones that we reset: frames of them may be on their way. Null: there was none.
  std::unique_ptr<std::array<StreamId, most_remembered>> reset_;
  std::size_t reset_at_ = 0;
  std::array<Range, 8> skipped_{};  // passed over when a higher one was opened; the last of them
  std::size_t skipped_at_ = 0;

  std::uint32_t credit_ = 256;  // sixteenths that control frames may cost before they cost points
  std::uint32_t points_ = 0;
  std::uint32_t shared_ = 0;  // sixteenths that are not a sharer's whole one yet
  std::uint32_t tiny_frames_ = 0;
  net::Time forgiven_{};
  net::Time window_start_{};
  std::uint32_t opened_in_window_ = 0;
  std::uint32_t resets_in_window_ = 0;
  std::uint32_t resets_ = 0;
};

}  // namespace sallyport::http::h2
