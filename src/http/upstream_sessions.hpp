// SPDX-License-Identifier: Apache-2.0
// The HTTP/2 connections to one endpoint, and the one that is being made: all who want a stream meanwhile wait for that
// one, so that many requests at once do not make many connections.
//
// Belongs to its endpoint, on one loop's thread.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "http/finish_connect.hpp"
#include "http/h1/client_connection.hpp"
#include "http/h2/client_connection.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "net/waiters.hpp"

namespace sallyport::http {

class UpstreamSessions final : private h2::ClientConnection::Keeper, private net::Deferred {
 public:
  explicit UpstreamSessions(net::Loop& loop) : loop_(loop) {}
  UpstreamSessions(const UpstreamSessions&) = delete;
  UpstreamSessions& operator=(const UpstreamSessions&) = delete;
  ~UpstreamSessions() override;

  // One that may begin another exchange; null: there is none.
  h2::ClientConnection* with_room() const;
  // One that was made for a single request.
  void add(std::unique_ptr<h2::ClientConnection> made);

  // At most one is being made at a time, and that is not over before it is known how many streams it takes.
  bool is_making() const;
  void make(net::Task<Result<MadeConnection>> making);
  // REQUIRES: nobody waits.
  void stop_making() { making_.reset(); }
  // Until one was made or could not be, or there is room; false: the deadline came first.
  net::Task<bool> wait(net::Time deadline) { return waiters_.wait(loop_, deadline); }
  // How many were made, or could not be; and of the last one, why not.
  std::uint64_t attempts() const { return attempts_; }
  const std::optional<Error>& failure() const { return failure_; }
  // The last one turned out to speak HTTP/1.1; for whoever comes first.
  std::unique_ptr<h1::ClientConnection> take_http1() { return std::move(http1_); }
  // So that there is no sense in waiting for others.
  bool speaks_http1() const { return speaks_http1_; }
  void note_http1(bool http1) { speaks_http1_ = http1; }

  // Ends those without an exchange now, the others with their last one.
  void retire();
  // Ends those without an exchange.
  void end_idle();

 private:
  void drop(h2::ClientConnection& connection) override;
  void has_room(h2::ClientConnection&) override { wake_soon(); }
  void at_turn_end() override;
  void wake_soon() {
    if (!waiters_.empty()) loop_.defer(*this);
  }
  net::Task<void> make_one(net::Task<Result<MadeConnection>> making);

  net::Loop& loop_;
  std::vector<std::unique_ptr<h2::ClientConnection>> all_;
  net::Waiters waiters_;
  net::Task<void> making_;
  std::optional<Result<MadeConnection>> made_;
  std::unique_ptr<h1::ClientConnection> http1_;
  std::optional<Error> failure_;
  std::uint64_t attempts_ = 0;
  bool is_making_ = false;
  bool speaks_http1_ = false;
  bool* destroyed_ = nullptr;
};

}  // namespace sallyport::http
