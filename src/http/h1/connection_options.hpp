// SPDX-License-Identifier: Apache-2.0
// The options of a message's Connection fields (RFC 9110 7.6.1; reference: reliability-security.md H1-14).
//
// Few messages name a field there. Those that do have the Connection field kept in the head until all fields are read:
// remove_named() then takes the named ones out, and the Connection fields themselves.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/fields.hpp"

namespace sallyport::http::h1 {

class ConnectionOptions {
 public:
  enum class Read : std::uint8_t {
    done,
    names_fields,  // append it to the head's fields
    malformed,     // an option is no token
    too_many,
  };

  // One field's value; `most` options that name fields are allowed in a message.
  Read read(std::string_view value, std::size_t most);

  bool close() const { return close_; }
  bool keep_alive() const { return keep_alive_; }
  bool upgrade() const { return upgrade_; }
  bool names_fields() const { return named_ != 0; }

  // How many options named a field that no one may have removed: those stay.
  static std::uint32_t remove_named(Fields& fields);

 private:
  bool close_ = false;
  bool keep_alive_ = false;
  bool upgrade_ = false;
  std::size_t named_ = 0;
};

}  // namespace sallyport::http::h1
