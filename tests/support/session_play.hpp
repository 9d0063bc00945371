// SPDX-License-Identifier: Apache-2.0
// A gateway between clients and upstreams whose every byte a script sends, and who watch what comes out: each message
// is well-formed for a strict reader, each response belongs to the request that asked, no connection to an upstream
// carries what another exchange left, and in the end nothing is held any more.
//
// Requests and responses carry tags, "~2.1;" for the second request of client 2, in the query, in X-Tag and in bodies.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/session_gateway.hpp"
#include "support/session_judge.hpp"
#include "support/session_wire.hpp"
#include "support/strict_validator.hpp"

namespace sallyport::support {

struct PlayedClient {
  PlayedClient(net::Fd fd, std::size_t nth) : wire(std::move(fd)), number(nth) {}

  // The tag of the next request, and of the newest one.
  std::string next_tag();
  std::string tag() const;

  Wire wire;
  std::size_t number;
  std::size_t asked = 0;
  SentRequests sent;
};

struct PlayedUpstream {
  struct Request {
    std::string tag;
    std::string method;
    bool complete = false;
    std::string body;
  };

  PlayedUpstream(net::Fd fd, bool is_of_side) : wire(std::move(fd)), of_side(is_of_side) {}

  // A request is there to which no response has begun.
  bool asked() const { return sent.responses().size() < requests.size(); }
  // Of the newest request; empty when there is none.
  std::string tag() const { return requests.empty() ? std::string() : requests.back().tag; }

  Wire wire;
  bool of_side;
  std::vector<Request> requests;
  std::size_t read = 0;  // bytes of whole requests
  SentResponses sent;
  std::uint64_t surplus_at = 0;  // the turn in which bytes came that nobody had asked for
  bool was_held = false;
  bool switched = false;
};

class Play {
 public:
  // `own_answers`: filters may answer whatever they like.
  explicit Play(Gateway::Chains chains = {}, bool own_answers = false, proxy::Settings settings = {});
  Play(const Play&) = delete;
  Play& operator=(const Play&) = delete;

  // Null when nobody listens any more.
  PlayedClient* connect();
  void send(PlayedClient& client, std::string_view bytes);
  void send(PlayedUpstream& upstream, std::string_view bytes);
  // Ends its stream: a body without a length is complete then.
  static void finish(PlayedUpstream& upstream);
  static void close(PlayedUpstream& upstream);

  // One turn of the gateway; then everybody moves what he can. True: something moved.
  bool turn();

  // Everybody is gone with a reset: the gateway has to let go of all without being given time. Then it is judged.
  void end();

  // The gateway ends in the middle of whatever it is at: what it was saying may be cut.
  void stop();

  Gateway& gateway() { return gateway_; }
  std::deque<PlayedClient>& clients() { return clients_; }
  std::deque<PlayedUpstream>& upstreams() { return upstreams_; }
  // What was wrong first; empty: nothing.
  const std::string& fault() const { return fault_; }

 private:
  using Answer = std::pair<const PlayedUpstream*, std::size_t>;  // which of its responses

  void say(std::string_view what, std::string_view where);
  void accept();
  void look(PlayedUpstream& upstream);
  void note_request(PlayedUpstream& upstream, std::string tag, std::string_view method);
  void let_go();
  void judge_upstream(const PlayedUpstream& upstream);
  void judge_client(const PlayedClient& client);
  void judge_interim(const PlayedClient& client, std::size_t at, const strict::Message& message);
  void judge_answer(const SentRequest& request, const strict::Message& message);
  bool is_answer(const Answer& answer, const SentRequest& request, const strict::Message& message) const;

  bool own_answers_;
  Gateway gateway_;
  std::deque<PlayedClient> clients_;
  std::deque<PlayedUpstream> upstreams_;
  std::uint64_t turns_ = 0;
  bool ending_ = false;
  std::set<std::string> poisoned_;  // tags whose answer an upstream had sent before it was asked
  std::map<std::string, unsigned> times_;
  std::string fault_;
};

}  // namespace sallyport::support
