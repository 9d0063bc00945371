// SPDX-License-Identifier: Apache-2.0
// Takes, renews and gives back a Lease of the cluster (election.hpp has the rules). It gates writes alone: losing it
// stops no request and restarts nothing.
//
// Belongs to the control thread.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "net/loop.hpp"
#include "net/task.hpp"
#include "sources/api_server/api.hpp"
#include "sources/api_server/election.hpp"
#include "sources/source.hpp"

namespace sallyport::sources::api_server {

struct LeasePlace {
  std::string namespace_;
  std::string name;
};

class ClusterLease final : public Lease {
 public:
  // A line, and whether it is bad news.
  using Log = std::move_only_function<void(const std::string& line, bool bad)>;

  // For an answer: so short that a renewal whose answer is lost can be made again in time.
  static constexpr net::Duration patience{4'000};

  ClusterLease(net::Loop& loop, Api& api, LeasePlace place, ElectionSettings settings, Log log);
  ClusterLease(const ClusterLease&) = delete;
  ClusterLease& operator=(const ClusterLease&) = delete;

  // Called after it was taken, renewed or lost.
  void on_step(std::move_only_function<void()> call) { on_step_ = std::move(call); }
  void start();
  // Nothing that it guards may be under way any more. Gives it back, if it is ours, and does not take it again; takes
  // `patience` at most.
  net::Task<void> give_back();

  std::optional<net::Time> held_until() const override { return election_.held_until(loop_.now()); }

 private:
  net::Task<void> run();
  net::Task<void> take(Election::Step step);
  net::Task<Result<Answer>> ask(Verb verb, std::string body, net::Time until);
  net::Task<void> read_it(net::Time until);
  void heed(Election::Do what, const Result<Answer>& answer, net::Time sent);
  void complain(std::string why);
  void note();

  net::Loop& loop_;
  Api& api_;
  LeasePlace place_;
  Election election_;
  Log log_;
  std::move_only_function<void()> on_step_;
  net::Task<void> running_;
  bool is_asking_ = false;
  std::string complaint_;  // the last one, so that it is made once
  bool led_ = false;
  std::string told_holder_;
};

}  // namespace sallyport::sources::api_server
