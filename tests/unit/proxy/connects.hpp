// SPDX-License-Identifier: Apache-2.0
// A look at connect(2), in the place of the C library's, while there is one of these: which addresses stream sockets
// are connected to. Where a test says so the call fails, as no kernel can be made to without privileges.

#pragma once

#include <map>
#include <vector>

#include "syntax/address.hpp"

namespace sallyport::proxy {

class Connects {
 public:
  Connects();
  Connects(const Connects&) = delete;
  Connects& operator=(const Connects&) = delete;
  ~Connects();

  std::vector<syntax::SocketAddress> seen;
  std::map<syntax::SocketAddress, int> errors;  // errno of those that are to fail
};

}  // namespace sallyport::proxy
