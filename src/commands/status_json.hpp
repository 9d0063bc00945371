// SPDX-License-Identifier: Apache-2.0
// What became of objects and files, as JSON: the one shape that `check --output json`, /status and the status file
// have. Pure.

#pragma once

#include <cstddef>

#include "base/json_writer.hpp"
#include "control/status.hpp"
#include "model/delta.hpp"
#include "sources/source.hpp"

namespace sallyport::commands {

struct Totals {
  std::size_t accepted = 0;
  std::size_t ignored = 0;
  std::size_t rejected = 0;
  std::size_t warnings = 0;
  std::size_t problems = 0;
  std::size_t outside_index = 0;  // rules that are compared with every request that reaches them

  void add(const control::ObjectStatus& object);
  void add(const sources::Problem& problem);
};

// A document of another kind is no failure; a second document for one object is.
bool is_failure(const sources::Problem& problem);

void write_object(JsonWriter& json, const control::ObjectStatus& object);
void write_problem(JsonWriter& json, const sources::Problem& problem);
// An address that a listener could not be bound to.
void write_bound(JsonWriter& json, const model::Bound& bound);
void write_totals(JsonWriter& json, const Totals& totals);

}  // namespace sallyport::commands
