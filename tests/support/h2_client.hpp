// SPDX-License-Identifier: Apache-2.0
// A client of HTTP/2 that a test plays frame by frame: what it sends may be as wrong as the test wants, and what comes
// is taken apart by its own hands. Only header compression is nghttp2's.

#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/h2/frame.hpp"
#include "support/peer.hpp"

namespace sallyport::support {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

std::string h2_number(std::uint32_t number);  // four bytes
std::string h2_frame(http::h2::FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
std::string h2_settings(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries = {});
std::string h2_window_update(std::uint32_t stream, std::uint32_t more);
std::string h2_reset(std::uint32_t stream, http::h2::ErrorCode error);

class H2Client {
 public:
  struct Answer {
    std::vector<HeaderList> interim;
    HeaderList head;
    HeaderList trailers;
    std::vector<std::string> secrets;  // names of fields of the head that no table may have
    std::string body;
    std::size_t frames = 0;  // of DATA
    bool ended = false;
    std::optional<http::h2::ErrorCode> reset;

    std::string status() const { return value(":status"); }
    std::string value(std::string_view name) const;
    bool over() const { return ended || reset; }
  };
  struct Goaway {
    std::uint32_t last = 0;
    http::h2::ErrorCode error = http::h2::ErrorCode::no_error;
  };

  explicit H2Client(std::unique_ptr<Peer> peer);
  H2Client(const H2Client&) = delete;
  H2Client& operator=(const H2Client&) = delete;
  ~H2Client();

  Peer& peer() { return *peer_; }
  // Plays the server instead: what a client sends first is its preface. `answer()` is then what was asked.
  void be_server() { preface_left_ = http::h2::preface.size(); }
  void start_server(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries = {}) {
    send(h2_settings(entries));
  }
  // The preface, with SETTINGS.
  void start(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& entries = {});
  void send(std::string_view bytes) { peer_->send(bytes); }
  void send(http::h2::FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload = {}) {
    send(h2_frame(type, flags, stream, payload));
  }
  // From now on, a field of that name is for no table.
  void keep_secret(std::string name) { secrets_.insert(std::move(name)); }
  // A whole block in one frame.
  void headers(std::uint32_t stream, const HeaderList& list, bool ends = true);
  void data(std::uint32_t stream, std::string_view bytes, bool ends = false);
  std::string block(const HeaderList& list);

  // Takes apart what came.
  Answer& answer(std::uint32_t stream);
  const std::vector<Goaway>& goaways();
  std::size_t settings_seen();
  std::size_t settings_acknowledged();
  std::size_t pings_answered();
  std::uint64_t window_given(std::uint32_t stream);
  // PINGs of the other side that were not answered yet are. How many.
  std::size_t answer_pings();
  std::map<std::uint16_t, std::uint32_t>& settings() {
    read();
    return settings_;
  }
  bool over() {
    read();
    return peer_->over();
  }

 private:
  void read();
  void take(const http::h2::FrameHeader& header, std::string_view payload);
  void take_block(std::uint32_t stream, std::string_view block, bool ends);

  std::unique_ptr<Peer> peer_;
  nghttp2_hd_deflater* deflater_ = nullptr;
  nghttp2_hd_inflater* inflater_ = nullptr;
  std::set<std::string> secrets_;
  std::string pending_;
  std::size_t preface_left_ = 0;
  std::string block_;
  std::map<std::uint32_t, Answer> answers_;
  std::vector<Goaway> goaways_;
  std::map<std::uint16_t, std::uint32_t> settings_;
  std::map<std::uint32_t, std::uint64_t> windows_;
  std::vector<std::string> pings_;
  std::size_t settings_seen_ = 0;
  std::size_t acknowledged_ = 0;
  std::size_t pongs_ = 0;
};

// ":method" and so on of a GET.
HeaderList h2_get(std::string_view path, HeaderList more = {});
HeaderList h2_post(std::string_view path, HeaderList more = {});

}  // namespace sallyport::support
