// SPDX-License-Identifier: Apache-2.0
// One side of an HTTP/2 connection to a gateway, whose every frame a script sends, over a wire that the script moves:
// what comes is taken apart by its own hands, and kept by streams. It keeps to the windows that it was given, and says
// when it was sent more than those that it gave.
//
// Requests and responses carry tags, "~2.1;" for the second request of client 2, in the query, in X-Tag and in bodies.

#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/h2/frame.hpp"
#include "support/session_wire.hpp"

namespace sallyport::support {

class H2Side {
 public:
  using List = std::vector<std::pair<std::string, std::string>>;

  struct Stream {
    // That came.
    std::vector<std::string> interims;  // their statuses
    List head;
    std::string body;
    bool ended = false;
    bool was_reset = false;
    // That goes.
    std::string tag;   // of the request
    std::string said;  // the body so far, what is not sent yet too
    std::size_t sent = 0;
    std::int64_t window = 0;  // beside the one that all have to begin with
    bool begun = false;
    bool ends = false;  // behind what was said
    bool sent_end = false;
    bool is_cut = false;  // this side has reset it, or broke a rule on it

    std::string value(std::string_view name) const;
    bool may_say() const { return begun && !ends && !is_cut && !was_reset; }
  };

  H2Side(net::Fd fd, bool is_server);
  H2Side(H2Side&&) = delete;
  H2Side& operator=(H2Side&&) = delete;
  ~H2Side();

  using Settings = std::vector<std::pair<std::uint16_t, std::uint32_t>>;
  void send_settings(const Settings& settings);
  void send(http::h2::FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload);
  // No frame of it is in a table, so that it may be cut.
  static std::string block(const List& fields);
  void send_head(std::uint32_t stream, const List& fields, bool ends);
  // Goes as the other side's windows let it.
  void say(std::uint32_t stream, std::string_view bytes, bool ends);
  void give_window(std::uint32_t stream, std::uint32_t more);
  void reset(std::uint32_t stream);
  // Whatever that is: nothing is expected of this connection any more.
  void send_raw(std::string_view bytes);

  // Moves bytes, and takes frames apart. True: something was.
  bool pump();
  // Takes apart what came.
  void read();

  std::map<std::uint32_t, Stream>& streams() { return streams_; }
  const std::map<std::uint32_t, Stream>& streams() const { return streams_; }
  bool is_wild() const { return is_wild_; }
  bool got_goaway() const { return got_goaway_; }
  const std::string& fault() const { return fault_; }
  Wire wire;

 private:
  void take(const http::h2::FrameHeader& header, std::string_view payload);
  void take_block(std::uint32_t stream);
  void take_settings(std::string_view payload);
  void flush();
  void complain(std::string_view what);

  nghttp2_hd_inflater* inflater_ = nullptr;
  std::size_t read_ = 0;  // of the wire's text
  std::size_t preface_left_;
  std::string block_;
  bool block_ends_ = false;
  std::map<std::uint32_t, Stream> streams_;
  std::int64_t window_ = 65'535;          // of all, that this side may fill
  std::int64_t initial_window_ = 65'535;  // of each
  std::int64_t given_ = 65'535;           // of all, that the other may
  bool is_wild_ = false;
  bool got_goaway_ = false;
  std::string fault_;
};

}  // namespace sallyport::support
