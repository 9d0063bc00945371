// SPDX-License-Identifier: Apache-2.0
// What a rule asks of a request beyond host and path: predicates, joined by and, or, not.

#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "syntax/address.hpp"

namespace sallyport::model {

struct Predicate;

struct TextMatch {
  enum class Kind : std::uint8_t {
    exact,    // value, byte by byte
    regex,    // value is a regular expression that fits the whole text (syntax/regex.hpp)
    present,  // whatever it is; value is empty
  };

  Kind kind = Kind::present;
  std::string value;

  bool operator==(const TextMatch&) const = default;
};

// One of these methods, as they are written: they have a case (RFC 9110 9.1).
struct MethodIs {
  std::vector<std::string> methods;

  bool operator==(const MethodIs&) const = default;
};

// A field of that name, in lower case; several lines of it are one text, joined by ", " (RFC 9110 5.3).
struct HeaderIs {
  std::string name;
  TextMatch value;

  bool operator==(const HeaderIs&) const = default;
};

// The first parameter of that name in the query, both percent-decoded, '+' as a space.
struct QueryIs {
  std::string name;
  TextMatch value;

  bool operator==(const QueryIs&) const = default;
};

// The client's address, after trusted proxies were heard, is in one of these.
struct ClientIn {
  std::vector<syntax::Cidr> blocks;

  bool operator==(const ClientIn&) const = default;
};

struct AllOf {
  std::vector<Predicate> of;  // none: fits

  bool operator==(const AllOf& other) const;
};

struct AnyOf {
  std::vector<Predicate> of;  // none: does not fit

  bool operator==(const AnyOf& other) const;
};

struct Not {
  std::vector<Predicate> of;  // exactly one

  bool operator==(const Not& other) const;
};

struct Predicate {
  std::variant<AllOf, AnyOf, Not, MethodIs, HeaderIs, QueryIs, ClientIn> test;

  bool operator==(const Predicate&) const = default;
};

// For people, and unambiguous: header x-canary = "on"; not (method is GET or HEAD).
std::string to_text(const Predicate& predicate);

}  // namespace sallyport::model
