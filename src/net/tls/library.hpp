// SPDX-License-Identifier: Apache-2.0
// A worker's OpenSSL: a library context of its own, so that its handshakes meet no lock of another's (style.md 4.4),
// the buffers through which the ciphertext of all its connections goes, its count of handshakes with endpoints, its
// reader of keys, and its ticket keys.
//
// Belongs to the worker's thread; contexts, credentials and streams are made of it and must be gone before it.

#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "net/tls/openssl.hpp"
#include "net/tls/ticket_keys.hpp"
#include "syntax/pem.hpp"

namespace sallyport::net::tls {

class Stream;

// Where ciphertext lies on its way between kernel and OpenSSL. What comes in stays there until its stream has read it,
// or another one needs the room.
class Passing {
 public:
  static constexpr std::size_t most_plain = 64 * 1024;        // that one send has
  static constexpr std::size_t size = most_plain + 4 * 1024;  // with what TLS puts around its records

  Passing();

  std::span<char> in() const { return {bytes_.get(), size}; }
  std::span<char> out() const { return {bytes_.get() + size, size}; }
  // Room for one record's plaintext that comes in two parts.
  std::span<char> joined() const { return {bytes_.get() + 2 * size, most_plain / 4}; }

  // Whose call of OpenSSL is under way.
  void serve(Stream& stream) { served_ = &stream; }
  Stream& served() const { return *served_; }

  // `stream` has bytes in in(), until it says null; whoever had some keeps them elsewhere.
  void let(Stream* stream);
  bool is_of(const Stream& stream) const { return stream_ == &stream; }
  void drop(const Stream& stream) {
    if (stream_ == &stream) stream_ = nullptr;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  Stream* stream_ = nullptr;
  Stream* served_ = nullptr;
};

class Library {
 public:
  // All workers of a process, which accept each other's tickets, are given the same keys, or the same seed of them.
  explicit Library(const TicketKeys& keys);
  explicit Library(const TicketSeed& seed) : Library(TicketKeys(seed)) {}
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  ossl_lib_ctx_st* context() const { return context_.get(); }
  syntax::KeyReader& keys() { return keys_; }
  TicketKeys& ticket_keys() { return ticket_keys_; }
  const evp_cipher_st* ticket_cipher() const { return ticket_cipher_.get(); }
  Passing& passing() { return passing_; }
  // Through which OpenSSL reads and writes, for all streams: 200 bytes less for each.
  bio_st* bio() const { return bio_.get(); }
  // The certificates that this system trusts, looked for where OpenSSL looks (SSL_CERT_FILE, SSL_CERT_DIR).
  x509_store_st* system_roots();

  // Handshakes with endpoints at work: what each of them holds is many times what a connection does. Those with clients
  // are their chooser's to bound.
  std::size_t connects() const { return connects_; }
  void set_most_connects(std::size_t most) { most_connects_ = most; }

  class Connect {
   public:
    explicit Connect(Library& library) : library_(library.connects_ < library.most_connects_ ? &library : nullptr) {
      if (library_ != nullptr) ++library_->connects_;
    }
    Connect(const Connect&) = delete;
    Connect& operator=(const Connect&) = delete;
    ~Connect() {
      if (library_ != nullptr) --library_->connects_;
    }
    // False: there are as many as may be.
    bool allowed() const { return library_ != nullptr; }

   private:
    Library* library_;
  };

 private:
  Owned<ossl_lib_ctx_st> context_;
  syntax::KeyReader keys_;
  Owned<evp_cipher_st> ticket_cipher_;
  Owned<x509_store_st> system_roots_;
  TicketKeys ticket_keys_;
  Passing passing_;
  Owned<bio_st> bio_;
  std::size_t connects_ = 0;
  std::size_t most_connects_ = 1024;
};

}  // namespace sallyport::net::tls
