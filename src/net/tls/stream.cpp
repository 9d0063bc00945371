// SPDX-License-Identifier: Apache-2.0
#include "net/tls/stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/system_calls.hpp"
#include "net/tls/client_context.hpp"
#include "net/tls/credentials.hpp"
#include "net/tls/library.hpp"
#include "net/tls/memory.hpp"
#include "net/tls/peer_certificate.hpp"
#include "net/tls/server_context.hpp"

namespace sallyport::net::tls {

// What OpenSSL calls to receive and to send. Sending never fails: what the kernel does not take is kept.
struct StreamBio {
  static Stream& stream_of(const BIO* bio) {
    return static_cast<Library*>(BIO_get_data(const_cast<BIO*>(bio)))->passing().served();
  }

  static int read(BIO* bio, char* room, int size) {
    BIO_clear_retry_flags(bio);
    const int got = stream_of(bio).take({room, static_cast<std::size_t>(size)});
    if (got == 0) BIO_set_retry_read(bio);
    return got == 0 ? -1 : got;
  }
  static int write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    stream_of(bio).put({bytes, static_cast<std::size_t>(size)});
    return size;
  }
  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static const BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      return method;
    }();
    return made;
  }
};

namespace {

// Steps of handshakes after the handshake, of which new keys take three; a read of bytes inside makes up for one.
// OpenSSL itself gives up after 32 empty records, or 5 warnings, behind each other.
constexpr std::uint32_t most_odd = 64;

// Bytes of TLS's own replies that wait, beside payload, for a peer that takes nothing.
constexpr std::size_t most_replies = 4096;

}  // namespace

void KeptBytes::append(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t used = end_ - begin_;
  if (room_ - end_ < bytes.size()) {
    // The first ones have exactly their room; those who go on to come are copied few times.
    const std::size_t room = std::max(used + bytes.size(), 2 * used);
    char* larger = take_bytes(room);
    if (used != 0) std::memcpy(larger, bytes_ + begin_, used);
    give_bytes(bytes_);
    bytes_ = larger;
    begin_ = 0;
    end_ = static_cast<std::uint32_t>(used);
    room_ = static_cast<std::uint32_t>(room);
  }
  std::memcpy(bytes_ + end_, bytes.data(), bytes.size());
  end_ += static_cast<std::uint32_t>(bytes.size());
}

void KeptBytes::drop(std::size_t size) {
  begin_ += static_cast<std::uint32_t>(size);
  if (begin_ == end_) clear();
}

void KeptBytes::clear() {
  give_bytes(bytes_);
  bytes_ = nullptr;
  begin_ = end_ = room_ = 0;
}

Owned<bio_st> Stream::make_bio(Library& library) {
  Owned<BIO> bio(BIO_new_ex(library.context(), StreamBio::method()));
  BIO_set_data(bio.get(), &library);
  BIO_set_init(bio.get(), 1);
  return bio;
}

Stream::Stream(Library& library, ssl_st* ssl) : library_(library), ssl_(ssl), server_(SSL_is_server(ssl) == 1) {
  BIO_up_ref(library.bio());
  SSL_set_bio(ssl, library.bio(), library.bio());
}

// Before each call of OpenSSL that may read or write.
ssl_st* Stream::serve() {
  library_.passing().serve(*this);
  return ssl_.get();
}

Stream::~Stream() { library_.passing().drop(*this); }

std::unique_ptr<Stream> Stream::accepting(std::shared_ptr<ServerContext> context, const Credentials& credentials,
                                          std::string server_name) {
  Owned<SSL> ssl(SSL_new(context->context()));
  if (!ssl || !credentials.put_into(ssl.get())) return nullptr;
  SSL_set_accept_state(ssl.get());
  std::unique_ptr<Stream> made(new Stream(context->library(), ssl.release()));
  made->facts_.server_name = std::move(server_name);
  made->facts_.policy = context->id();
  made->context_ = std::move(context);
  return made;
}

std::unique_ptr<Stream> Stream::connecting(std::shared_ptr<const ClientContext> context) {
  Owned<SSL> ssl(SSL_new(context->context()));
  if (!ssl) return nullptr;
  const std::string& name = context->server_name();
  if (!name.empty() && SSL_set_tlsext_host_name(ssl.get(), name.c_str()) != 1) return nullptr;
  SSL_set_connect_state(ssl.get());
  std::unique_ptr<Stream> made(new Stream(context->library(), ssl.release()));
  made->facts_.server_name = name;
  made->context_ = std::move(context);
  return made;
}

