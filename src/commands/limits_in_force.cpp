// SPDX-License-Identifier: Apache-2.0
#include "commands/limits_in_force.hpp"

#include <cstdint>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "commands/limits.hpp"

namespace sallyport::commands {

std::string limits_in_force(const RunOptions& options) {
  const RunOptions defaults;
  std::string all;
  for (const Limit& one : limits()) {
    const std::uint64_t value = one.get(options);
    all += text::cat(one.name, "=", value, "  ", one.unit);
    if (!one.derived.empty()) {
      all += text::cat("; by default ", one.derived);
    } else if (const std::uint64_t usual = one.get(defaults); usual != value) {
      all += text::cat("; by default ", usual);
    }
    all += "\n";
  }
  return all;
}

std::string limits_json(const RunOptions& options) {
  const RunOptions defaults;
  std::string out;
  JsonWriter json(out, 2);
  json.begin_object().key("limits").begin_array();
  for (const Limit& one : limits()) {
    json.begin_object();
    json.member("name", one.name).member("value", one.get(options)).member("unit", one.unit);
    if (one.derived.empty()) {
      json.member("default", one.get(defaults));
    } else {
      json.member("default", one.derived);
    }
    json.end_object();
  }
  json.end_array().end_object();
  out += "\n";
  return out;
}

}  // namespace sallyport::commands
