// SPDX-License-Identifier: Apache-2.0
#include "http/h2/session.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

namespace sallyport::http::h2 {
namespace {

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// nghttp2 copies both, in the one block that it keeps its entries in: an interim head is written when its texts may be
// gone.
nghttp2_nv entry_of(std::string_view name, std::string_view value, bool is_secret) {
  const auto flags = static_cast<std::uint8_t>(is_secret ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE);
  return {.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = flags};
}

using Entries = std::vector<nghttp2_nv>;

// For the time of one call.
std::span<const nghttp2_nv> entries_of(std::span<const Line> lines) {
  static thread_local Entries entries;
  entries.clear();
  for (const Line& line : lines) entries.push_back(entry_of(line.name, line.value, line.is_secret));
  return entries;
}

bool ends_stream(const nghttp2_frame& frame) { return (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0; }

StreamEvents* stream_of(nghttp2_session* session, StreamId id) {
  return static_cast<StreamEvents*>(nghttp2_session_get_stream_user_data(session, id));
}

// More of the block comes behind this frame.
bool begins_block(std::string_view frame) {
  if (frame.size() < frame_header_size || frame == preface) return false;
  const auto type = static_cast<FrameType>(frame[3]);
  const bool is_of_block = type == FrameType::headers || type == FrameType::continuation;
  return is_of_block && (static_cast<std::uint8_t>(frame[4]) & flag_end_headers) == 0;
}

// A stream that nobody has to do with any more: nothing but its end is left to be sent.
class Ending final : public StreamEvents {
 public:
  bool on_field(const Line&) override { return true; }
  bool on_fields_end(bool) override { return true; }
  bool on_data(std::string_view) override { return false; }
  void on_end() override {}
  void on_closed(ErrorCode) override {}
  Supply supply(std::size_t) override { return {.size = 0, .ends = true, .trailers = nullptr}; }
  void take(std::span<char>) override {}
  void on_sent_end() override {}
};

struct Deleter {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
  void operator()(nghttp2_session_callbacks* callbacks) const { nghttp2_session_callbacks_del(callbacks); }
};
using Options = std::unique_ptr<nghttp2_option, Deleter>;
using Callbacks = std::unique_ptr<nghttp2_session_callbacks, Deleter>;

Options options_for(const SessionSettings& settings) {
  nghttp2_option* made = nullptr;
  if (nghttp2_option_new(&made) != 0) return nullptr;
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  nghttp2_option_set_max_outbound_ack(made, settings.control_frames);
  constexpr std::size_t compression_table = 4096;  // whatever the peer allows (H2-9)
  nghttp2_option_set_max_deflate_dynamic_table_size(made, compression_table);
  return Options(made);
}

}  // namespace

// What nghttp2 calls.
struct Session::Calls {
  static Session& of(void* self) { return *static_cast<Session*>(self); }

  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    const StreamId id = frame->hd.stream_id;
    StreamEvents* const stream = of(self).events_->on_request(id);
    if (stream == nullptr) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    } else {
      nghttp2_session_set_stream_user_data(session, id, stream);
    }
    return 0;
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t flags,
                    void* self) {
    StreamEvents* const stream = stream_of(session, frame->hd.stream_id);
    const Line field{.name = text_of(name, name_size),
                     .value = text_of(value, value_size),
                     .is_secret = (flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0};
    if (stream == nullptr || stream->on_field(field)) return 0;
    return malformed(session, frame->hd.stream_id, self);
  }

  // Otherwise nghttp2 would leave the field out and go on.
  static int invalid_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t*, std::size_t,
                            const std::uint8_t*, std::size_t, std::uint8_t, void* self) {
    return malformed(session, frame->hd.stream_id, self);
  }

