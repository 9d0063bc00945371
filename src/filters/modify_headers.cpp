// SPDX-License-Identifier: Apache-2.0
#include "filters/modify_headers.hpp"

#include <algorithm>

#include "syntax/token.hpp"

namespace sallyport::filters {

using syntax::HeaderId;

ModifyHeaders::Changes::Changes(const model::HeaderChanges& changes) {
  const auto named = [](const std::string& name) { return Name{syntax::header_id(name), name}; };
  for (const std::string& name : changes.remove) removed_.push_back(named(name));
  for (const auto& field : changes.set) removed_.push_back(named(field.name));
  for (const auto* list : {&changes.set, &changes.add}) {
    for (const auto& field : *list) added_.push_back({named(field.name), field.value});
  }
}

bool ModifyHeaders::Changes::Name::is_of(const http::Field& field) const {
  return id == HeaderId::other ? syntax::equals_ignore_case(field.name, text) : field.id == id;
}

// The settings outlive the message: the request holds the snapshot that they are part of, and before a tunnel lets go
// of it, it copies what its fields refer to.
bool ModifyHeaders::Changes::apply(http::Fields& fields) const {
  fields.remove_if([this](const http::Field& field) {
    return std::ranges::any_of(removed_, [&](const Name& name) { return name.is_of(field); });
  });
  return std::ranges::all_of(added_, [&](const Field& field) { return fields.add(field.name.text, field.value); });
}

net::Task<Result<http::Response>> ModifyHeaders::handle(Exchange& exchange, Next next) const {
  if (!request_.apply(exchange.request().fields)) co_return fail(Code::overloaded);
  Result<http::Response> response = co_await next(exchange);
  if (response && !response_.apply(response->head.fields)) co_return fail(Code::overloaded);
  co_return response;
}

}  // namespace sallyport::filters
