// SPDX-License-Identifier: Apache-2.0
// Which fields may be trailers. Pure.

#pragma once

#include <string_view>

#include "syntax/header_name.hpp"

namespace sallyport::http {

// RFC 9110 6.5.1: not framing, routing, credentials, what changes how a message is understood, and what we manage.
// Names with '_' go as well: nothing that uses trailers needs them.
inline bool may_be_trailer(syntax::HeaderId id, std::string_view name) {
  using syntax::HeaderId;
  switch (id) {
    case HeaderId::expect:
    case HeaderId::cache_control:
    case HeaderId::content_encoding:
    case HeaderId::content_range:
    case HeaderId::content_type:
    case HeaderId::location:
    case HeaderId::range:
    case HeaderId::set_cookie:
    case HeaderId::www_authenticate:
      return false;
    default:
      break;
  }
  return !syntax::is_hop_by_hop(id) && !syntax::is_managed_name(name) && name.find('_') == name.npos;
}

}  // namespace sallyport::http
