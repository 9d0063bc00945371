// SPDX-License-Identifier: Apache-2.0
// Fields that speak of a connection of HTTP/1, which make a message of HTTP/2 malformed: what they say is said by
// HTTP/2 itself (RFC 9113 8.2.2). TE is not among them, which a request may have. Pure.

#pragma once

#include "syntax/header_name.hpp"

namespace sallyport::http::h2 {

inline bool is_of_connection(syntax::HeaderId id) {
  switch (id) {
    case syntax::HeaderId::connection:
    case syntax::HeaderId::keep_alive:
    case syntax::HeaderId::proxy_connection:
    case syntax::HeaderId::transfer_encoding:
    case syntax::HeaderId::upgrade:
      return true;
    default:
      return false;
  }
}

}  // namespace sallyport::http::h2
