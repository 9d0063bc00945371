// SPDX-License-Identifier: Apache-2.0
// The other end of a TLS connection, played by a test on the same loop with OpenSSL alone, client or server: shares
// nothing with what is tested.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/fd.hpp"
#include "net/loop.hpp"

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace sallyport::support {

struct TlsPeerSettings {
  bool server = false;
  std::string server_name = {};  // SNI, as it is
  std::string protocols = {};    // of ALPN, as they are written: "\x02h2"
  std::string certificate = {};  // PEM, and its key
  std::string key = {};
  std::string ca = {};  // whom a client trusts, or a server asks clients for; empty: everybody
  int least = 0;        // versions; 0: all
  int most = 0;
  std::string ciphers = {};           // of TLS 1.2
  ssl_session_st* session = nullptr;  // to go on with
};

class TlsPeer final : private net::Watcher {
 public:
  TlsPeer(net::Loop& loop, net::Fd fd, const TlsPeerSettings& settings);
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;
  ~TlsPeer();

  void send(std::string_view text);
  // A key update, asking for one of the other side or not; before what is sent next.
  void update_keys(bool both);
  // Says that nothing more follows, and ends its direction of the connection; or ends it without a word.
  void finish();
  void finish_rudely();
  void close();
  void reset();
  // Stops and goes on to receive.
  void hold() { holds_ = true; }
  void release();

  bool established() const { return established_; }
  bool over() const { return ended_ || broken_; }
  bool saw_end() const { return ended_; }                  // with a close_notify
  bool saw_failure() const { return broken_; }             // anything else that ends it
  const std::string& failure() const { return failure_; }  // OpenSSL's words: "tlsv1 unrecognized name"
  const std::string& text() const { return text_; }
  bool sent_all() const { return pending_.empty(); }
  ssl_st* ssl() const { return ssl_; }
  // The last session that can be gone on with, for another peer's settings. The caller frees it.
  ssl_session_st* session() const;

 private:
  void on_events(std::uint32_t events) override;
  void go_on();
  void read_all();
  void write_all();
  void failed(int result);

  net::Loop& loop_;
  net::Fd fd_;
  ssl_ctx_st* context_;
  ssl_st* ssl_;
  std::string text_;
  std::string pending_;
  std::size_t sent_ = 0;  // of it
  std::string failure_;
  bool established_ = false;
  bool ended_ = false;
  bool broken_ = false;
  bool finishes_ = false;
  bool holds_ = false;
};

}  // namespace sallyport::support
