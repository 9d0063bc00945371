// SPDX-License-Identifier: Apache-2.0
// Options of `sallyport explain`, over an empty folder: a value is taken if it is one to a plain reading, and refused
// with a usage message if not. The first byte chooses the option.

#include "commands/command_line.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

#include "base/number.hpp"
#include "commands/limits.hpp"
#include "require.hpp"
#include "syntax/address.hpp"
#include "text_parts.hpp"

namespace {

using namespace sallyport;
using fuzz::require;

bool is_port_pair(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos) return false;
  const auto users = parse_decimal<std::uint16_t>(text.substr(0, equals));
  return users == std::uint16_t{80} && parse_decimal<std::uint16_t>(text.substr(equals + 1)).has_value();
}

bool is_limit(std::string_view text) {
  commands::RunOptions options;
  return commands::set_limit(options, text).has_value();
}

struct Option {
  std::string_view name;
  bool (*takes)(std::string_view);
};

constexpr std::array<Option, 7> options = {{
    {"--port-map=", is_port_pair},
    {"--limit=", is_limit},
    {"--trusted-proxies=", [](std::string_view text) { return syntax::Cidr::parse(text).has_value(); }},
    {"--from=", [](std::string_view text) { return syntax::IpAddress::parse(text).has_value(); }},
    {"--underscores=", [](std::string_view text) { return text == "drop" || text == "reject" || text == "keep"; }},
    {"--merge-slashes=", [](std::string_view text) { return text == "on" || text == "off"; }},
    {"--output=", [](std::string_view text) { return text == "text" || text == "json"; }},
}};

// A folder of this run, which stays empty.
const std::string& folder() {
  static const std::string path = [] {
    std::string made = "/tmp/sallyport-fuzz-XXXXXX";
    require(::mkdtemp(made.data()) != nullptr);
    return made;
  }();
  return path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Option& option = options[data[0] % options.size()];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  // What no command line can hold, and what CLI11 takes for a list of its own.
  if (text.find('\0') != text.npos || text.find_first_of("[]{}\"'`") != text.npos) return 0;
  std::array<std::string, 6> words = {"sallyport", "explain",           folder(),
                                      "GET",       "http://shop.test/", std::string(option.name) + std::string(text)};
  std::array<char*, 6> arguments{};
  for (std::size_t at = 0; at < words.size(); ++at) arguments[at] = words[at].data();

  std::ostringstream out;
  std::ostringstream err;
  std::streambuf* const before_out = std::cout.rdbuf(out.rdbuf());
  std::streambuf* const before_err = std::cerr.rdbuf(err.rdbuf());
  const int status = commands::run_command_line(static_cast<int>(arguments.size()), arguments.data());
  std::cout.rdbuf(before_out);
  std::cerr.rdbuf(before_err);
  if (option.takes(text)) {
    require(status == 1 && !out.str().empty());  // no rule serves it
  } else {
    require(status > 1 && out.str().empty() && !err.str().empty());
  }
  return 0;
}