  // The rest of the block is still read, for the compression table's sake, and nobody hears of it.
  static int malformed(nghttp2_session* session, StreamId id, void* self) {
    of(self).was_odd_ = true;
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_PROTOCOL_ERROR);
    if (StreamEvents* const stream = stream_of(session, id)) {
      nghttp2_session_set_stream_user_data(session, id, nullptr);
      stream->on_closed(ErrorCode::protocol_error);
    }
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    SessionEvents& events = *of(self).events_;
    const StreamId id = frame->hd.stream_id;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (StreamEvents* const stream = stream_of(session, id)) {
          if (!stream->on_fields_end(ends_stream(*frame))) malformed(session, id, self);
        }
        break;
      case NGHTTP2_DATA:
        if (!ends_stream(*frame) && frame->hd.length == frame->data.padlen) events.on_empty_data();
        break;
      case NGHTTP2_RST_STREAM:
        events.on_reset_received(id, static_cast<ErrorCode>(frame->rst_stream.error_code));
        return 0;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) events.on_ping_answered();
        return 0;
      case NGHTTP2_SETTINGS:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) return 0;
        of(self).was_odd_ = of(self).was_odd_ || std::exchange(of(self).has_settings_, true);
        events.on_settings();
        return 0;
      case NGHTTP2_GOAWAY:
        events.on_goaway(frame->goaway.last_stream_id, static_cast<ErrorCode>(frame->goaway.error_code));
        return 0;
      default:
        return 0;
    }
    if (ends_stream(*frame)) {
      if (StreamEvents* const stream = stream_of(session, id)) stream->on_end();
    }
    return 0;
  }

  static int data_received(nghttp2_session* session, std::uint8_t, StreamId id, const std::uint8_t* data,
                           std::size_t size, void* self) {
    of(self).unread_ += size;
    StreamEvents* const stream = stream_of(session, id);
    if (stream != nullptr && stream->on_data(text_of(data, size))) return 0;
    of(self).consumed(size);
    if (stream != nullptr) nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_ENHANCE_YOUR_CALM);
    return 0;
  }

  // Not all of these streams ever come to be: those beyond what is allowed do not.
  static int invalid_frame(nghttp2_session*, const nghttp2_frame* frame, int error, void* self) {
    of(self).was_odd_ = true;
    const bool is_refused = error == NGHTTP2_ERR_REFUSED_STREAM;
    if (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) {
      of(self).events_->on_reset_sent(frame->hd.stream_id,
                                      is_refused ? ErrorCode::refused_stream : ErrorCode::protocol_error);
    }
    return 0;
  }

  static int stream_closed(nghttp2_session* session, StreamId id, std::uint32_t error, void*) {
    if (StreamEvents* const stream = stream_of(session, id)) stream->on_closed(static_cast<ErrorCode>(error));
    return 0;
  }

  static int frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      of(self).events_->on_reset_sent(frame->hd.stream_id, static_cast<ErrorCode>(frame->rst_stream.error_code));
    }
    const bool carries = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (carries && ends_stream(*frame)) {
      if (StreamEvents* const stream = stream_of(session, frame->hd.stream_id)) stream->on_sent_end();
    }
    return 0;
  }

  static ssize_t read_data(nghttp2_session* session, StreamId id, std::uint8_t*, std::size_t most, std::uint32_t* flags,
                           nghttp2_data_source*, void*) {
    StreamEvents* const stream = stream_of(session, id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const StreamEvents::Supply supply = stream->supply(most);
    if (supply.size == 0 && !supply.ends) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (supply.ends) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (supply.ends && supply.trailers != nullptr && !supply.trailers->empty()) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      submit_trailers(session, id, *supply.trailers);
    }
    return static_cast<ssize_t>(supply.size);
  }

  // nghttp2 writes names in lower case.
  static void submit_trailers(nghttp2_session* session, StreamId id, const Fields& fields) {
    Entries entries;
    for (const Field& field : fields) entries.push_back(entry_of(field.name, field.value, field.is_secret));
    nghttp2_submit_trailer(session, id, entries.data(), entries.size());
  }

  // A pause behind each frame: the next one would be begun without a look at the room.
  static int send_data(nghttp2_session* session, nghttp2_frame* frame, const std::uint8_t* header, std::size_t size,
                       nghttp2_data_source*, void* self) {
    StreamEvents* const stream = stream_of(session, frame->hd.stream_id);
    if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    Session& session_of = of(self);
    const std::span<char> room = session_of.room_.subspan(session_of.written_);
    if (room.size() < frame_header_size + size) return NGHTTP2_ERR_CALLBACK_FAILURE;
    std::memcpy(room.data(), header, frame_header_size);
    if (size != 0) stream->take(room.subspan(frame_header_size, size));
    session_of.written_ += frame_header_size + size;
    session_of.events_->on_data_sent(size);
    return NGHTTP2_ERR_PAUSE;
  }

  static Callbacks make() {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) return nullptr;
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, invalid_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(made, invalid_frame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data_received);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_sent);
    nghttp2_session_callbacks_set_send_data_callback(made, send_data);
    return Callbacks(made);
  }
};

