// SPDX-License-Identifier: Apache-2.0
// A predicate of the model, ready to be asked of requests: expressions compiled, header names as ids. Immutable; any
// thread may ask. The predicate that it was made of outlives it.

#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "http/message.hpp"
#include "model/predicate.hpp"
#include "syntax/address.hpp"
#include "syntax/header_name.hpp"
#include "syntax/regex.hpp"

namespace sallyport::routing {

class Condition {
 public:
  explicit Condition(const model::Predicate& predicate);

  // An expression that does not compile does not fit. The query is read as it came, without copying; so are fields of
  // one line.
  bool holds(const http::RequestHead& request, const syntax::IpAddress& client) const;

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
    std::optional<syntax::Regex> regex;
  };
  struct Query {
    const model::QueryIs* is;
    std::optional<syntax::Regex> regex;
  };
  using Test = std::variant<All, Any, None, Header, Query, const model::MethodIs*, const model::ClientIn*>;
  struct Compile;
  struct Ask;

  Test test_;
};

}  // namespace sallyport::routing
