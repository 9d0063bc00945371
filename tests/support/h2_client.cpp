// SPDX-License-Identifier: Apache-2.0
#include "support/h2_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace sallyport::support {

using http::h2::ErrorCode;
using http::h2::FrameHeader;
using http::h2::FrameType;

namespace {

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return number;
}

nghttp2_nv entry(const std::string& name, const std::string& value, bool is_secret) {
  return {.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = static_cast<std::uint8_t>(is_secret ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE)};
}

}  // namespace

std::string h2_number(std::uint32_t number) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 0xFF);
  return text;
}

std::string h2_frame(FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  std::string frame = h2_number(static_cast<std::uint32_t>(payload.size())).substr(1);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  frame += h2_number(stream);
  frame += payload;
  return frame;
}

std::string h2_settings(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries) {
  std::string payload;
  for (const auto& [id, value] : entries) payload += h2_number(id).substr(2) + h2_number(value);
  return h2_frame(FrameType::settings, 0, 0, payload);
}

std::string h2_window_update(std::uint32_t stream, std::uint32_t more) {
  return h2_frame(FrameType::window_update, 0, stream, h2_number(more));
}

std::string h2_reset(std::uint32_t stream, ErrorCode error) {
  return h2_frame(FrameType::rst_stream, 0, stream, h2_number(static_cast<std::uint32_t>(error)));
}

std::string H2Client::Answer::value(std::string_view name) const {
  for (const auto& [key, text] : head) {
    if (key == name) return text;
  }
  return {};
}

H2Client::H2Client(std::unique_ptr<Peer> peer) : peer_(std::move(peer)) {
  EXPECT_EQ(nghttp2_hd_deflate_new(&deflater_, 4096), 0);
  EXPECT_EQ(nghttp2_hd_inflate_new(&inflater_), 0);
}

H2Client::~H2Client() {
  nghttp2_hd_deflate_del(deflater_);
  nghttp2_hd_inflate_del(inflater_);
}

void H2Client::start(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries) {
  send(std::string(http::h2::preface) + h2_settings(entries));
}

std::string H2Client::block(const HeaderList& list) {
  std::vector<nghttp2_nv> entries;
  entries.reserve(list.size());
  for (const auto& [name, value] : list) entries.push_back(entry(name, value, secrets_.contains(name)));
  std::string room(nghttp2_hd_deflate_bound(deflater_, entries.data(), entries.size()), '\0');
  const ssize_t size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<std::uint8_t*>(room.data()), room.size(),
                                             entries.data(), entries.size());
  EXPECT_GE(size, 0);
  room.resize(static_cast<std::size_t>(size));
  return room;
}

void H2Client::headers(std::uint32_t stream, const HeaderList& list, bool ends) {
  const std::uint8_t flags = http::h2::flag_end_headers | (ends ? http::h2::flag_end_stream : 0);
  send(FrameType::headers, flags, stream, block(list));
}

void H2Client::data(std::uint32_t stream, std::string_view bytes, bool ends) {
  send(FrameType::data, ends ? http::h2::flag_end_stream : 0, stream, bytes);
}

void H2Client::read() {
  pending_ += peer_->take();
  const std::size_t skipped = std::min(preface_left_, pending_.size());
  pending_.erase(0, skipped);
  preface_left_ -= skipped;
  while (pending_.size() >= http::h2::frame_header_size) {
    std::array<std::uint8_t, http::h2::frame_header_size> bytes;
    std::copy_n(pending_.begin(), bytes.size(), bytes.begin());
    const FrameHeader header = http::h2::read_frame_header(bytes);
    if (pending_.size() < bytes.size() + header.size) return;
    const std::string payload = pending_.substr(bytes.size(), header.size);
    pending_.erase(0, bytes.size() + header.size);
    take(header, payload);
  }
}

