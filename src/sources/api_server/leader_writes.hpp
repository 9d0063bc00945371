// SPDX-License-Identifier: Apache-2.0
// Sends what waits to be written, while the lease is held and no longer: each write may take at most what is left of
// it, also on the API server's side (its query parameter `timeout`), so that of two replicas never both write.
//
// A few writes are under way at a time. When the API server does not answer, or says that it is too busy, all of them
// pause. Whoever leads anew begins anew. Belongs to the control thread.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "net/loop.hpp"
#include "net/task.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/outgoing.hpp"
#include "sources/source.hpp"

namespace sallyport::sources::api_server {

class LeaderWrites final : net::Deferred {
 public:
  static constexpr std::size_t most_under_way = 4;
  static constexpr net::Duration longest_write{5'000};
  static constexpr net::Duration shortest_write{1'000};  // with less left of the lease none is begun

  // The earlier of `queues` go first. All outlive it.
  LeaderWrites(net::Loop& loop, Api& api, const Lease& lease, std::vector<Outgoing*> queues);
  LeaderWrites(const LeaderWrites&) = delete;
  LeaderWrites& operator=(const LeaderWrites&) = delete;
  ~LeaderWrites() override;

  // The lease was taken, renewed or lost.
  void look() { loop_.defer(*this); }
  // Begins no more, and calls `done` when nothing is under way.
  void stop(std::move_only_function<void()> done);

  std::size_t under_way() const { return flights_.size(); }
  // In a row, after each of which all pause for longer.
  unsigned failures() const { return backoff_.failures(); }

 private:
  struct Flight {
    Outgoing* queue;
    ObjectRef ref;
    bool is_done = false;
    net::Task<void> task;
  };
  struct Wake final : net::Timer {
    explicit Wake(LeaderWrites& of) : writes(of) {}
    void fire() override { writes.look(); }
    LeaderWrites& writes;
  };

  void at_turn_end() override;
  bool leads();
  // What is left of the lease for a write; nothing if it is too little.
  std::optional<net::Duration> time_for_one() const;
  bool begin_one(net::Duration patience);
  net::Task<void> fly(Flight& flight, Ask ask);
  void heed(const Result<Answer>& answer);
  void arm();

  net::Loop& loop_;
  Api& api_;
  const Lease& lease_;
  std::vector<Outgoing*> queues_;
  std::vector<std::unique_ptr<Flight>> flights_;
  Chance chance_;
  Backoff backoff_;
  net::Time not_before_{};
  bool led_ = false;
  bool is_stopping_ = false;
  std::move_only_function<void()> done_;
  Wake wake_{*this};
};

}  // namespace sallyport::sources::api_server
