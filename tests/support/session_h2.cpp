// SPDX-License-Identifier: Apache-2.0
#include "support/session_h2.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.hpp"

namespace sallyport::support {

using http::h2::FrameHeader;
using http::h2::FrameType;

namespace {

constexpr std::size_t largest_payload = 16 * 1024;
constexpr std::uint16_t initial_window_size = 4;

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < size; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return number;
}

std::string number(std::uint32_t of, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(of >> shift & 0xFF);
  return text;
}

}  // namespace

std::string H2Side::Stream::value(std::string_view name) const {
  const auto found = std::ranges::find(head, name, [](const auto& field) { return std::string_view(field.first); });
  return found == head.end() ? std::string() : found->second;
}

H2Side::H2Side(net::Fd fd, bool is_server)
    : wire(std::move(fd)), preface_left_(is_server ? http::h2::preface.size() : 0) {
  if (nghttp2_hd_inflate_new(&inflater_) != 0) complain("there is no decoder");
  if (!is_server) wire.send(http::h2::preface);
}

H2Side::~H2Side() { nghttp2_hd_inflate_del(inflater_); }

void H2Side::complain(std::string_view what) {
  if (fault_.empty()) fault_ = what;
}

void H2Side::send(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  wire.send(text::cat(number(static_cast<std::uint32_t>(payload.size()), 3), std::string(1, static_cast<char>(type)),
                      std::string(1, static_cast<char>(flags)), number(stream, 4), payload));
}

void H2Side::send_settings(const Settings& settings) {
  std::string payload;
  for (const auto& [id, value] : settings) payload += number(id, 2) + number(value, 4);
  send(FrameType::settings, 0, 0, payload);
}

// Literals without indexing, with lengths of one byte (RFC 7541 6.2.2).
std::string H2Side::block(const List& fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    block += '\0';
    block += static_cast<char>(std::min<std::size_t>(name.size(), 126));
    block += name.substr(0, 126);
    block += static_cast<char>(std::min<std::size_t>(value.size(), 126));
    block += value.substr(0, 126);
  }
  return block;
}

void H2Side::send_head(std::uint32_t stream, const List& fields, bool ends) {
  Stream& to = streams_[stream];
  to.begun = true;
  to.ends = to.sent_end = ends;
  const std::uint8_t flags = http::h2::flag_end_headers | (ends ? http::h2::flag_end_stream : 0);
  send(FrameType::headers, flags, stream, block(fields));
}

void H2Side::say(std::uint32_t stream, std::string_view bytes, bool ends) {
  Stream& to = streams_[stream];
  if (!to.may_say()) return;
  to.said += bytes;
  to.ends = ends;
  flush();
}

void H2Side::give_window(std::uint32_t stream, std::uint32_t more) {
  if (stream == 0) given_ += more;
  send(FrameType::window_update, 0, stream, number(more, 4));
}

void H2Side::reset(std::uint32_t stream) {
  streams_[stream].is_cut = true;
  send(FrameType::rst_stream, 0, stream, number(static_cast<std::uint32_t>(http::h2::ErrorCode::cancel), 4));
}

void H2Side::send_raw(std::string_view bytes) {
  is_wild_ = true;
  wire.send(bytes);
}

void H2Side::flush() {
  for (auto& [id, stream] : streams_) {
    if (stream.is_cut || stream.was_reset || stream.sent_end) continue;
    for (;;) {
      const auto room = static_cast<std::size_t>(std::max<std::int64_t>(
          std::min({window_, initial_window_ + stream.window, std::int64_t{largest_payload}}), 0));
      const std::string_view piece = std::string_view(stream.said).substr(stream.sent).substr(0, room);
      stream.sent_end = stream.ends && stream.sent + piece.size() == stream.said.size();
      if (piece.empty() && !stream.sent_end) break;
      send(FrameType::data, stream.sent_end ? http::h2::flag_end_stream : 0, id, piece);
      stream.sent += piece.size();
      window_ -= static_cast<std::int64_t>(piece.size());
      stream.window -= static_cast<std::int64_t>(piece.size());
      if (stream.sent_end) break;
    }
  }
}

