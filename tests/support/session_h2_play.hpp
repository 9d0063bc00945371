// SPDX-License-Identifier: Apache-2.0
// A gateway between clients and upstreams that all speak HTTP/2, moved by hand, and judges who watch what comes out:
// each answer belongs to the request that asked and is as long as it was sent, each upload comes as it was sent and
// once, frames keep to their windows, and in the end nothing is held any more.

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "support/session_gateway.hpp"
#include "support/session_h2.hpp"

namespace sallyport::support {

struct PlayedH2Client {
  PlayedH2Client(net::Fd fd, std::size_t nth) : side(std::move(fd), false), number(nth) {}

  H2Side side;
  std::size_t number;
  std::uint32_t next = 1;  // stream
};

struct PlayedH2Upstream {
  PlayedH2Upstream(net::Fd fd, bool is_of_side) : side(std::move(fd), true), of_side(is_of_side) {}

  H2Side side;
  bool of_side;
};

class H2Play {
 public:
  // `own_answers`: filters may answer whatever they like, and ask by themselves. `settings` are those of upstreams.
  explicit H2Play(Gateway::Chains chains = {}, bool own_answers = false, H2Side::Settings settings = {});
  H2Play(const H2Play&) = delete;
  H2Play& operator=(const H2Play&) = delete;

  // It has sent its SETTINGS. Null when nobody listens any more.
  PlayedH2Client* connect();
  // A request on the client's next stream, which is given back. The tag is in its path.
  std::uint32_t ask(PlayedH2Client& client, std::string_view method, const H2Side::List& more, bool ends);
  // The head of an answer, with the tag of what was asked. False: there is no request, or it has an answer.
  bool answer_head(PlayedH2Upstream& upstream, std::uint32_t stream, const H2Side::List& more, bool ends);

  // One turn of the gateway; then everybody moves what he can. True: something moved.
  bool turn();
  // Everybody is gone with a reset: the gateway has to let go of all without being given time. Then it is judged.
  void end();
  // The gateway ends in the middle of whatever it is at.
  void stop() { gateway_.end(); }

  Gateway& gateway() { return gateway_; }
  std::deque<PlayedH2Client>& clients() { return clients_; }
  std::deque<PlayedH2Upstream>& upstreams() { return upstreams_; }
  // What was wrong first; empty: nothing.
  const std::string& fault() const { return fault_; }

 private:
  void say(std::string_view what, std::string_view where);
  bool accept();
  void let_go();
  void judge(const PlayedH2Client& client);
  void judge(const PlayedH2Upstream& upstream);

  bool own_answers_;
  H2Side::Settings settings_;
  Gateway gateway_;
  std::deque<PlayedH2Client> clients_;
  std::deque<PlayedH2Upstream> upstreams_;
  std::map<std::string, std::pair<const PlayedH2Client*, std::uint32_t>> asked_;
  std::map<std::string, int> uploads_;
  bool ending_ = false;
  std::string fault_;
};

}  // namespace sallyport::support
