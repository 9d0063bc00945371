// SPDX-License-Identifier: Apache-2.0
// What the servers of both versions of HTTP have in common: their connections, what these share, and which of them end
// under pressure. Belongs to the worker's thread.
//
// A Connection has usable(), facts(), held(), is_idle(), idle_since(), has_work(), end_when_idle(), end_idle(),
// cut_off(), place() and set_place(). A Scratch is what one exchange needs. Both need to be known only where the server
// itself is compiled.

#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/own_lines.hpp"
#include "http/incoming.hpp"
#include "http/sessions.hpp"
#include "http/stamper.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"

namespace sallyport::http {

template <class Connection, class Scratch>
class SessionList : public Sessions {
 public:
  SessionList(const SessionList&) = delete;
  SessionList& operator=(const SessionList&) = delete;

  void drain() override;
  void undo_drain() override { draining_ = false; }
  bool draining() const { return draining_; }
  void set_sheds(bool sheds) override { sheds_ = sheds; }
  std::size_t end_oldest_idle(std::size_t most) override;
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
  Notes& tally() { return notes_; }
  Stamp stamp(bool has_date) { return stamper_.stamp(loop_, *settings_, has_date); }
  std::unique_ptr<Scratch> take_scratch();
  void give_scratch(std::unique_ptr<Scratch> scratch) {
    if (kept_.size() < most_kept) kept_.push_back(std::move(scratch));
  }
  void remove(Connection& connection);

 protected:
  // All must outlive it.
  SessionList(net::Loop& loop, Handler& handler, const ServerSettings& settings, net::Ledger& ledger)
      : loop_(loop), handler_(handler), settings_(&settings), ledger_(ledger) {}
  ~SessionList() = default;

  // Connections give back what they hold, so the server has to be there still.
  void clear();
  // Null: there was no room for it.
  Connection* add(std::unique_ptr<Connection> made);
  std::unique_ptr<Connection> take_out(const Connection& connection);
  void uncount() { --accepted_; }
  void tell_closed(const ConnectionFacts& facts) {
    if (on_closed_) on_closed_(facts);
  }
  void set_settings(const ServerSettings& settings) { settings_ = &settings; }
  const std::vector<std::unique_ptr<Connection>>& all() const { return connections_; }

 private:
  Connection* find_largest() const;

  static constexpr std::size_t most_kept = 512;      // as many as may well be busy at once
  static constexpr net::Duration least_idle{1'000};  // before one is ended to make room

  net::Loop& loop_;
  Handler& handler_;
  const ServerSettings* settings_;
  net::Ledger& ledger_;
  Stamper stamper_;
  LineVector<std::unique_ptr<Scratch>> kept_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::uint64_t accepted_ = 0;
  Notes notes_;  // of all requests so far
  bool draining_ = false;
  bool sheds_ = false;
  OnClosed on_closed_;
};

template <class Connection, class Scratch>
void SessionList<Connection, Scratch>::drain() {
  draining_ = true;
  for (const auto& connection : connections_) connection->end_when_idle();
}

template <class Connection, class Scratch>
std::size_t SessionList<Connection, Scratch>::idle() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(connections_, [](const auto& connection) { return connection->is_idle(); }));
}

template <class Connection, class Scratch>
void SessionList<Connection, Scratch>::clear() {
  connections_.clear();
}

template <class Connection, class Scratch>
Connection* SessionList<Connection, Scratch>::add(std::unique_ptr<Connection> made) {
  ++accepted_;
  if (!made->usable()) return nullptr;
  made->set_place(connections_.size());
  return connections_.emplace_back(std::move(made)).get();
}

template <class Connection, class Scratch>
void SessionList<Connection, Scratch>::remove(Connection& connection) {
  const ConnectionFacts facts = connection.facts();
  take_out(connection).reset();
  tell_closed(facts);
}

// Looks at all, so that a connection need not know its place among the idle ones.
template <class Connection, class Scratch>
std::size_t SessionList<Connection, Scratch>::end_oldest_idle(std::size_t most) {
  const net::Time latest = loop_.now() - least_idle;
  std::vector<Connection*> idle;
  for (const auto& connection : connections_) {
    if (connection->is_idle() && connection->idle_since() <= latest) idle.push_back(connection.get());
  }
  most = std::min(most, idle.size());
  const auto last = idle.begin() + static_cast<std::ptrdiff_t>(most);
  std::ranges::partial_sort(idle, last, {}, &Connection::idle_since);
  return static_cast<std::size_t>(std::count_if(idle.begin(), last, [](auto* one) { return one->end_idle(); }));
}

template <class Connection, class Scratch>
Connection* SessionList<Connection, Scratch>::find_largest() const {
  Connection* largest = nullptr;
  for (const auto& connection : connections_) {
    if (connection->has_work() && (largest == nullptr || connection->held() > largest->held())) {
      largest = connection.get();
    }
  }
  return largest;
}

template <class Connection, class Scratch>
std::size_t SessionList<Connection, Scratch>::largest() const {
  const Connection* const one = find_largest();
  return one == nullptr ? 0 : one->held();
}

template <class Connection, class Scratch>
bool SessionList<Connection, Scratch>::reset_largest(std::size_t at_least) {
  Connection* const one = find_largest();
  if (one == nullptr || one->held() < at_least) return false;
  one->cut_off();
  return true;
}

template <class Connection, class Scratch>
std::unique_ptr<Scratch> SessionList<Connection, Scratch>::take_scratch() {
  if (kept_.empty()) return std::make_unique<Scratch>();
  auto scratch = std::move(kept_.back());
  kept_.pop_back();
  return scratch;
}

template <class Connection, class Scratch>
std::unique_ptr<Connection> SessionList<Connection, Scratch>::take_out(const Connection& connection) {
  const std::size_t place = connection.place();
  std::unique_ptr<Connection> taken = std::exchange(connections_[place], std::move(connections_.back()));
  connections_.pop_back();
  if (place != connections_.size()) connections_[place]->set_place(place);
  return taken;
}

}  // namespace sallyport::http
