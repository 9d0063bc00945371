// SPDX-License-Identifier: Apache-2.0
// All HTTP/1 connections of clients on one loop, and what they share. Belongs to that loop's thread.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "http/h1/scratch.hpp"
#include "http/incoming.hpp"
#include "http/notes.hpp"
#include "http/session_settings.hpp"
#include "http/sessions.hpp"
#include "http/stamper.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/released.hpp"

namespace sallyport::http::h1 {

class ServerConnection;

class Server final : public Sessions {
 public:
  // All must outlive it.
  Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // False: there was no room for it, and it is closed.
  bool accept(net::Socket::Released connection, const ConnectionFacts& facts);
  bool accept(net::Fd fd, const ConnectionFacts& facts) {
    return accept(net::Socket::Released{.fd = std::move(fd), .stream = nullptr}, facts);
  }

  // Who serves clients of HTTP/2 that come here without a word before: a connection whose first bytes are the beginning
  // of their preface is given to it, with what was received. False: it had no room for it. Unset, they get a refusal.
  using HandOver = std::move_only_function<bool(net::Socket::Released connection, const ConnectionFacts& facts,
                                                std::string_view received)>;
  void set_http2(HandOver call) { http2_ = std::move(call); }

  void drain() override;
  void undo_drain() override { draining_ = false; }
  bool draining() const { return draining_; }
  void use(const ServerSettings& settings) override;
  void set_sheds(bool sheds) override { sheds_ = sheds; }
  std::size_t end_oldest_idle(std::size_t most) override;
  // Of one exchange.
  std::size_t largest() const override;
  bool reset_largest(std::size_t at_least) override;
  std::size_t idle() const override;
  std::size_t connections() const override { return connections_.size(); }
  std::uint64_t accepted() const override { return accepted_; }
  const Notes& notes() const override { return notes_; }
  void set_on_closed(OnClosed call) override { on_closed_ = std::move(call); }

  // For connections.
  net::Loop& loop() { return loop_; }
  Handler& handler() { return handler_; }
  const ServerSettings& settings() const { return *settings_; }
  bool keeps_connections() const { return !draining_ && !sheds_; }
  net::Ledger& ledger() { return ledger_; }
  Stamp stamp(bool has_date) { return stamper_.stamp(loop_, *settings_, has_date); }
  std::unique_ptr<Scratch> take_scratch();
  void give_scratch(std::unique_ptr<Scratch> scratch);
  void remove(ServerConnection& connection);
  bool knows_http2() const { return static_cast<bool>(http2_); }
  // The same, but the connection goes on elsewhere.
  void hand_over(ServerConnection& connection);

 private:
  ServerConnection* find_largest() const;
  std::unique_ptr<ServerConnection> take_out(const ServerConnection& connection);

  static constexpr std::size_t most_kept = 512;      // as many as may well be busy at once
  static constexpr net::Duration least_idle{1'000};  // before one is ended to make room

  net::Loop& loop_;
  Handler& handler_;
  const ServerSettings* settings_;
  net::Ledger& ledger_;
  Stamper stamper_;
  std::vector<std::unique_ptr<Scratch>> kept_;
  std::vector<std::unique_ptr<ServerConnection>> connections_;
  std::uint64_t accepted_ = 0;
  Notes notes_;  // of all requests so far
  bool draining_ = false;
  bool sheds_ = false;
  OnClosed on_closed_;
  HandOver http2_;
};

}  // namespace sallyport::http::h1