Session::Session(const SessionSettings& settings, SessionEvents& events, net::Ledger& ledger)
    : settings_(settings), events_(&events), ledger_(ledger), memory_(ledger) {
  make();
}

void Session::make() {
  static const Callbacks callbacks = Calls::make();
  const SessionSettings& settings = settings_;
  const Options options = options_for(settings);
  if (callbacks == nullptr || options == nullptr) return;
  const auto make = settings.is_server ? nghttp2_session_server_new3 : nghttp2_session_client_new3;
  memory_.making();
  if (make(&session_, callbacks.get(), this, options.get(), memory_.functions()) != 0) {
    session_ = nullptr;
    return;
  }
  memory_.made();
  // A client's preface stands packed since then, in memory that the next session to write packs its frames in.
  const std::uint8_t* preface_bytes = nullptr;
  const ssize_t preface_size = settings.is_server ? 0 : nghttp2_session_mem_send(session_, &preface_bytes);
  if (preface_size > 0) put(text_of(preface_bytes, static_cast<std::size_t>(preface_size)));
  const auto number = [](auto value) { return static_cast<std::uint32_t>(value); };
  std::array<nghttp2_settings_entry, 4> entries = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, settings.is_server ? settings.streams : 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings.stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings.head_bytes},
      {settings.is_server ? NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL : NGHTTP2_SETTINGS_ENABLE_PUSH,
       number(settings.is_server ? 1 : 0)},
  }};
  const bool submitted =
      nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries.data(), entries.size()) == 0 &&
      nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                            static_cast<std::int32_t>(settings.connection_window)) == 0;
  if (!submitted) nghttp2_session_del(std::exchange(session_, nullptr));
}

Session::~Session() {
  nghttp2_session_del(session_);
  ledger_.release(held_);
}

bool Session::receive(std::string_view bytes) {
  if (!rouse()) return false;
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const ssize_t used = nghttp2_session_mem_recv(session_, data, bytes.size());
  has_failed_ = used < 0 || static_cast<std::size_t>(used) != bytes.size();
  return !has_failed_;
}

// Behind what is in the room already.
void Session::put(std::string_view frame) {
  const std::size_t size = overflow_.empty() ? std::min(frame.size(), room_.size() - written_) : 0;
  if (size != 0) std::memcpy(room_.data() + written_, frame.data(), size);
  written_ += size;
  overflow_ += frame.substr(size);
}

bool Session::hold(std::size_t bytes) {
  if (bytes > held_ && !ledger_.charge(bytes - held_)) return false;
  if (bytes < held_) ledger_.release(held_ - bytes);
  held_ = bytes;
  return true;
}

// nghttp2 packs its frames in memory that it has together with others (session_memory.hpp): it is never left within a
// frame, nor between those of one block.
std::size_t Session::write(std::span<char> room) {
  room_ = room;
  written_ = 0;
  if (!overflow_.empty()) put(std::exchange(overflow_, std::string()));
  bool within_block = false;
  while (!has_failed_ && session_ != nullptr &&
         (within_block || (overflow_.empty() && room_.size() - written_ >= largest_frame))) {
    const std::uint8_t* data = nullptr;
    const std::size_t before = written_;
    const ssize_t size = nghttp2_session_mem_send(session_, &data);
    has_failed_ = size < 0;
    if (size < 0 || (size == 0 && written_ == before)) break;
    const std::string_view frame = text_of(data, static_cast<std::size_t>(size));
    within_block = begins_block(frame);
    put(frame);
  }
  room_ = {};
  has_failed_ = !hold(overflow_.size()) || has_failed_;
  return written_;
}

bool Session::wants_read() const {
  return session_ == nullptr ? is_asleep() : nghttp2_session_want_read(session_) != 0;
}

bool Session::is_over() const {
  if (session_ == nullptr) return !is_asleep() && overflow_.empty();
  return overflow_.empty() && nghttp2_session_want_write(session_) == 0 && nghttp2_session_want_read(session_) == 0;
}

