// SPDX-License-Identifier: Apache-2.0
// What `sallyport check` found, and its two ways to say so: lines for people, and the statuses that a cluster would
// get.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "commands/expiring.hpp"
#include "control/status.hpp"
#include "sources/source.hpp"

namespace sallyport::commands {

struct CheckReport {
  std::vector<control::StatusPtr> objects;  // in the order of their references
  std::vector<sources::Problem> problems;
  std::vector<model::Origin> outside_index;  // of rules that are compared with every request that reaches them
  std::vector<Expiring> expiring;            // certificates

  // Something that was written is not in force because it is wrong.
  bool has_rejections() const;
};

// One line an object, its further findings below it; then files; then totals; then rules outside the index,
// and certificates that have expired or soon will, or are not valid yet.
std::string to_text(const CheckReport& report);

// {"objects": […], "problems": […], "outside_index": […], "certificates": […], "totals": {…}}
std::string to_json(const CheckReport& report);

}  // namespace sallyport::commands
