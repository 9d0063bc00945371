// SPDX-License-Identifier: Apache-2.0
// All HTTP/1 connections of clients on one loop, and what they share. Belongs to that loop's thread.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "http/date.hpp"
#include "http/h1/notes.hpp"
#include "http/h1/scratch.hpp"
#include "http/h1/session_settings.hpp"
#include "http/incoming.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"

namespace sallyport::http::h1 {

class ServerConnection;

class Server {
 public:
  // All must outlive it.
  Server(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  void accept(net::Fd fd, const syntax::SocketAddress& peer);

  // Idle connections end now, others after the answer they are at.
  void drain();
  // Connections may stay again.
  void undo_drain() { draining_ = false; }
  bool draining() const { return draining_; }
  std::size_t connections() const { return connections_.size(); }
  std::uint64_t accepted() const { return accepted_; }
  const Notes& notes() const { return notes_; }

  // Called when a connection has ended.
  void set_on_closed(std::move_only_function<void()> call) { on_closed_ = std::move(call); }

  // For connections.
  net::Loop& loop() { return loop_; }
  Handler& handler() { return handler_; }
  const ServerSettings& settings() const { return settings_; }
  net::Ledger& ledger() { return ledger_; }
  Stamp stamp();
  std::unique_ptr<Scratch> take_scratch();
  void give_scratch(std::unique_ptr<Scratch> scratch);
  void remove(ServerConnection& connection);

 private:
  static constexpr std::size_t most_kept = 64;

  net::Loop& loop_;
  Handler& handler_;
  const ServerSettings& settings_;
  net::Ledger& ledger_;
  DateText date_;
  std::vector<std::unique_ptr<Scratch>> kept_;
  std::vector<std::unique_ptr<ServerConnection>> connections_;
  std::uint64_t accepted_ = 0;
  Notes notes_;  // of all requests so far
  bool draining_ = false;
  std::move_only_function<void()> on_closed_;
};

}  // namespace sallyport::http::h1