bool Session::submit_interim(StreamId stream, std::span<const Line> lines) {
  const auto entries = entries_of(lines);
  return nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream, nullptr, entries.data(), entries.size(),
                                nullptr) == 0;
}

bool Session::submit_response(StreamId stream, std::span<const Line> lines, bool has_body) {
  const auto entries = entries_of(lines);
  const nghttp2_data_provider body{.source = {.ptr = nullptr}, .read_callback = Calls::read_data};
  return nghttp2_submit_response(session_, stream, entries.data(), entries.size(), has_body ? &body : nullptr) == 0;
}

StreamId Session::submit_request(std::span<const Line> lines, bool has_body, StreamEvents& events) {
  const auto entries = entries_of(lines);
  const nghttp2_data_provider body{.source = {.ptr = nullptr}, .read_callback = Calls::read_data};
  const StreamId stream =
      nghttp2_submit_request(session_, nullptr, entries.data(), entries.size(), has_body ? &body : nullptr, &events);
  return stream < 0 ? 0 : stream;
}

void Session::resume(StreamId stream) { nghttp2_session_resume_data(session_, stream); }

void Session::reset(StreamId stream, ErrorCode error) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, static_cast<std::uint32_t>(error));
}

void Session::forget(StreamId stream) { nghttp2_session_set_stream_user_data(session_, stream, nullptr); }

void Session::forget_after_end(StreamId stream) {
  static Ending ending;  // it has no state: one for all threads
  nghttp2_session_set_stream_user_data(session_, stream, static_cast<StreamEvents*>(&ending));
  nghttp2_session_resume_data(session_, stream);
}

void Session::consumed(StreamId stream, std::size_t bytes) {
  nghttp2_session_consume_stream(session_, stream, bytes);
  consumed(bytes);
}

// nghttp2 tells the peer when half of the whole window was consumed, which is never when the other half is held by
// streams that nobody reads. So it is told at half of what these leave. What came and is not held by a reader includes
// paddings.
void Session::consumed(std::size_t bytes) {
  unread_ -= std::min(unread_, bytes);
  const auto came = static_cast<std::size_t>(nghttp2_session_get_effective_recv_data_length(session_));
  if (came <= unread_ || came - unread_ < receive_window()) return;
  nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(came - unread_));
}

void Session::consumed_of_stream(StreamId stream, std::size_t bytes) {
  nghttp2_session_consume_stream(session_, stream, bytes);
}

bool Session::submit_ping() { return rouse() && nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr) == 0; }

bool Session::announce_end() { return rouse() && nghttp2_submit_shutdown_notice(session_) == 0; }

StreamId Session::submit_goaway(ErrorCode error) {
  if (!rouse()) return 0;
  const StreamId last = nghttp2_session_get_last_proc_stream_id(session_);
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last, static_cast<std::uint32_t>(error), nullptr, 0);
  return last;
}

void Session::terminate(ErrorCode error) {
  if (!rouse()) return;
  nghttp2_session_terminate_session(session_, static_cast<std::uint32_t>(error));
}

std::size_t Session::receive_window() const {
  return static_cast<std::size_t>(std::max(nghttp2_session_get_local_window_size(session_), 0));
}

std::size_t Session::stream_window(StreamId stream) const {
  return static_cast<std::size_t>(std::max(nghttp2_session_get_stream_remote_window_size(session_, stream), 0));
}

std::size_t Session::connection_window() const {
  return static_cast<std::size_t>(std::max(nghttp2_session_get_remote_window_size(session_), 0));
}

std::size_t Session::window(StreamId stream) const { return std::min(stream_window(stream), connection_window()); }

bool Session::knows(StreamId stream) const {
  if (session_ == nullptr) return false;
  nghttp2_stream* const found = nghttp2_session_find_stream(session_, stream);
  if (found == nullptr) return false;
  const nghttp2_stream_proto_state state = nghttp2_stream_get_state(found);
  return state != NGHTTP2_STREAM_STATE_IDLE && state != NGHTTP2_STREAM_STATE_CLOSED;
}

std::uint32_t Session::peer_streams() const {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

bool Session::peer_takes_tunnels() const {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
}

}  // namespace sallyport::http::h2
