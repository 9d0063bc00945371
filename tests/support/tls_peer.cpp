// SPDX-License-Identifier: Apache-2.0
#include "support/tls_peer.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace sallyport::support {
namespace {

X509* certificate_of(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return certificate;
}

// All certificates of it: the first is its own.
void show(SSL_CTX* context, const TlsPeerSettings& settings) {
  BIO* bio = BIO_new_mem_buf(settings.certificate.data(), static_cast<int>(settings.certificate.size()));
  X509* own = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, own);
  X509_free(own);
  while (X509* above = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr)) SSL_CTX_add0_chain_cert(context, above);
  ERR_clear_error();
  BIO_free(bio);
  bio = BIO_new_mem_buf(settings.key.data(), static_cast<int>(settings.key.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key), 1);
  EVP_PKEY_free(key);
}

SSL_CTX* context_of(const TlsPeerSettings& settings) {
  SSL_CTX* context = SSL_CTX_new(settings.server ? TLS_server_method() : TLS_client_method());
  SSL_CTX_set_security_level(context, 0);  // whatever a test wants to try
  SSL_CTX_set_min_proto_version(context, settings.least);
  SSL_CTX_set_max_proto_version(context, settings.most);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (!settings.ciphers.empty()) {
    EXPECT_EQ(SSL_CTX_set_cipher_list(context, settings.ciphers.c_str()), 1);
  }
  if (!settings.certificate.empty()) show(context, settings);
  if (!settings.ca.empty()) {
    X509* authority = certificate_of(settings.ca);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority);
    X509_free(authority);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (settings.server) {
    SSL_CTX_set_alpn_select_cb(
        context,
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned, void*) {
          *out = in + 1;  // the client's first
          *size = in[0];
          return SSL_TLSEXT_ERR_OK;
        },
        nullptr);
  }
  return context;
}

}  // namespace

TlsPeer::TlsPeer(net::Loop& loop, net::Fd fd, const TlsPeerSettings& settings)
    : loop_(loop), fd_(std::move(fd)), context_(context_of(settings)), ssl_(SSL_new(context_)) {
  if (!settings.server_name.empty()) SSL_set_tlsext_host_name(ssl_, settings.server_name.c_str());
  if (!settings.protocols.empty() && !settings.server) {
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(settings.protocols.data()),
                        static_cast<unsigned>(settings.protocols.size()));
  }
  if (settings.session != nullptr) SSL_set_session(ssl_, settings.session);
  SSL_set_fd(ssl_, fd_.get());
  settings.server ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
  EXPECT_TRUE(loop_.add(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this));
}

TlsPeer::~TlsPeer() {
  close();
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);  // or OpenSSL spoils the session that a test keeps
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

void TlsPeer::close() {
  if (!fd_) return;
  loop_.remove(fd_.get(), *this);
  fd_.reset();
}

void TlsPeer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void TlsPeer::send(std::string_view text) {
  pending_ += text;
  go_on();
}

void TlsPeer::update_keys(bool both) {
  SSL_key_update(ssl_, both ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
  SSL_do_handshake(ssl_);
  ERR_clear_error();
}

void TlsPeer::finish() {
  finishes_ = true;
  go_on();
}

void TlsPeer::finish_rudely() { ::shutdown(fd_.get(), SHUT_WR); }

void TlsPeer::release() {
  holds_ = false;
  go_on();
}

ssl_session_st* TlsPeer::session() const { return SSL_get1_session(ssl_); }

void TlsPeer::on_events(std::uint32_t /*events*/) { go_on(); }

void TlsPeer::failed(int result) {
  const int error = SSL_get_error(ssl_, result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
  if (error == SSL_ERROR_ZERO_RETURN) {
    ended_ = true;
  } else {
    broken_ = true;
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    failure_ = reason == nullptr ? "the connection ended" : reason;
  }
  ERR_clear_error();
}

void TlsPeer::go_on() {
  if (!fd_ || broken_) return;
  ERR_clear_error();
  if (!established_) {
    const int result = SSL_do_handshake(ssl_);
    if (result != 1) return failed(result);
    established_ = true;
  }
  write_all();
  if (!holds_) read_all();
}

void TlsPeer::read_all() {
  std::array<char, 65536> room;
  while (!over()) {
    const int got = SSL_read(ssl_, room.data(), static_cast<int>(room.size()));
    if (got <= 0) {
      failed(got);
      return;
    }
    text_.append(room.data(), static_cast<std::size_t>(got));
  }
}

void TlsPeer::write_all() {
  while (!pending_.empty() && !broken_) {
    const int sent = SSL_write(ssl_, pending_.data() + sent_, static_cast<int>(pending_.size() - sent_));
    if (sent <= 0) return failed(sent);
    sent_ += static_cast<std::size_t>(sent);
    if (sent_ == pending_.size()) {
      pending_.clear();
      sent_ = 0;
    }
  }
  if (std::exchange(finishes_, false)) {
    SSL_shutdown(ssl_);
    ::shutdown(fd_.get(), SHUT_WR);
  }
}

}  // namespace sallyport::support
