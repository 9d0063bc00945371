// SPDX-License-Identifier: Apache-2.0
// The addresses that listeners could not be bound to, as /status tells of them.

#pragma once

#include <map>
#include <utility>
#include <vector>

#include "model/delta.hpp"

namespace sallyport::commands {

class BindProblems {
 public:
  void note(const model::Bound& report) {
    const std::pair place(report.listener, report.address);
    if (report.problem.empty()) {
      problems_.erase(place);
    } else {
      problems_.insert_or_assign(place, report);
    }
  }

  // Of this listener, as it is now.
  void append_to(std::vector<model::Bound>& all, const model::Listener& listener) const {
    for (const syntax::SocketAddress& address : listener.addresses) {
      const auto found = problems_.find({listener.id, address});
      if (found != problems_.end()) all.push_back(found->second);
    }
  }

 private:
  std::map<std::pair<model::Id, syntax::SocketAddress>, model::Bound> problems_;
};

}  // namespace sallyport::commands
