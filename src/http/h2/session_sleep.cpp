// SPDX-License-Identifier: Apache-2.0
// A session that nobody asks for anything is two hundred times as large as what it knows: the settings of both sides,
// the highest stream, the client's window, and the fields that its encoder may refer to. So it is taken down to that,
// and made anew when it is needed, by what its client would have had to send for it to be in that state.
//
// What our own encoder put into the client's table is forgotten: what comes in front of it later is referred to by the
// same numbers whether it is there or not (RFC 7541 2.3.3), and it is the first to be evicted.

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "http/h2/session.hpp"

namespace sallyport::http::h2 {
namespace {

constexpr std::int32_t first_window = 65'535;       // of a connection and its streams (RFC 9113 6.9.2)
constexpr std::size_t most_entries = 4096 / 32;     // of a table of fields (RFC 7541 4.1)
constexpr StreamId most_probes = 4 * most_entries;  // streams that are opened to read it

// Of the client's settings, what makes a difference to us.
constexpr std::array settings_kept = {NGHTTP2_SETTINGS_ENABLE_PUSH, NGHTTP2_SETTINGS_MAX_FRAME_SIZE,
                                      NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE};

std::string number(std::uint32_t value, int bytes = 4) {
  std::string text;
  for (int at = bytes - 1; at >= 0; --at) text += static_cast<char>(value >> (8 * at) & 0xFFU);
  return text;
}

std::string frame(FrameType type, std::uint8_t flags, StreamId stream, std::string_view payload) {
  std::string bytes = number(static_cast<std::uint32_t>(payload.size()), 3);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  bytes += number(static_cast<std::uint32_t>(stream));
  bytes += payload;
  return bytes;
}

std::string setting(std::int32_t id, std::uint32_t value) {
  return number(static_cast<std::uint32_t>(id), 2) + number(value);
}

// RFC 7541 5.1, with so many bits in the first byte, which has others already.
void append_integer(std::string& block, std::uint8_t first, unsigned bits, std::size_t value) {
  const std::size_t most = (1U << bits) - 1;
  if (value < most) {
    block += static_cast<char>(first | value);
    return;
  }
  block += static_cast<char>(first | most);
  for (value -= most; value >= 128; value >>= 7) block += static_cast<char>(0x80U | (value & 0x7FU));
  block += static_cast<char>(value);
}

void append_text(std::string& block, std::string_view text) {
  append_integer(block, 0, 7, text.size());
  block += text;
}

// A field that goes into the table (RFC 7541 6.2.1).
void append_entry(std::string& block, std::string_view name, std::string_view value) {
  block += '\x40';
  append_text(block, name);
  append_text(block, value);
}

std::string window_update(std::uint32_t more) { return frame(FrameType::window_update, 0, 0, number(more)); }

// What a session tells while it is taken down or made anew, which is nobody's business; and the one stream that is
// answered then, with so many bytes.
class Unheard final : public SessionEvents, public StreamEvents {
 public:
  explicit Unheard(std::size_t bytes = 0) : left_(bytes) {}

  std::vector<std::pair<std::string, std::string>> fields;

 private:
  StreamEvents* on_request(StreamId) override { return this; }
  void on_reset_received(StreamId, ErrorCode) override {}
  void on_reset_sent(StreamId, ErrorCode) override {}
  void on_ping_answered() override {}
  void on_settings() override {}
  void on_goaway(StreamId, ErrorCode) override {}
  void on_empty_data() override {}
  void on_data_sent(std::size_t) override {}

  bool on_field(const Line& field) override {
    fields.emplace_back(field.name, field.value);
    return true;
  }
  bool on_fields_end(bool) override { return true; }
  bool on_data(std::string_view) override { return true; }
  void on_end() override {}
  void on_closed(ErrorCode) override {}
  Supply supply(std::size_t most) override {
    const std::size_t size = std::min(most, left_);
    left_ -= size;
    return {.size = size, .ends = left_ == 0};
  }
  void take(std::span<char>) override {}
  void on_sent_end() override {}

  std::size_t left_;
};

}  // namespace

struct Session::Slept {
  std::array<std::uint32_t, settings_kept.size()> settings{};  // of the client
  std::uint32_t table_size = 0;                                // likewise
  std::uint32_t stream_window = 0;                             // likewise
  std::int32_t window = 0;                                     // of the connection, towards the client
  StreamId last = 0;
  std::string table;  // a block of fields that makes it, the oldest first

