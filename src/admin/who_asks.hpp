// SPDX-License-Identifier: Apache-2.0
// Whether a request to the admin port may come from where it says: a page of the web must reach it neither under a name
// of its own (DNS rebinding) nor from a browser that has it open (reference: reliability-security.md M-1). Pure.

#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace sallyport::admin {

struct Callable {
  bool by_any_name = false;     // a Unix socket: no browser gets to it
  bool by_any_address = false;  // it listens on all of them: any address literal is no name, and cannot be rebound
  std::string address;          // as Host has it: 192.0.2.1 or [2001:db8::1]
};

// Empty: it may ask. Else why not, for people.
std::string_view why_refused(const http::RequestHead& request, const Callable& callable);

}  // namespace sallyport::admin
