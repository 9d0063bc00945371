// SPDX-License-Identifier: Apache-2.0
#include "net/tls/refusal.hpp"

namespace sallyport::net::tls {

std::string_view word(Reason reason) {
  switch (reason) {
    case Reason::timeout:
      return "timeout";
    case Reason::gone:
      return "gone";
    case Reason::not_tls:
      return "not_tls";
    case Reason::bad_hello:
      return "bad_hello";
    case Reason::unknown_name:
      return "unknown_name";
    case Reason::no_policy:
      return "no_policy";
    case Reason::no_protocol:
      return "no_protocol";
    case Reason::no_version:
      return "no_version";
    case Reason::client_certificate:
      return "client_certificate";
    case Reason::untrusted:
      return "untrusted";
    case Reason::peer_alert:
      return "peer_alert";
    case Reason::overloaded:
      return "overloaded";
    case Reason::failed:
      break;
  }
  return "failed";
}

// RFC 8446 6: type 21, version, length, level fatal, description.
std::string_view alert_record(Reason reason) {
  using namespace std::string_view_literals;
  switch (reason) {
    case Reason::bad_hello:
      return "\x15\x03\x03\x00\x02\x02\x32"sv;  // decode_error
    case Reason::unknown_name:
      return "\x15\x03\x03\x00\x02\x02\x70"sv;  // unrecognized_name
    case Reason::no_policy:
      return "\x15\x03\x03\x00\x02\x02\x28"sv;  // handshake_failure
    case Reason::no_protocol:
      return "\x15\x03\x03\x00\x02\x02\x78"sv;  // no_application_protocol
    case Reason::overloaded:
    case Reason::failed:
      return "\x15\x03\x03\x00\x02\x02\x50"sv;  // internal_error
    default:
      return {};
  }
}

}  // namespace sallyport::net::tls