std::expected<bool, Refusal> Stream::handshake() {
  starved_ = false;
  const bool done = SSL_do_handshake(serve()) == 1;
  if (done) {
    established_ = true;
    note_facts();
    if (server_)
      SSL_certs_clear(ssl_.get());  // a key that was replaced is not held for as long as its connections live
    const bool verified =
        (SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER) == 0 || SSL_get_verify_result(ssl_.get()) == X509_V_OK;
    if (verified) return true;
    failed_ = true;
    return std::unexpected(Refusal{.reason = server_ ? Reason::client_certificate : Reason::untrusted});
  }
  if (starved_ && !at_end_) return false;
  failed_ = true;
  if (starved_) return std::unexpected(Refusal{.reason = Reason::gone});
  return std::unexpected(refusal());
}

// Of the error that ended the handshake.
Refusal Stream::refusal() const {
  constexpr int alerts = SSL_AD_REASON_OFFSET;  // those of the peer, as OpenSSL's reasons
  const unsigned long error = ERR_peek_last_error();
  const int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
  Refusal refusal{.detail = take_openssl_error()};
  switch (reason) {
    case SSL_R_NO_APPLICATION_PROTOCOL:
      refusal.reason = Reason::no_protocol;
      break;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_WRONG_VERSION_NUMBER:
      refusal.reason = Reason::no_version;
      break;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      refusal.reason = Reason::client_certificate;
      break;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      refusal.reason = server_ ? Reason::client_certificate : Reason::untrusted;
      refusal.detail = X509_verify_cert_error_string(SSL_get_verify_result(ssl_.get()));
      break;
    default:
      if (reason >= alerts && reason < alerts + 256) refusal.reason = Reason::peer_alert;
  }
  return refusal;
}

void Stream::note_facts() {
  facts_.version = SSL_get_version(ssl_.get());
  facts_.cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl_.get()));
  facts_.resumed = SSL_session_reused(ssl_.get()) == 1;
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  facts_.alpn = {reinterpret_cast<const char*>(protocol), size};
  if (server_) facts_.client = describe(SSL_get0_peer_certificate(ssl_.get()));
}

std::span<char> Stream::room() {
  library_.passing().let(this);
  return library_.passing().in();
}

void Stream::received(std::size_t size) { source_ = {library_.passing().in().data(), size}; }

void Stream::received(std::string_view bytes) { source_ = bytes; }

void Stream::keep_input() {
  if (source_.empty() || !kept_in_.empty()) return;
  kept_in_.append(source_);
  source_ = kept_in_.view();
}

int Stream::take(std::span<char> room) {
  const std::size_t size = std::min(room.size(), source_.size());
  starved_ = size == 0;
  if (size == 0) return 0;
  std::memcpy(room.data(), source_.data(), size);
  source_.remove_prefix(size);
  if (source_.empty()) {
    kept_in_.clear();
    library_.passing().drop(*this);
  }
  return static_cast<int>(size);
}

bool Stream::holds_input() const {
  return !source_.empty() || ended_ || failed_ || at_end_ || SSL_has_pending(ssl_.get()) == 1;
}

// Behind a call of OpenSSL that gave nothing: why.
bool Stream::settle(bool reading) {
  if (odd_ > most_odd) failed_ = true;
  bound_replies();
  if (reading && starved_) {
    if (at_end_) ended_ = truncated_ = true;
    return false;
  }
  if (reading && SSL_get_error(ssl_.get(), 0) == SSL_ERROR_ZERO_RETURN) {
    ended_ = true;
  } else {
    failed_ = true;
  }
  ERR_clear_error();
  return false;
}

std::optional<IoResult<std::size_t>> Stream::read(std::span<char> room) {
  std::size_t got = 0;
  while (!ended() && got < room.size()) {
    std::size_t size = 0;
    starved_ = false;
    if (SSL_read_ex(serve(), room.data() + got, room.size() - got, &size) != 1) {
      settle(true);
      break;
    }
    got += size;
    if (odd_ != 0) --odd_;
    bound_replies();
    if (source_.empty() && SSL_pending(ssl_.get()) == 0) break;
  }
  if (got != 0) return got;
  if (failed_) return std::unexpected(IoError::reset);
  if (ended_) return 0;
  return std::nullopt;
}

bool Stream::peek() {
  if (ended()) return true;
  char byte = 0;
  std::size_t size = 0;
  starved_ = false;
  if (SSL_peek_ex(serve(), &byte, 1, &size) == 1) {
    bound_replies();
    return true;
  }
  settle(true);
  return ended();
}