void H2Client::take(const FrameHeader& header, std::string_view payload) {
  const auto stream = static_cast<std::uint32_t>(header.stream);
  const bool ends = header.has(http::h2::flag_end_stream);
  switch (header.type) {
    case FrameType::data:
      answers_[stream].body += payload;
      ++answers_[stream].frames;
      answers_[stream].ended = ends;
      break;
    case FrameType::headers:
      block_ = payload;
      if (header.has(http::h2::flag_end_headers)) take_block(stream, block_, ends);
      answers_[stream].ended = ends;
      break;
    case FrameType::continuation:
      block_ += payload;
      if (header.has(http::h2::flag_end_headers)) take_block(stream, block_, answers_[stream].ended);
      break;
    case FrameType::rst_stream:
      answers_[stream].reset = static_cast<ErrorCode>(number_at(payload, 0));
      break;
    case FrameType::settings:
      ++(header.has(http::h2::flag_ack) ? acknowledged_ : settings_seen_);
      for (std::size_t at = 0; at + 6 <= payload.size(); at += 6) {
        const auto id = static_cast<std::uint16_t>(number_at(payload, at) >> 16);
        settings_[id] = number_at(payload, at + 2);
      }
      break;
    case FrameType::ping:
      if (header.has(http::h2::flag_ack)) {
        ++pongs_;
      } else {
        pings_.emplace_back(payload);
      }
      break;
    case FrameType::goaway:
      goaways_.push_back({.last = number_at(payload, 0), .error = static_cast<ErrorCode>(number_at(payload, 4))});
      break;
    case FrameType::window_update:
      windows_[stream] += number_at(payload, 0);
      break;
    default:
      ADD_FAILURE() << "a frame of type " << static_cast<int>(header.type);
  }
}

void H2Client::take_block(std::uint32_t stream, std::string_view block, bool ends) {
  HeaderList list;
  std::vector<std::string> secrets;
  const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  for (;;) {
    nghttp2_nv field;
    int flags = 0;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &field, &flags, at, left, 1);
    ASSERT_GE(used, 0);
    at += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      list.emplace_back(std::string(reinterpret_cast<const char*>(field.name), field.namelen),
                        std::string(reinterpret_cast<const char*>(field.value), field.valuelen));
      if ((field.flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0) secrets.push_back(list.back().first);
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_);
  Answer& answer = answers_[stream];
  if (!answer.head.empty()) {
    EXPECT_TRUE(ends) << "trailers end the stream";
    answer.trailers = list;
  } else if (list.front().second.starts_with('1')) {
    answer.interim.push_back(list);
  } else {
    answer.head = list;
    answer.secrets = secrets;
  }
}

H2Client::Answer& H2Client::answer(std::uint32_t stream) {
  read();
  return answers_[stream];
}

const std::vector<H2Client::Goaway>& H2Client::goaways() {
  read();
  return goaways_;
}

std::size_t H2Client::settings_seen() {
  read();
  return settings_seen_;
}

std::size_t H2Client::settings_acknowledged() {
  read();
  return acknowledged_;
}

std::size_t H2Client::pings_answered() {
  read();
  return pongs_;
}

std::uint64_t H2Client::window_given(std::uint32_t stream) {
  read();
  return windows_[stream];
}

std::size_t H2Client::answer_pings() {
  read();
  const std::vector<std::string> pings = std::exchange(pings_, {});
  for (const std::string& ping : pings) send(FrameType::ping, http::h2::flag_ack, 0, ping);
  return pings.size();
}

namespace {

HeaderList request(std::string_view method, std::string_view path, HeaderList more) {
  HeaderList list = {{":method", std::string(method)},
                     {":scheme", "http"},
                     {":authority", "shop.example"},
                     {":path", std::string(path)}};
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

}  // namespace

HeaderList h2_get(std::string_view path, HeaderList more) { return request("GET", path, std::move(more)); }
HeaderList h2_post(std::string_view path, HeaderList more) { return request("POST", path, std::move(more)); }

}  // namespace sallyport::support
