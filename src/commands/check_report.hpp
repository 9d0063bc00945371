// SPDX-License-Identifier: Apache-2.0
// What `sallyport check` found, and its two ways to say so: lines for people, and the statuses that a cluster would
// get.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "control/status.hpp"
#include "sources/source.hpp"

namespace sallyport::commands {

struct CheckReport {
  std::vector<control::ObjectStatus> objects;  // in the order of their references
  std::vector<sources::Problem> problems;

  // Something that was written is not in force because it is wrong.
  bool has_rejections() const;
};

// One line an object, its further findings below it; then files; then totals.
std::string to_text(const CheckReport& report);

// {"objects": […], "problems": […], "totals": {…}}
std::string to_json(const CheckReport& report);

}  // namespace sallyport::commands