bool H2Side::pump() {
  const bool moved = wire.pump();
  read();
  flush();
  return moved;
}

void H2Side::read() {
  const std::string_view text = wire.text();
  const std::size_t skipped = std::min(preface_left_, text.size() - read_);
  if (text.substr(read_, skipped) != http::h2::preface.substr(http::h2::preface.size() - preface_left_, skipped)) {
    return complain("another preface");
  }
  preface_left_ -= skipped;
  read_ += skipped;
  while (fault_.empty() && text.size() - read_ >= http::h2::frame_header_size) {
    std::array<std::uint8_t, http::h2::frame_header_size> bytes;
    std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(read_), bytes.size(), bytes.begin());
    const FrameHeader header = http::h2::read_frame_header(bytes);
    if (header.size > largest_payload) return complain("a frame larger than any");
    if (text.size() - read_ < bytes.size() + header.size) return;
    take(header, text.substr(read_ + bytes.size(), header.size));
    read_ += bytes.size() + header.size;
  }
}

void H2Side::take(const FrameHeader& header, std::string_view payload) {
  const auto id = static_cast<std::uint32_t>(header.stream);
  Stream* const known = streams_.contains(id) ? &streams_[id] : nullptr;
  switch (header.type) {
    case FrameType::data:
      given_ -= static_cast<std::int64_t>(payload.size());
      if (given_ < 0 && !is_wild_) complain("more than the window that was given");
      if (known == nullptr || known->head.empty() || known->ended) return complain("DATA where none may be");
      known->body += payload;
      known->ended = header.has(http::h2::flag_end_stream);
      return;
    case FrameType::headers:
    case FrameType::continuation:
      if (header.type == FrameType::headers) block_ends_ = header.has(http::h2::flag_end_stream);
      block_ += payload;
      if (header.has(http::h2::flag_end_headers)) take_block(id);
      return;
    case FrameType::rst_stream:
      streams_[id].was_reset = true;
      return;
    case FrameType::settings:
      if (header.has(http::h2::flag_ack)) return;
      take_settings(payload);
      return send(FrameType::settings, http::h2::flag_ack, 0, {});
    case FrameType::ping:
      if (!header.has(http::h2::flag_ack)) send(FrameType::ping, http::h2::flag_ack, 0, payload);
      return;
    case FrameType::goaway:
      got_goaway_ = true;
      return;
    case FrameType::window_update:
      (id == 0 ? window_ : streams_[id].window) += number_at(payload, 0, 4);
      return;
    default:
      return complain(text::cat("a frame of type ", static_cast<int>(header.type)));
  }
}

void H2Side::take_settings(std::string_view payload) {
  for (std::size_t at = 0; at + 6 <= payload.size(); at += 6) {
    if (number_at(payload, at, 2) == initial_window_size) initial_window_ = number_at(payload, at + 2, 4);
  }
}

void H2Side::take_block(std::uint32_t id) {
  List list;
  const auto* at = reinterpret_cast<const std::uint8_t*>(block_.data());
  std::size_t left = block_.size();
  for (;;) {
    nghttp2_nv field;
    int flags = 0;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
    if (used < 0) return complain("a block that cannot be decoded");
    at += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      list.emplace_back(std::string(reinterpret_cast<const char*>(field.name), field.namelen),
                        std::string(reinterpret_cast<const char*>(field.value), field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_);
  block_.clear();
  Stream& stream = streams_[id];
  if (stream.ended) return complain("a block behind the end");
  const bool is_interim = !list.empty() && list[0].first == ":status" && list[0].second.starts_with('1');
  if (is_interim && block_ends_) return complain("an interim head that ends");
  if (is_interim) stream.interims.push_back(list[0].second);
  if (stream.head.empty() && !is_interim) stream.head = std::move(list);
  stream.ended = block_ends_;
}

}  // namespace sallyport::support