  std::size_t size() const { return sizeof *this + table.capacity(); }
};

void Session::DeleteSlept::operator()(Slept* slept) const { delete slept; }

bool Session::may_sleep(StreamId last) const {
  if (!settings_.is_server || session_ == nullptr || has_failed_ || was_odd_ || !overflow_.empty()) return false;
  if (nghttp2_session_want_write(session_) != 0 || nghttp2_session_want_read(session_) == 0) return false;
  // Before the client has acknowledged ours, some of them count and some do not.
  const auto acknowledged = nghttp2_session_get_local_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
  if (acknowledged != settings_.streams || settings_.streams == 0) return false;
  return last <= std::numeric_limits<StreamId>::max() - most_probes &&
         nghttp2_session_get_remote_window_size(session_) >= 0;
}

bool Session::sleep(StreamId last) {
  if (!may_sleep(last)) return false;
  const auto of_client = [this](nghttp2_settings_id id) { return nghttp2_session_get_remote_settings(session_, id); };
  auto slept = std::unique_ptr<Slept, DeleteSlept>(new Slept);
  std::ranges::transform(settings_kept, slept->settings.begin(), of_client);
  slept->table_size = of_client(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE);
  slept->stream_window = of_client(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE);
  slept->window = nghttp2_session_get_remote_window_size(session_);
  slept->last = last;
  // Told now, for the next session begins to count anew.
  const std::int32_t unacknowledged = nghttp2_session_get_effective_recv_data_length(session_);
  if (!read_table(last, slept->table)) {
    has_failed_ = true;
    return false;
  }
  if (unacknowledged > 0) overflow_ = window_update(static_cast<std::uint32_t>(unacknowledged));
  nghttp2_session_del(std::exchange(session_, nullptr));
  slept->table.shrink_to_fit();
  has_failed_ = !memory_.charge(slept->size());
  slept_ = std::move(slept);
  return !has_failed_;
}

// Asks for its entries by their numbers, each on a stream that is refused for lack of all else. The session is of no
// more use afterwards.
bool Session::read_table(StreamId last, std::string& table) {
  constexpr std::size_t first_entry = 62;  // behind the static ones
  constexpr std::size_t around_entry = 32;
  std::size_t left = nghttp2_session_get_hd_inflate_dynamic_table_size(session_);
  const std::size_t most_at_once = std::min<std::size_t>(settings_.streams, 32);
  Unheard unheard;
  SessionEvents* const heard = std::exchange(events_, &unheard);
  StreamId stream = last % 2 == 0 ? last + 1 : last;
  for (std::size_t entry = 0; left != 0 && entry < most_entries;) {
    std::string asked;
    for (std::size_t i = 0; i < most_at_once; ++i) {
      std::string block;
      append_integer(block, 0x80, 7, first_entry + entry++);
      asked += frame(FrameType::headers, flag_end_stream | flag_end_headers, stream += 2, block);
    }
    const std::size_t before = unheard.fields.size();
    static_cast<void>(receive(asked));  // fails behind the last entry
    drain();
    if (unheard.fields.size() == before) break;
    for (std::size_t at = before; at < unheard.fields.size(); ++at) {
      const auto& [name, value] = unheard.fields[at];
      left -= std::min(left, around_entry + name.size() + value.size());
    }
  }
  events_ = heard;
  has_failed_ = false;
  for (auto at = unheard.fields.rbegin(); at != unheard.fields.rend(); ++at) {
    append_entry(table, at->first, at->second);
  }
  return left == 0;
}

// What it has to say is said already.
void Session::drain() {
  std::array<char, largest_frame> room;
  while (write(room) != 0) {
  }
  overflow_.clear();
}

bool Session::rouse() {
  if (is_asleep() && !has_failed_) wake();
  return session_ != nullptr && !has_failed_;
}

// The order matters: what is sent to use up the client's window is sent under the settings that everybody begins with,
// on the stream which is the highest one then; its trailers make the table. The size of our own table is settled after
// that, so that the first block that the client hears says it.
void Session::wake() {
  constexpr std::string_view any_request("\x82\x87\x84\x01\x01x", 6);  // GET, https, "/", and "x" as authority
  const std::unique_ptr<Slept, DeleteSlept> slept = std::move(slept_);
  memory_.release(slept->size());
  make();
  if (session_ == nullptr) {
    has_failed_ = true;
    return;
  }
  const std::string unsaid = std::exchange(overflow_, std::string());
  Unheard unheard(static_cast<std::size_t>(std::max(first_window - slept->window, 0)));
  SessionEvents* const heard = std::exchange(events_, &unheard);
  std::string settings;
  for (std::size_t at = 0; at < settings_kept.size(); ++at) settings += setting(settings_kept[at], slept->settings[at]);
  std::string said(preface);
  said += frame(FrameType::settings, 0, 0, settings) + frame(FrameType::settings, flag_ack, 0, {});
  drain();
  if (slept->last != 0) {
    said += frame(FrameType::headers, flag_end_headers, slept->last, any_request);
    static_cast<void>(receive(said));
    said = frame(FrameType::headers, flag_end_stream | flag_end_headers, slept->last, slept->table);
    const std::array answer = {Line{.name = ":status", .value = "200"}};
    has_failed_ = has_failed_ || !submit_response(slept->last, answer, slept->window < first_window);
    drain();
  }
  said += frame(FrameType::settings, 0, 0,
                setting(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, slept->table_size) +
                    setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, slept->stream_window));
  if (slept->window > first_window) said += window_update(static_cast<std::uint32_t>(slept->window - first_window));
  has_failed_ = has_failed_ || !receive(said);
  drain();
  events_ = heard;
  overflow_ = unsaid;
  was_odd_ = false;  // whatever was said of the fields of the table
  has_failed_ = has_failed_ || nghttp2_session_get_remote_window_size(session_) != slept->window;
}

}  // namespace sallyport::http::h2
