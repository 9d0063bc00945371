// SPDX-License-Identifier: Apache-2.0
#include "admin/who_asks.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::admin {
namespace {

struct Case {
  std::string_view authority;
  std::string_view origin;  // "-": none
  bool may = false;
  Callable callable = {.address = "192.0.2.1"};
};

// The host as the parser gives it: without the port.
std::string_view host_of(std::string_view authority) {
  const auto colon = authority.rfind(':');
  return colon == authority.npos || authority.ends_with(']') ? authority : authority.substr(0, colon);
}

TEST(WhoAsks, ByNameAndByOrigin) {
  const Callable unix_socket{.by_any_name = true};
  const Callable everywhere{.by_any_address = true, .address = "0.0.0.0"};
  const Case cases[] = {
      // Names of this machine, on whatever port they are forwarded from.
      {"localhost:9901", "-", true},
      {"localhost", "-", true},
      {"127.0.0.1:8001", "-", true},
      {"[::1]:9901", "-", true},
      {"192.0.2.1:9901", "-", true},
      // A name that somebody lets point here.
      {"rebound.test:9901", "-", false},
      {"localhost.rebound.test:9901", "-", false},
      {"127.0.0.1.rebound.test", "-", false},
      {"127.0.0.2:9901", "-", false},
      {"192.0.2.2:9901", "-", false},
      {"[::2]:9901", "-", false},
      {"", "-", false},
      // A page that is open in a browser.
      {"localhost:9901", "http://localhost:9901", true},
      {"localhost:9901", "http://localhost", false},
      {"localhost:9901", "http://localhost:3000", false},
      {"localhost:9901", "https://localhost:9901", false},
      {"localhost:9901", "http://evil.test", false},
      {"localhost:9901", "http://localhost:9901.evil.test", false},
      {"localhost:9901", "null", false},
      {"localhost:9901", "", false},
      {"rebound.test:9901", "http://rebound.test:9901", false},
      // A Unix socket is reached by no browser directly; a relay's other sites are still others.
      {"anything.test", "-", true, unix_socket},
      {"", "-", true, unix_socket},
      {"anything.test", "http://evil.test", false, unix_socket},
      // On all addresses each may be named, and no name.
      {"10.0.0.5:9901", "-", true, everywhere},
      {"[2001:db8::1]:9901", "-", true, everywhere},
      {"rebound.test:9901", "-", false, everywhere},
      {"rebound.test5", "-", false, everywhere},
      {"", "-", false, everywhere},
  };
  for (const Case& one : cases) {
    Arena arena;
    http::RequestHead request(arena);
    request.authority = one.authority;
    request.host = host_of(one.authority);
    const bool added = one.origin == "-" || request.fields.add("Origin", one.origin);
    ASSERT_TRUE(added);
    EXPECT_EQ(why_refused(request, one.callable).empty(), one.may) << one.authority << " " << one.origin;
  }
}

TEST(WhoAsks, ABrowserThatAnotherSiteSentIsRefused) {
  struct Sent {
    std::string_view by;
    bool may;
  };
  for (const Sent& one : {Sent{"none", true}, Sent{"same-origin", true}, Sent{"same-site", false},
                          Sent{"cross-site", false}, Sent{"", false}}) {
    Arena arena;
    http::RequestHead request(arena);
    request.authority = request.host = "localhost";
    ASSERT_TRUE(request.fields.add("Sec-Fetch-Site", one.by));
    EXPECT_EQ(why_refused(request, {}).empty(), one.may) << one.by;
  }
}

TEST(WhoAsks, EveryOriginCounts) {
  Arena arena;
  http::RequestHead request(arena);
  request.authority = "localhost:9901";
  request.host = "localhost";
  ASSERT_TRUE(request.fields.add("Origin", "http://localhost:9901"));
  ASSERT_TRUE(request.fields.add("ORIGIN", "http://evil.test"));
  EXPECT_FALSE(why_refused(request, {}).empty());
}

}  // namespace
}  // namespace sallyport::admin
