// SPDX-License-Identifier: Apache-2.0
// What waits to be written to the cluster, one write an object at a time: statuses, and Events. Made of no I/O and of
// no clock, so that its rules can be tried out without waiting; leader_writes.hpp sends.
//
// Belongs to the control thread.

#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

#include "base/object_ref.hpp"
#include "base/result.hpp"
#include "net/timer_wheel.hpp"
#include "sources/api_server/api.hpp"

namespace sallyport::sources::api_server {

class Outgoing {
 public:
  struct Write {
    ObjectRef ref;
    Ask ask;  // its patience is the sender's to set
  };

  virtual ~Outgoing() = default;

  // A write that is due; it is under way until it is answered.
  virtual std::optional<Write> next(net::Time now) = 0;
  virtual void answered(const ObjectRef& ref, const Result<Answer>& answer, net::Time now) = 0;
  // From when on next() has one; nothing: not before something changes, of which on_news() tells.
  virtual std::optional<net::Time> due() const = 0;
  // This process leads now and did not before: nothing that was learned of former writes holds.
  virtual void lead() = 0;

  void on_news(std::move_only_function<void()> call) { on_news_ = std::move(call); }

 protected:
  void tell_news() {
    if (on_news_) on_news_();
  }

 private:
  std::move_only_function<void()> on_news_;
};

// Nobody answered, or whoever did is not able to now: worth to be tried again as it is.
inline bool may_pass(const Result<Answer>& answer) { return !answer || answer->status == 429 || answer->status >= 500; }

// We may not, or are not known: somebody gives the right sooner or later.
inline bool is_forbidden(const Answer& answer) { return answer.status == 401 || answer.status == 403; }

// What was sent is wrong, and would be refused again.
inline bool is_final(const Answer& answer) {
  constexpr std::array<unsigned, 5> statuses{400, 405, 413, 415, 422};
  return std::ranges::find(statuses, answer.status) != statuses.end();
}

}  // namespace sallyport::sources::api_server
