// SPDX-License-Identifier: Apache-2.0
#include "http/h2/frame_gate.hpp"

#include <algorithm>

#include "http/glitches.hpp"

namespace sallyport::http::h2 {
namespace {

// In sixteenths of a point.
constexpr std::uint32_t ping_cost = 16;
constexpr std::uint32_t settings_cost = 32;
constexpr std::uint32_t answer_cost = 1;  // to ours
constexpr std::uint32_t priority_cost = 4;
constexpr std::uint32_t window_cost = 4;
constexpr std::uint32_t refused_cost = 4;
constexpr std::uint32_t unknown_cost = 16;
constexpr std::uint32_t late_cost = 4;  // of a stream that is no more: a window of them may be on their way
constexpr std::uint32_t useless_cost = 16;

// What a DATA frame that carries something, or a stream, allows beside it: a PING that measures, updates of both
// windows.
constexpr std::uint32_t useful_credit = 16;
constexpr std::uint32_t most_credit = 1024;

constexpr net::Duration all_forgiven{60'000};

bool is_between(StreamId stream, StreamId first, StreamId behind) { return stream >= first && stream < behind; }

}  // namespace

std::size_t FrameGate::pass(std::string_view bytes, net::Time now) {
  if (is_server_ && preface_left_ != 0) {
    const std::size_t size = std::min(preface_left_, bytes.size());
    preface_left_ -= size;
    return size;
  }
  std::size_t passed = 0;
  if (payload_left_ == 0) {
    passed = std::min(frame_header_size - header_size_, bytes.size());
    std::copy_n(bytes.begin(), passed, header_bytes_.begin() + static_cast<std::ptrdiff_t>(header_size_));
    header_size_ += passed;
    if (header_size_ < frame_header_size) return passed;
    header_size_ = 0;
    header_ = read_frame_header(header_bytes_);
    payload_left_ = header_.size;
    if (!judge(now)) return 0;
  }
  const std::size_t size = std::min(payload_left_, bytes.size() - passed);
  payload_left_ -= size;
  if (payload_left_ == 0 && ends_block()) block_deadline_ = net::Time::max();
  return passed + size;
}

bool FrameGate::ends_block() const {
  return (header_.type == FrameType::headers || header_.type == FrameType::continuation) &&
         header_.has(flag_end_headers);
}

bool FrameGate::refuse(ErrorCode error, const char* rule) {
  refusal_ = {.error = error, .rule = rule};
  return false;
}

bool FrameGate::judge(net::Time now) {
  is_late_ = false;
  if (!judge_block(now) || !judge_stream()) return false;
  judge_cost(now);
  return !is_too_odd() || refuse(ErrorCode::enhance_your_calm, "H2-5");
}

// Whether a CONTINUATION may come now is for the session to say; here they are counted.
bool FrameGate::judge_block(net::Time now) {
  switch (header_.type) {
    case FrameType::headers:
    case FrameType::push_promise:
      block_bytes_ = header_.size;
      continuations_ = 0;
      block_deadline_ = now + settings_.block;
      break;
    case FrameType::continuation:
      block_bytes_ += header_.size;
      if (++continuations_ > settings_.continuations || block_bytes_ > settings_.block_bytes) {
        return refuse(ErrorCode::enhance_your_calm, "H2-3");
      }
      if (header_.size == 0 && !header_.has(flag_end_headers)) charge(useless_cost, now);
      break;
    default:
      return true;
  }
  return true;
}

// Of a client's streams; a server opens none.
bool FrameGate::judge_stream() {
  const StreamId stream = header_.stream;
  const bool carries = header_.type == FrameType::headers || header_.type == FrameType::data;
  if (!is_server_ || !carries || stream % 2 == 0) return true;
  is_late_ = stream > last_served_;
  if (is_late_) return true;
  if (stream > last_stream_) {
    if (header_.type == FrameType::data) return true;  // of an idle stream: the session refuses it
    if (stream > last_stream_ + 2) {
      skipped_[skipped_at_ % skipped_.size()] = {.first = last_stream_ + 1, .behind = stream};
      ++skipped_at_;
    }
    last_stream_ = stream;
    ++opened_in_window_;
    return true;
  }
  if (streams_.is_open(stream)) return true;
  is_late_ = was_reset_by_us(stream);
  if (is_late_) return true;
  const bool passed_over = header_.type == FrameType::headers && was_skipped(stream);
  return refuse(passed_over ? ErrorCode::protocol_error : ErrorCode::stream_closed, "H2-7");
}

void FrameGate::judge_cost(net::Time now) {
  if (is_late_) return spend(late_cost, now);
  switch (header_.type) {
    case FrameType::data:
      if (header_.size != 0 && header_.size <= tiny_chunk && !header_.has(flag_end_stream) &&
          ++tiny_frames_ % (tiny_chunks_a_point / whole_point) == 0) {
        charge_shared(1, now);
      }
      break;
    case FrameType::headers:
    case FrameType::continuation:
    case FrameType::push_promise:
    case FrameType::goaway:
      break;
    case FrameType::priority:
      spend(priority_cost, now);
      break;
    case FrameType::rst_stream:
      if (!streams_.is_open(header_.stream)) spend(late_cost, now);
      break;
    case FrameType::settings:
      spend(header_.has(flag_ack) ? answer_cost : settings_cost, now);
      break;
    case FrameType::ping:
      spend(header_.has(flag_ack) ? answer_cost : ping_cost, now);
      break;
    case FrameType::window_update:
      spend(window_cost, now);
      break;
    default:
      spend(unknown_cost, now);
      break;
  }
}

bool FrameGate::was_reset_by_us(StreamId stream) const {
  return reset_ != nullptr && std::ranges::find(*reset_, stream) != reset_->end();
}

bool FrameGate::was_skipped(StreamId stream) const {
  return std::ranges::any_of(skipped_,
                             [stream](const Range& one) { return is_between(stream, one.first, one.behind); });
}

void FrameGate::reset_by_us(StreamId stream, ErrorCode error, net::Time now) {
  if (was_reset_by_us(stream)) return;
  if (reset_ == nullptr) reset_ = std::make_unique<std::array<StreamId, most_remembered>>();
  (*reset_)[reset_at_ % most_remembered] = stream;
  ++reset_at_;
  switch (error) {
    case ErrorCode::no_error:
    case ErrorCode::internal_error:  // not the peer's doing
    case ErrorCode::http_1_1_required:
      break;
    case ErrorCode::refused_stream:
      spend(refused_cost, now);
      break;
    default:
      note_reset(now);
      break;
  }
}

void FrameGate::note_reset(net::Time now) {
  if (now - window_start_ > settings_.reset_window) {
    window_start_ = now;
    opened_in_window_ = resets_in_window_ = 0;
  }
  ++resets_in_window_;
  ++resets_;
}

bool FrameGate::resets_are_many(std::uint32_t times) const {
  return resets_in_window_ > times * settings_.resets && resets_in_window_ > opened_in_window_ / 2;
}

void FrameGate::carried(std::size_t bytes) {
  if (bytes > tiny_chunk) served();
}

void FrameGate::served() { credit_ = std::min(credit_ + useful_credit, most_credit); }

void FrameGate::spend(std::uint32_t sixteenths, net::Time now) {
  const std::uint32_t paid = std::min(credit_, sixteenths);
  credit_ -= paid;
  if (paid != sixteenths) charge(sixteenths - paid, now);
}

void FrameGate::charge(std::uint32_t sixteenths, net::Time now) {
  forgive(now);
  points_ += sixteenths;
}

// An upstream sends many answers side by side, each in pieces as small as its client wants them.
void FrameGate::charge_shared(std::uint32_t sixteenths, net::Time now) {
  const auto sharers = static_cast<std::uint32_t>(std::max<std::size_t>(streams_.sharers(), 1));
  shared_ += sixteenths;
  if (shared_ < sharers) return;
  charge(shared_ / sharers, now);
  shared_ %= sharers;
}

void FrameGate::forgive(net::Time now) {
  const auto passed = std::min(std::chrono::duration_cast<net::Duration>(now - forgiven_), all_forgiven);
  const auto less =
      static_cast<std::uint64_t>(passed.count()) * most_points() / static_cast<std::uint64_t>(all_forgiven.count());
  if (less == 0 && points_ != 0) return;  // time adds up until it makes a sixteenth
  points_ -= static_cast<std::uint32_t>(std::min<std::uint64_t>(less, points_));
  forgiven_ = now;
}

}  // namespace sallyport::http::h2
