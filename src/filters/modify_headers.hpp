// SPDX-License-Identifier: Apache-2.0
// Removes, sets and adds header fields: of the request on its way up, of the response on its way down.
//
// Names and values were checked by the dialect; fields that the gateway manages (syntax/header_name.hpp) are not among
// them.

#pragma once

#include <vector>

#include "filters/filter.hpp"
#include "model/filter.hpp"
#include "syntax/header_name.hpp"

namespace sallyport::filters {

class ModifyHeaders final : public Filter {
 public:
  explicit ModifyHeaders(const model::ModifyHeaders& settings)
      : request_(settings.request), response_(settings.response) {}

  net::Task<Result<http::Response>> handle(Exchange& exchange, Next next) const override;

 private:
  // With the ids of the names, found once.
  class Changes {
   public:
    explicit Changes(const model::HeaderChanges& changes);

    // False: the arena of this request is full.
    [[nodiscard]] bool apply(http::Fields& fields) const;

   private:
    struct Name {
      syntax::HeaderId id;
      std::string text;

      bool is_of(const http::Field& field) const;
    };
    struct Field {
      Name name;
      std::string value;
    };

    std::vector<Name> removed_;  // those of `set` too
    std::vector<Field> added_;   // first those of `set`
  };

  Changes request_;
  Changes response_;
};

}  // namespace sallyport::filters