// Who asks for replies and takes none would have them pile up, whatever else is said in between (T-10).
void Stream::bound_replies() {
  if (blocked_ && kept_out_.view().size() > owed_ + most_replies) failed_ = true;
}

// What OpenSSL sends: behind what is kept, in the worker's buffer, or, when that has no room, kept with all of it.
void Stream::put(std::string_view ciphertext) {
  const std::span<char> out = library_.passing().out();
  if (kept_out_.empty() && ciphertext.size() <= out.size() - out_size_) {
    std::memcpy(out.data() + out_size_, ciphertext.data(), ciphertext.size());
    out_size_ += static_cast<std::uint32_t>(ciphertext.size());
    return;
  }
  kept_out_.append({out.data(), std::exchange(out_size_, 0)});
  kept_out_.append(ciphertext);
}

std::string_view Stream::output() const {
  if (out_size_ == 0) return kept_out_.view();
  return {library_.passing().out().data(), out_size_};
}

void Stream::output_sent(std::size_t size) {
  if (out_size_ != 0) {
    const std::string_view left = output().substr(size);
    kept_out_.append(left);
    out_size_ = 0;
  } else {
    kept_out_.drop(size);
  }
  blocked_ = !kept_out_.empty();
}

void Stream::keep_output() {
  if (out_size_ == 0) return;
  kept_out_.append(output());
  out_size_ = 0;
}

void Stream::flush(int fd, int flags) {
  while (has_output()) {
    const ssize_t sent = system::send(fd, output(), flags);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) failed_ = true;
    output_sent(sent > 0 ? static_cast<std::size_t>(sent) : 0);
    if (sent <= 0 || blocked_) return;
  }
}

bool Stream::encrypt(std::span<const char> bytes) {
  std::size_t written = 0;
  if (bytes.empty() || SSL_write_ex(serve(), bytes.data(), bytes.size(), &written) == 1) return true;
  return settle(false);
}

// How much of what was encrypted counts as sent by now, and did not before: each byte of ciphertext that is left holds
// one of plaintext back.
std::uint32_t Stream::settle_debt() {
  const std::uint32_t left = std::min(owed_, static_cast<std::uint32_t>(output().size()));
  return std::exchange(owed_, left) - left;
}

IoResult<std::size_t> Stream::send(int fd, std::span<const iovec> parts, int flags) {
  constexpr std::size_t one_record = 16 * 1024;
  if (blocked_) flush(fd);
  if (owed_ != 0) {  // what is left of it was kept, or has gone out meanwhile
    if (failed_) return std::unexpected(IoError::reset);
    const std::uint32_t counted = settle_debt();
    if (counted != 0) return counted;
  }
  if (blocked_ && !failed_) return 0;
  if (failed_ || closed_) return std::unexpected(IoError::reset);

  Passing& passing = library_.passing();
  std::size_t all = 0;
  for (const iovec& part : parts) all += part.iov_len;
  std::size_t left = std::min(all, Passing::most_plain);
  owed_ = static_cast<std::uint32_t>(left);
  bool encrypted = true;
  if (parts.size() > 1 && all <= one_record) {  // one record for both
    std::size_t at = 0;
    for (const iovec& part : parts) {
      std::memcpy(passing.joined().data() + at, part.iov_base, part.iov_len);
      at += part.iov_len;
    }
    encrypted = encrypt(passing.joined().first(all));
  } else {
    for (const iovec& part : parts) {
      const std::size_t size = std::min(left, part.iov_len);
      encrypted = encrypted && encrypt({static_cast<const char*>(part.iov_base), size});
      left -= size;
    }
  }
  if (!encrypted) failed_ = true;
  flush(fd, flags);
  if (failed_) return std::unexpected(IoError::reset);
  return settle_debt();
}

void Stream::close(int fd) {
  if (!established_ || failed_ || std::exchange(closed_, true)) return;
  if (SSL_shutdown(serve()) < 0) ERR_clear_error();
  flush(fd);
}

void Stream::hear(const ssl_st* ssl, int where, int value) {
  constexpr int description = 0xff;
  Stream* stream = &StreamBio::stream_of(SSL_get_rbio(ssl));
  if (where == SSL_CB_READ_ALERT) {
    const int alert = value & description;
    stream->alerted_ = stream->alerted_ || (alert != SSL_AD_CLOSE_NOTIFY && alert != SSL_AD_USER_CANCELLED);
  }
  if ((where & SSL_CB_LOOP) == 0) return;
  if (stream->established_ && ++stream->odd_ > most_odd) stream->source_ = {};  // no more of it (T-10)
}

}  // namespace sallyport::net::tls
