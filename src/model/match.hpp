// SPDX-License-Identifier: Apache-2.0
// What a rule fits: a host pattern and a path. Both are canonical texts (syntax/host.hpp, syntax/path.hpp).

#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace sallyport::model {

struct HostPattern {
  enum class Kind : std::uint8_t {
    exact,       // name "shop.example.com"
    one_label,   // name "example.com" for Ingress's *.example.com: exactly one label more (gateway-api.md 5.3, 3)
    any_labels,  // name "example.com" for Gateway API's *.example.com: one label more, or several
    regex,       // name is a regular expression that fits the whole host (syntax/regex.hpp)
    any,         // every host; name is empty
  };

  Kind kind = Kind::any;
  std::string name;

  auto operator<=>(const HostPattern&) const = default;
};

struct PathMatch {
  enum class Kind : std::uint8_t {
    exact,           // value only
    element_prefix,  // /shop fits /shop, /shop/ and /shop/cart, not /shopping; kept without a trailing slash, "/" as ""
    byte_prefix,     // /shop fits /shopping too
    regex,           // value is a regular expression that fits the whole path (syntax/regex.hpp)
    any,             // every path, and after every other kind; value is empty
  };

  Kind kind = Kind::any;
  std::string value;
  bool ignore_case = false;  // of ASCII letters

  bool operator==(const PathMatch&) const = default;
};

// For people, and unambiguous: names and canonical paths hold neither spaces nor quotes, and regular expressions, which
// may hold anything, are quoted, with '"' and '\' escaped.
//
// shop.example.com, *.example.com, **.example.com, ~"shop[0-9].*", *
std::string to_text(const HostPattern& host);
// exact /a, prefix /a, bytes /a, regex "/a.*", any; with " (any case)" behind it where case is ignored.
std::string to_text(const PathMatch& path);

}  // namespace sallyport::model
