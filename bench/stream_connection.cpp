// SPDX-License-Identifier: Apache-2.0
#include "bench/stream_connection.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "bench/loopback.hpp"
#include "bench/message_head.hpp"

namespace sallyport::bench {
namespace {

constexpr std::size_t piece = 256 * 1024;
constexpr std::size_t call_size = 5 + 32;  // of a gRPC message with its prefix

// Of the one thread: what was read last.
std::string& buffer() {
  static std::string bytes(piece, '\0');
  return bytes;
}

nghttp2_nv pair(std::string_view name, std::string_view value) {
  return {.name = reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          .value = reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

}  // namespace

struct StreamConnection::Calls {
  static int closed(nghttp2_session* /*session*/, std::int32_t /*stream*/, std::uint32_t error, void* of) {
    auto& connection = *static_cast<StreamConnection*>(of);
    if (error != NGHTTP2_NO_ERROR) connection.give_up_on("a stream was reset");
    ++connection.whole_;
    return 0;
  }
  static int header(nghttp2_session* /*session*/, const nghttp2_frame* /*frame*/, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t /*flags*/,
                    void* of) {
    const std::string_view key(reinterpret_cast<const char*>(name), name_size);
    const std::string_view text(reinterpret_cast<const char*>(value), value_size);
    const bool bad = (key == ":status" && text != "200") || (key == "grpc-status" && text != "0");
    if (bad) static_cast<StreamConnection*>(of)->give_up_on(text);
    return 0;
  }
  static ssize_t call(nghttp2_session* /*session*/, std::int32_t /*stream*/, std::uint8_t* room, std::size_t size,
                      std::uint32_t* flags, nghttp2_data_source* /*source*/, void* /*of*/) {
    if (size < call_size) return NGHTTP2_ERR_CALLBACK_FAILURE;
    std::fill_n(room, call_size, std::uint8_t{0});
    room[4] = call_size - 5;
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    return call_size;
  }

  static nghttp2_session_callbacks* all() {
    static nghttp2_session_callbacks* const made = [] {
      nghttp2_session_callbacks* callbacks = nullptr;
      nghttp2_session_callbacks_new(&callbacks);
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, closed);
      nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
      return callbacks;
    }();
    return made;
  }
};

StreamConnection::StreamConnection(StreamTarget& target, int epoll, std::span<const unsigned char> resumed)
    : target_(target), fd_(connect_to(target.what().port)) {
  ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  watch(epoll, fd_, this, EPOLL_CTL_ADD, EPOLLIN);
  const StreamTarget::What& what = target.what();
  if (what.tls) {
    ssl_ = SSL_new(target.context());
    SSL_set_app_data(ssl_, &target);
    SSL_set_fd(ssl_, fd_);
    SSL_set_tlsext_host_name(ssl_, what.host.c_str());
    if (!resumed.empty()) {
      const unsigned char* from = resumed.data();
      SSL_SESSION* session = d2i_SSL_SESSION(nullptr, &from, static_cast<long>(resumed.size()));
      SSL_set_session(ssl_, session);
      SSL_SESSION_free(session);
    }
    SSL_set_connect_state(ssl_);
  }
  if (what.http2) {
    nghttp2_session_client_new(&session_, Calls::all(), this);
    const std::array settings = {nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  }
}

StreamConnection::~StreamConnection() {
  nghttp2_session_del(session_);
  SSL_free(ssl_);
  ::close(fd_);
}

void StreamConnection::shake_hands() {
  if (is_ready()) return;
  const int done = SSL_do_handshake(ssl_);
  if (done != 1 && SSL_get_error(ssl_, done) != SSL_ERROR_WANT_READ) give_up_on("the handshake failed");
}

void StreamConnection::finish() {
  SSL_shutdown(ssl_);
  ::shutdown(fd_, SHUT_WR);  // not everybody ends at the first of the two
}

bool StreamConnection::over() {
  std::array<char, 4096> room;
  std::size_t got = 0;
  const int read = SSL_read_ex(ssl_, room.data(), room.size(), &got);
  return read != 1 && SSL_get_error(ssl_, read) != SSL_ERROR_WANT_READ;
}

std::string_view StreamConnection::read() {
  std::string& room = buffer();
  if (ssl_ == nullptr) {
    const ssize_t got = ::recv(fd_, room.data(), room.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) give_up_on("the connection ended");
    return {room.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }
  std::size_t all = 0;
  for (;;) {
    std::size_t got = 0;
    const int read = SSL_read_ex(ssl_, room.data() + all, room.size() - all, &got);
    if (read != 1 && SSL_get_error(ssl_, read) != SSL_ERROR_WANT_READ) give_up_on("the connection ended");
    if (read != 1) return {room.data(), all};
    all += got;
    if (all == room.size()) return {room.data(), all};
  }
}

void StreamConnection::write(std::string_view bytes) {
  if (bytes.empty()) return;
  const ssize_t sent = ssl_ == nullptr ? ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                       : SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  if (sent != static_cast<ssize_t>(bytes.size())) give_up_on("requests were not taken");  // they are short
}

void StreamConnection::begin() {
  const StreamTarget::What& what = target_.what();
  if (!what.http2) {
    out_ += "GET " + what.path + " HTTP/1.1\r\nHost: " + what.host + "\r\n\r\n";
    return;
  }
  const std::array fields = {pair(":method", what.grpc ? "POST" : "GET"),
                             pair(":scheme", what.tls ? "https" : "http"),
                             pair(":authority", what.host),
                             pair(":path", what.path),
                             pair("content-type", "application/grpc"),
                             pair("te", "trailers")};
  nghttp2_data_provider body{.source = {}, .read_callback = Calls::call};
  const std::size_t size = what.grpc ? fields.size() : 4;
  if (nghttp2_submit_request(session_, nullptr, fields.data(), size, what.grpc ? &body : nullptr, nullptr) < 0) {
    give_up_on("no request can be made");
  }
}

void StreamConnection::flush() {
  if (session_ != nullptr) {
    const std::uint8_t* bytes = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &bytes)) > 0;) {
      out_.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
  }
  write(out_);
  out_.clear();
}

std::size_t StreamConnection::receive() {
  const std::string_view bytes = read();
  whole_ = 0;
  if (session_ == nullptr) return take(bytes);
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (nghttp2_session_mem_recv(session_, data, bytes.size()) < 0) give_up_on("what came is not HTTP/2");
  return whole_;
}

// Of HTTP/1.1, where one request is on its way at a time.
std::size_t StreamConnection::take(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (left_ == 0) {
    part_ += bytes;
    const auto head_end = head_size(part_);
    if (!head_end) return 0;
    if (!part_.starts_with("HTTP/1.1 200")) give_up_on(part_);
    left_ = content_length(std::string_view(part_).substr(0, *head_end)) + *head_end - part_.size();
    part_.clear();
  } else {
    left_ -= bytes.size();
  }
  return left_ == 0 ? 1 : 0;
}

void StreamConnection::give_up_on(std::string_view what) const {
  std::fprintf(stderr, "port %u: %.*s\n", target_.what().port,
               static_cast<int>(std::min<std::size_t>(what.size(), 300)), what.data());
  std::exit(1);
}

}  // namespace sallyport::bench
