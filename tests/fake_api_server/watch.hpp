// SPDX-License-Identifier: Apache-2.0
// One open watch: the body of its answer, whose lines are made of the store's events as they are asked for, and what a
// test does to it.
//
// Lives in the arena of its request; belongs to the API's loop.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fake_api_server/rules.hpp"
#include "fake_api_server/store.hpp"
#include "http/body.hpp"
#include "net/loop.hpp"
#include "net/signal.hpp"

namespace sallyport::fake_api {

class Watches;

struct WatchOrder {
  KindPtr kind;
  Scope scope;
  Form form = Form::whole;
  std::string target;                     // "watch PATH?QUERY", for who looks for it
  std::optional<std::uint64_t> revision;  // the events after it; nothing: everything that there is, then what follows
  bool has_bookmarks = false;
  bool says_initial_end = false;  // by a bookmark behind what there is
  std::optional<net::Duration> timeout;
};

// "{"type":"ADDED","object":…}" and a line end.
std::string event_line(std::string_view type, const Object& object, Form form, std::uint64_t revision);

class Watch final : public http::Body, private net::Deferred, private StoreListener {
 public:
  Watch(net::Loop& loop, Store& store, Watches& watches, WatchOrder order);
  ~Watch() override;

  net::Task<Result<std::string_view>> read() override;
  bool ready() const override { return !lines_.empty(); }

  std::uint64_t id() const { return id_; }
  const WatchOrder& order() const { return order_; }
  std::uint64_t lines_sent() const { return lines_sent_; }

  // What a test does.
  void send(std::string bytes);
  void send_bookmark();
  // Events are kept back; then they come, in their order or the other way round.
  void hold() { is_held_ = true; }
  void release(bool is_reversed);
  void end(Ending ending);
  // Of the next event's line only so many bytes come, at most all but the last of them.
  void cut_next(std::size_t bytes, Ending ending) { cut_ = {bytes, ending}; }
  void lose_next(std::size_t events) { lost_ = events; }
  void repeat(bool repeats) { repeats_ = repeats; }

 private:
  struct Cut {
    std::size_t bytes;
    Ending ending;
  };

  void store_changed() override { loop_.defer(*this); }
  void at_turn_end() override;
  void begin();
  void take_events();
  void take(const Event& event);
  void put(std::string line);
  std::string bookmark_line(bool is_initial_end) const;
  net::Time next_time() const;
  void on_time();

  net::Loop& loop_;
  Store& store_;
  Watches& watches_;
  WatchOrder order_;
  std::uint64_t id_;
  net::Signal signal_;
  std::deque<std::string> lines_;
  std::vector<std::string> held_;
  std::string current_;
  std::size_t next_event_ = 0;
  std::uint64_t seen_ = 0;  // the revision up to which events were taken
  std::uint64_t lines_sent_ = 0;
  net::Time ends_at_;
  net::Time bookmark_at_;
  std::optional<Ending> ending_;  // behind the lines
  std::optional<Cut> cut_;
  std::size_t lost_ = 0;
  bool is_held_ = false;
  bool repeats_ = false;
};

// All that are open.
class Watches {
 public:
  net::Duration bookmark_interval{60'000};

  std::uint64_t add(Watch& watch) {
    all_.push_back(&watch);
    return ++last_;
  }
  void remove(const Watch& watch) { std::erase(all_, &watch); }
  const std::vector<Watch*>& all() const { return all_; }

 private:
  std::vector<Watch*> all_;
  std::uint64_t last_ = 0;
};

}  // namespace sallyport::fake_api
