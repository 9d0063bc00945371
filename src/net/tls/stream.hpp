// SPDX-License-Identifier: Apache-2.0
// The TLS of one connection, between its Socket, which has descriptor, waits and deadlines, and OpenSSL. Nothing in
// here waits: ciphertext that came is put in, ciphertext that is to go is taken out or sent, as far as the kernel takes
// it.
//
// OpenSSL reads and writes through a BIO of our own, so a turn of a request is one receive and one send, as in plain
// text: ciphertext lies in the worker's buffers (Passing), and only what is left over is kept here. Plaintext counts as
// sent when the kernel has its ciphertext: until then its sender has to offer the same bytes again, which are not
// encrypted a second time.
//
// Belongs to its worker's thread; neither copied nor moved, for OpenSSL has its address.

#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/io_result.hpp"
#include "net/tls/facts.hpp"
#include "net/tls/openssl.hpp"
#include "net/tls/refusal.hpp"

namespace sallyport::net::tls {

class ClientContext;
class Credentials;
class Library;
class ServerContext;

// Bytes that a stream keeps for later. Counted as OpenSSL's are (memory.hpp).
class KeptBytes {
 public:
  KeptBytes() = default;
  KeptBytes(const KeptBytes&) = delete;
  KeptBytes& operator=(const KeptBytes&) = delete;
  ~KeptBytes() { clear(); }

  std::string_view view() const { return {bytes_ + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void append(std::string_view bytes);
  void drop(std::size_t size);  // of the first ones
  void clear();

 private:
  char* bytes_ = nullptr;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
  std::uint32_t room_ = 0;
};

class Stream {
 public:
  // A server's, or a client's, before its handshake. Null: no memory, or OpenSSL does not take the credentials.
  static std::unique_ptr<Stream> accepting(std::shared_ptr<ServerContext> context, const Credentials& credentials,
                                           std::string server_name);
  static std::unique_ptr<Stream> connecting(std::shared_ptr<const ClientContext> context);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  const Facts& facts() const { return facts_; }
  Library& library() const { return library_; }

  // Goes on with the handshake. True: it is done, and facts() has what it settled; false: it needs more bytes of the
  // peer. There may be output() in every case.
  std::expected<bool, Refusal> handshake();

  // Ciphertext of the peer: into this room, and then what of it has come. Or bytes that are somewhere else. All that
  // came before must have been read.
  std::span<char> room();
  void received(std::size_t size);
  void received(std::string_view bytes);
  // The peer has ended its direction. Without a close_notify before it this is truncated().
  void received_end() { at_end_ = true; }
  void received_reset() { failed_ = true; }
  // Keeps what came and is not read: its room is needed.
  void keep_input();

  // Something came that was not read yet, so reading needs no more bytes; it may find that it does.
  bool holds_input() const;
  // As Socket::read_now(): nothing when more bytes must come.
  std::optional<IoResult<std::size_t>> read(std::span<char> room);
  // Whether read() would give something.
  bool peek();
  // Nothing more comes: the peer said so, or its end came.
  bool ended() const { return ended_ || failed_; }
  bool truncated() const { return truncated_; }
  // The peer gave up with an alert.
  bool alerted() const { return alerted_; }

  // Sends all it can of the parts, and says how much of them that was; 0: the kernel takes nothing now.
  // Flags are of send(2).
  IoResult<std::size_t> send(int fd, std::span<const iovec> parts, int flags);
  // Sends what is left of former turns.
  void flush(int fd, int flags = 0);
  // Says that nothing more follows (RFC 8446 6.1). Once, and not behind a failure.
  void close(int fd);

  // Ciphertext that is not sent yet, and that so much of it is.
  std::string_view output() const;
  void output_sent(std::size_t size);
  // Of which nothing is sent now: it goes out with what comes next, or with flush().
  void keep_output();
  bool has_output() const { return out_size_ != 0 || !kept_out_.empty(); }

  // For a library: the BIO of all its streams.
  static Owned<bio_st> make_bio(Library& library);
  // For contexts: what OpenSSL tells of each message of a handshake, and of alerts.
  static void hear(const ssl_st* ssl, int where, int value);

 private:
  friend struct StreamBio;

  Stream(Library& library, ssl_st* ssl);
  void put(std::string_view ciphertext);
  int take(std::span<char> room);
  bool encrypt(std::span<const char> bytes);
  std::uint32_t settle_debt();
  ssl_st* serve();
  bool settle(bool reading);
  void bound_replies();
  Refusal refusal() const;
  void note_facts();

  Library& library_;
  std::shared_ptr<const void> context_;  // whose SSL_CTX this is
  Owned<ssl_st> ssl_;
  std::string_view source_;  // what came and OpenSSL has not taken: of the worker's buffer, kept_in_ or a caller's
  KeptBytes kept_in_;
  KeptBytes kept_out_;
  Facts facts_;
  std::uint32_t out_size_ = 0;  // in the worker's buffer, during a call only
  std::uint32_t owed_ = 0;      // plaintext whose ciphertext is kept, and which was not counted as sent
  std::uint32_t odd_ = 0;       // messages of handshakes after the handshake, less what came between (T-10)
  bool server_;
  bool established_ = false;
  bool starved_ = false;  // OpenSSL asked for more than there was
  bool at_end_ = false;   // the kernel has no more to give
  bool ended_ = false;
  bool truncated_ = false;
  bool alerted_ = false;
  bool failed_ = false;
  bool blocked_ = false;  // the kernel did not take all of the output
  bool closed_ = false;
};

}  // namespace sallyport::net::tls
