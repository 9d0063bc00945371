// SPDX-License-Identifier: Apache-2.0
// A gateway, the clients of a chaos case and its upstreams, in one version of HTTP: what they say, and how what comes
// of it is judged. When something happens is ChaosRun's.

#pragma once

#include <memory>
#include <string>
#include <utility>

#include "support/session_gateway.hpp"
#include "unit/proxy/chaos_case.hpp"

namespace sallyport::proxy {

class ChaosSides {
 public:
  explicit ChaosSides(const ChaosCase& of) : case_(of) {}
  ChaosSides(const ChaosSides&) = delete;
  ChaosSides& operator=(const ChaosSides&) = delete;
  virtual ~ChaosSides() = default;

  virtual support::Gateway& gateway() = 0;
  // From now on everything is about a new client.
  virtual void connect() = 0;
  // What the case asks, or the simplest request.
  virtual void ask(Kind kind) = 0;

  // Each: true when something happened. A turn of the gateway, and what was sent goes on.
  virtual bool turn() = 0;
  // Upstreams say what is theirs to say: the first one at its first request as the case has it, until behave().
  virtual bool step_upstreams() = 0;
  // The client says what it held back: a body behind a 100, bytes in a tunnel.
  virtual bool step_client() = 0;

  // client_reset, client_close or client_finish.
  virtual void end_client(Event how) = 0;
  virtual void reset_upstreams() = 0;  // of main

  virtual bool client_is_open() = 0;  // it has not ended by itself
  virtual bool client_is_over() = 0;  // nothing more can come for it
  // All that it asked has its answer, or its end.
  virtual bool is_answered() = 0;
  // It got the answer of an upstream that behaves, whole.
  virtual bool is_served() = 0;
  virtual std::string got() = 0;               // all of it, for people
  unsigned status() const { return status_; }  // of the first final answer; 0: there was none

  // The gateway ends in the middle of whatever it is at.
  virtual void stop() = 0;
  // Everybody goes; then all that came is judged. What was wrong; empty: nothing.
  virtual std::string end() = 0;

  void behave() { behaves_ = true; }

 protected:
  // The backend side is asked: it may be forgotten before it answers. True: it was.
  bool forget_side_once() {
    if (case_.meanwhile != Event::forget_side || std::exchange(forgot_, true)) return false;
    gateway().adopt({.side = false});
    return true;
  }
  unsigned most_steps() const {
    return case_.behaviour == Behaviour::chunks || case_.behaviour == Behaviour::interim ? 2 : 1;
  }

  ChaosCase case_;
  bool behaves_ = false;
  unsigned status_ = 0;

 private:
  bool forgot_ = false;
};

std::unique_ptr<ChaosSides> make_chaos_h1(const ChaosCase& of, support::Gateway::Chains chains);
std::unique_ptr<ChaosSides> make_chaos_h2(const ChaosCase& of, support::Gateway::Chains chains);

}  // namespace sallyport::proxy
