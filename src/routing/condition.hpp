// SPDX-License-Identifier: Apache-2.0
// A predicate of the model, ready to be asked of requests: expressions compiled, header names as ids. Immutable; any
// thread may ask. The predicate that it was made of outlives it.
//
// A question costs no more the longer the request's query is, nor the values of its fields (but for a regular
// expression that reads one).

#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "http/message.hpp"
#include "model/predicate.hpp"
#include "routing/parameters.hpp"
#include "routing/regexes.hpp"
#include "syntax/address.hpp"
#include "syntax/header_name.hpp"

namespace sallyport::routing {

// A request as conditions see it: as it is when they ask.
struct Facts {
  const http::RequestHead& request;
  const syntax::IpAddress& client;
  Parameters parameters = {};
};

class Condition {
 public:
  explicit Condition(const model::Predicate& predicate, Regexes& regexes);

  // An expression that does not compile does not fit. Neither a parameter behind those that are known (parameters.hpp)
  // nor its absence holds, whatever `not` stands before it.
  bool holds(Facts& facts) const;

 private:
  struct All {
    std::vector<Condition> of;
  };
  struct Any {
    std::vector<Condition> of;
  };
  struct None {
    std::vector<Condition> of;
  };
  struct Header {
    syntax::HeaderId id;
    const model::HeaderIs* is;
    SharedRegex regex;
  };
  struct Query {
    std::uint32_t hash;  // of the name
    const model::QueryIs* is;
    SharedRegex regex;
  };
  using Test = std::variant<All, Any, None, Header, Query, const model::MethodIs*, const model::ClientIn*>;
  struct Compile;
  struct Ask;

  Test test_;
};

}  // namespace sallyport::routing
