// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/server_url.hpp"

#include <gtest/gtest.h>

namespace sallyport::sources::api_server {
namespace {

TEST(ServerUrl, IsRead) {
  const auto read = [](std::string_view text) { return *parse_server_url(text); };
  EXPECT_EQ(read("https://203.0.113.7:6443"), (ServerUrl{.is_tls = true, .host = "203.0.113.7", .port = 6443}));
  EXPECT_EQ(read("https://API.Example.com"), (ServerUrl{.is_tls = true, .host = "api.example.com", .port = 443}));
  EXPECT_EQ(read("http://127.0.0.1:8001/"), (ServerUrl{.is_tls = false, .host = "127.0.0.1", .port = 8001}));
  EXPECT_EQ(read("https://[2001:DB8::1]:6443"), (ServerUrl{.is_tls = true, .host = "2001:db8::1", .port = 6443}));
  EXPECT_EQ(read("https://a.b/k8s/clusters/c-m-1/"),
            (ServerUrl{.is_tls = true, .host = "a.b", .port = 443, .prefix = "/k8s/clusters/c-m-1"}));
}

TEST(ServerUrl, IsWrittenAsItIsSent) {
  EXPECT_EQ(parse_server_url("https://[2001:db8::1]:443/x")->text(), "https://[2001:db8::1]/x");
  EXPECT_EQ(parse_server_url("http://a:443")->text(), "http://a:443");
  EXPECT_EQ(parse_server_url("http://a:80")->authority(), "a");
}

TEST(ServerUrl, WhatItMustNotBe) {
  const auto why = [](std::string_view text) {
    const auto read = parse_server_url(text);
    return read ? "read" : read.error().detail;
  };
  EXPECT_EQ(why("203.0.113.7:6443"), "must begin with https:// or http://");
  EXPECT_EQ(why("HTTPS://a"), "must begin with https:// or http://");
  EXPECT_EQ(why("https://jane:pass@a"), "must have no user information");
  EXPECT_EQ(why("https://a/?x=1"), "must have no query and no fragment");
  EXPECT_EQ(why("https://a#b"), "must have no query and no fragment");
  EXPECT_EQ(why("https://"), "has no host and port that can be read");
  EXPECT_EQ(why("https://a:0"), "has no host and port that can be read");
  EXPECT_EQ(why("https://a b"), "has no host and port that can be read");
  EXPECT_EQ(why("https://a/x/../y"), "has a path that is not plain");
  EXPECT_EQ(why("https://a//x"), "has a path that is not plain");
  EXPECT_EQ(why("https://a/%2e"), "has a path that is not plain");
}

}  // namespace
}  // namespace sallyport::sources::api_server
