// SPDX-License-Identifier: Apache-2.0
// Plays one chaos case. Whatever comes of it has to stand before its judges, nobody may wait for ever, nothing may be
// left, and the next client has to be served.

#pragma once

#include <memory>
#include <string>

#include "support/chaos_filter.hpp"
#include "unit/proxy/chaos_sides.hpp"

namespace sallyport::proxy {

class ChaosRun {
 public:
  explicit ChaosRun(const ChaosCase& of);

  // Until the client has its answers, or cannot get any; then a client that comes after it; then the end.
  void run();

  const std::string& fault() const { return fault_; }
  bool acted() const { return acted_; }
  unsigned turns() const { return turns_; }    // that the exchange took
  unsigned status() const { return status_; }  // of the first final answer; 0: there was none

 private:
  support::Gateway::Chains chains();
  bool step();
  bool step_gate();
  void strike(Event event);
  void play_out();
  void ask_again();

  ChaosCase case_;
  support::Chaos chaos_;
  std::unique_ptr<ChaosSides> sides_;
  unsigned turns_ = 0;
  unsigned gate_turns_ = 0;
  unsigned status_ = 0;
  bool acted_ = false;
  bool struck_ = false;
  bool serves_ = true;  // new clients
  std::string fault_;
};

}  // namespace sallyport::proxy
