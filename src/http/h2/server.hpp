// SPDX-License-Identifier: Apache-2.0
// All HTTP/2 connections of clients that come in by one entrance of a loop, and what they share. Belongs to that loop's
// thread.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "http/connection_facts.hpp"
#include "http/incoming.hpp"
#include "http/notes.hpp"
#include "http/session_settings.hpp"
#include "http/sessions.hpp"
#include "http/stamper.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/released.hpp"

namespace sallyport::http::h2 {

class ServerConnection;
struct StreamScratch;

class Server final : public Sessions {
 public:
  // All must outlive it.
  Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // `early` are bytes that were received already: with none of them missing, the client's preface is the first. False:
  // there was no room for it, and it is closed.
  bool accept(net::Socket::Released connection, const ConnectionFacts& facts, std::string_view early);

  void drain() override;
  void undo_drain() override { draining_ = false; }
  void use(const ServerSettings& settings) override;
  void set_sheds(bool sheds) override { sheds_ = sheds; }
  std::size_t end_oldest_idle(std::size_t most) override;
  // Of one connection, all its streams together.
  std::size_t largest() const override;
  bool reset_largest(std::size_t at_least) override;
  std::size_t idle() const override;
  std::size_t connections() const override { return connections_.size(); }
  std::uint64_t accepted() const override { return accepted_; }
  const Notes& notes() const override { return notes_; }
  void set_on_closed(OnClosed call) override { on_closed_ = std::move(call); }

  // For connections.
  Notes& tally() { return notes_; }
  net::Loop& loop() { return loop_; }
  Handler& handler() { return handler_; }
  const ServerSettings& settings() const { return *settings_; }
  net::Ledger& ledger() { return ledger_; }
  bool keeps_connections() const { return !draining_ && !sheds_; }
  Stamp stamp(bool has_date) { return stamper_.stamp(loop_, *settings_, has_date); }
  std::unique_ptr<StreamScratch> take_scratch();
  void give_scratch(std::unique_ptr<StreamScratch> scratch);
  void remove(ServerConnection& connection);

 private:
  ServerConnection* find_largest() const;

  static constexpr std::size_t most_kept = 512;      // as many as may well be busy at once
  static constexpr net::Duration least_idle{1'000};  // before one is ended to make room

  net::Loop& loop_;
  Handler& handler_;
  const ServerSettings* settings_;
  net::Ledger& ledger_;
  Stamper stamper_;
  std::vector<std::unique_ptr<StreamScratch>> kept_;
  std::vector<std::unique_ptr<ServerConnection>> connections_;
  std::uint64_t accepted_ = 0;
  Notes notes_;  // of all requests so far
  bool draining_ = false;
  bool sheds_ = false;
  OnClosed on_closed_;
};

}  // namespace sallyport::http::h2
