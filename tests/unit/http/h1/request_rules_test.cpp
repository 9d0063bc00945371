// SPDX-License-Identifier: Apache-2.0
// Rules H1-9 to H1-20 of reliability-security.md for requests, one test each. The families are those of the
// public lists of HTTP/1.1 probes and request smuggling payloads.

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <string_view>

#include "unit/http/h1/request_cases.hpp"

namespace sallyport::http::h1 {
namespace {

TEST(H1_9, ThereIsExactlyOneValidHost) {
  expect_refused(Code::bad_request, "H1-9",
                 {
                     {"missing", "GET / HTTP/1.1\r\n\r\n"},
                     {"missing, other fields", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n"},
                     {"twice the same", get("Host: a\r\n")},
                     {"twice, other", get("Host: b\r\n")},
                     {"twice, other case", get("HOST: a\r\n")},
                     {"empty", with_host("")},
                     {"blanks", with_host("  ")},
                     {"list", with_host("a, b")},
                     {"comma", with_host("a,b")},
                     {"user information", with_host("user@a")},
                     {"user and password", with_host("a:80@b")},
                     {"path", with_host("a/b")},
                     {"query", with_host("a?b")},
                     {"fragment", with_host("a#b")},
                     {"scheme", with_host("http://a")},
                     {"backslash", with_host("a\\b")},
                     {"space", with_host("a b")},
                     {"tab", with_host("a\tb")},
                     {"percent", with_host("a%00b")},
                     {"non-ASCII", with_host("\xc3\xa4.example")},
                     {"port is no number", with_host("a:b")},
                     {"port is too large", with_host("a:65536")},
                     {"port zero", with_host("a:0")},
                     {"empty port", with_host("a:")},
                     {"signed port", with_host("a:+80")},
                     {"two ports", with_host("a:80:80")},
                     {"empty label", with_host("a..b")},
                     {"only a dot", with_host(".")},
                     {"half an IPv6 address", with_host("[::1")},
                     {"IPv6 address without brackets", with_host("::1")},
                     {"256 bytes", with_host(std::string(256, 'a'))},
                     {"invalid on HTTP/1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n"},
                 });
  expect_accepted({
      {"name", with_host("shop.example.com")},
      {"IPv4", with_host("192.0.2.1:8080")},
      {"IPv6", with_host("[2001:db8::1]:8080")},
      {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n"},
  });
}

TEST(H1_9, HostIsCanonical) {
  const auto authority_of = [](std::string_view host) {
    const Read read(RequestReading(), with_host(host));
    return text::cat(read.head().host, " ", read.head().port, " ", read.head().authority);
  };
  EXPECT_EQ(authority_of("shop.example.com"), "shop.example.com 0 shop.example.com");
  EXPECT_EQ(authority_of("Shop.Example.COM."), "shop.example.com 0 shop.example.com");
  EXPECT_EQ(authority_of("shop.example.com:80"), "shop.example.com 0 shop.example.com");
  EXPECT_EQ(authority_of("shop.example.com:8080"), "shop.example.com 8080 shop.example.com:8080");
  EXPECT_EQ(authority_of("SHOP.example.com:8080"), "shop.example.com 8080 shop.example.com:8080");
  EXPECT_EQ(authority_of("shop.example.com.:8080"), "shop.example.com 8080 shop.example.com:8080");
  EXPECT_EQ(authority_of("shop.example.com:443"), "shop.example.com 443 shop.example.com:443");
  EXPECT_EQ(authority_of("[2001:DB8::1]:8080"), "[2001:db8::1] 8080 [2001:db8::1]:8080");
  const RequestReading tls{.conduct = {.default_port = 443}};
  EXPECT_EQ(Read(tls, with_host("a:443")).head().authority, "a");
  EXPECT_EQ(Read(tls, with_host("a:80")).head().authority, "a:80");
  EXPECT_EQ(Read(RequestReading(), "GET / HTTP/1.0\r\n\r\n").head().authority, "");
}

TEST(H1_9, AbsoluteTargetAndHostAgree) {
  const auto request = [](std::string_view uri, std::string_view host) {
    return text::cat("GET ", uri, " HTTP/1.1\r\nHost: ", host, "\r\n\r\n");
  };
  const Read read(RequestReading(), request("http://Shop.Example.com:80/a?b", "shop.example.com."));
  ASSERT_TRUE(read.accepted()) << read.verdict();
  EXPECT_EQ(read.head().form, TargetForm::absolute);
  EXPECT_EQ(read.head().authority, "shop.example.com");
  EXPECT_EQ(read.head().path, "/a");
  EXPECT_EQ(read.head().query, "b");
  expect_accepted({
      {"same port", request("http://a:8080/", "a:8080")},
      {"default port at the Host", request("http://a/", "a:80")},
      {"https has its own default port", request("https://a:443/", "a")},
      {"no path", request("http://a", "a")},
      {"scheme in capitals", request("HTTP://a/", "a")},
      {"HTTP/1.0 without Host", "GET http://a/ HTTP/1.0\r\n\r\n"},
  });
  EXPECT_EQ(Read(RequestReading(), request("http://a?q", "a")).head().path, "/");
  expect_refused(Code::bad_request, "H1-9",
                 {
                     {"other host", request("http://a/", "b")},
                     {"other port", request("http://a:81/", "a:82")},
                     {"port at one only", request("http://a:81/", "a")},
                     {"subdomain", request("http://a.b/", "b")},
                     {"user information", request("http://u@a/", "a")},
                     {"empty authority", request("http:///", "a")},
                     {"whole server of another host", "OPTIONS http://a HTTP/1.1\r\nHost: b\r\n\r\n"},
                     {"absolute without Host", "GET http://a/ HTTP/1.1\r\n\r\n"},
                 });
}

TEST(H1_10, TargetsHaveOneOfFourForms) {
  expect_refused(Code::bad_request, "H1-10",
                 {
                     {"no slash", target("index.html")},
                     {"authority form of a GET", target("a:80")},
                     {"asterisk of a GET", target("*")},
                     {"asterisk and more", line("OPTIONS *x HTTP/1.1")},
                     {"asterisk with query", line("OPTIONS *?x HTTP/1.1")},
                     {"other scheme", target("ftp://a/")},
                     {"file", target("file:///etc/passwd")},
                     {"one slash", target("http:/a/")},
                     {"no slashes", target("http:a")},
                     {"question mark only", target("?a")},
                     {"dot", target("./a")},
                     {"backslash first", target("\\a")},
                     {"fragment", target("/a#b")},
                     {"fragment only", target("#")},
                     {"fragment after the query", target("/a?b#c")},
                     {"non-ASCII", target("/\xc3\xa4")},
                     {"non-ASCII in the query", target("/?\xff")},
                     {"control", target("/a\x01z")},
                     {"NUL", target("/a\0b"s)},
                     {"DEL", target("/a\x7f")},
                     {"tab", target("/a\tb")},
                     {"after sixteen good bytes", target("/0123456789abcdef\x80")},
                     {"empty", line("GET  HTTP/1.1")},
                     {"two spaces before", line("GET  / HTTP/1.1")},
                     {"no version", line("GET /")},
                     {"CR in the target", line("GET /a\rb HTTP/1.1")},
                 });
  expect_accepted({
      {"query only after the path", target("/?a=b&c=/?d")},
      {"odd characters of a query", target("/?a={b}|c^d`\"<>\\")},
      {"asterisk", line("OPTIONS * HTTP/1.1")},
      {"whole server by its URI", line("OPTIONS http://a HTTP/1.1")},
  });
  EXPECT_EQ(Read(RequestReading(), line("OPTIONS http://a HTTP/1.1")).head().path, "*");
  EXPECT_EQ(Read(RequestReading(), line("OPTIONS * HTTP/1.1")).head().form, TargetForm::asterisk);
  EXPECT_TRUE(Read(RequestReading(), target("/a?")).head().has_query);
  EXPECT_FALSE(Read(RequestReading(), target("/a")).head().has_query);
}

TEST(H1_11, RequestLineIsMethodTargetVersion) {
  expect_refused(Code::bad_request, "H1-11",
                 {
                     {"empty method", line(" / HTTP/1.1")},
                     {"tab after the method", line("GET\t/ HTTP/1.1")},
                     {"method is no token", line("G(T / HTTP/1.1")},
                     {"quoted method", line("\"GET\" / HTTP/1.1")},
                     {"non-ASCII method", line("G\xc3\x89T / HTTP/1.1")},
                     {"NUL in the method", line("GE\0T / HTTP/1.1"s)},
                     {"method of 33 bytes", line(std::string(33, 'A') + " / HTTP/1.1")},
                     {"endless method", std::string(9000, 'A')},
                     {"two spaces before the version", line("GET /  HTTP/1.1")},
                     {"space after the version", line("GET / HTTP/1.1 ")},
                     {"space in the target", line("GET /a b HTTP/1.1")},
                     {"fourth part", line("GET / HTTP/1.1 x")},
                     {"tab before the version", line("GET / \tHTTP/1.1")},
                     {"lower case", line("GET / http/1.1")},
                     {"no minor number", line("GET / HTTP/1")},
                     {"two digits", line("GET / HTTP/1.10")},
                     {"leading zero", line("GET / HTTP/01.1")},
                     {"comma", line("GET / HTTP/1,1")},
                     {"other name", line("GET / HTTPS/1.1")},
                     {"sign", line("GET / HTTP/+1.1")},
                     {"no name", line("GET / 1.1")},
                     {"two empty lines before", "\r\n\r\n" + get("")},
                     {"TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
                     {"spaces before", "  " + get("")},
                 });
  expect_refused(Code::version_not_supported, "H1-11",
                 {
                     {"0.9", line("GET / HTTP/0.9")},
                     {"1.2", line("GET / HTTP/1.2")},
                     {"2.0", line("GET / HTTP/2.0")},
                     {"9.9", line("GET / HTTP/9.9")},
                     {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
                 });
  expect_accepted({
      {"unknown method", line("PROPFIND / HTTP/1.1")},
      {"lower case is another method", line("get / HTTP/1.1")},
      {"method of 32 bytes", line(std::string(32, 'A') + " / HTTP/1.1")},
      {"odd token", line("M-SEARCH!~ / HTTP/1.1")},
  });
}

TEST(H1_11, ConnectTraceAndTrackAreRefused) {
  expect_refused(Code::method_not_allowed, "H1-11",
                 {
                     {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"},
                     {"CONNECT with early data", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\nGET / HTTP/1.1\r\n"},
                     {"TRACE", line("TRACE / HTTP/1.1")},
                     {"trace", line("trace / HTTP/1.1")},
                     {"TRACK", line("TRACK / HTTP/1.1")},
                 });
  expect_refused(Code::bad_request, "H1-9",
                 {{"CONNECT to a path", "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n"},
                  {"CONNECT to a URI", "CONNECT http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"}});
}

TEST(H1_12, OnlyWebSocketIsUpgradedTo) {
  const auto upgrade_of = [](const std::string& bytes) {
    const Read read(RequestReading(), bytes);
    return read.accepted() ? text::cat(read.head().upgrade, " ", read.notes().upgrades_ignored) : read.verdict();
  };
  const std::string asked = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  EXPECT_EQ(upgrade_of(get(asked)), "websocket 0");
  EXPECT_EQ(upgrade_of(get("connection: keep-alive, uPGRADE\r\nupgrade: WebSocket\r\n")), "websocket 0");
  EXPECT_EQ(upgrade_of(get("Connection: upgrade\r\nUpgrade: h2c, websocket\r\n")), "websocket 0");
  EXPECT_EQ(upgrade_of(get("Upgrade: websocket\r\n")), " 1");
  EXPECT_EQ(upgrade_of(get("Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n")), " 1");
  EXPECT_EQ(upgrade_of(get("Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n")), " 1");
  EXPECT_EQ(upgrade_of(get("Connection: Upgrade\r\nUpgrade: websocket/13\r\n")), " 1");
  EXPECT_EQ(upgrade_of(post(asked)), " 1");
  EXPECT_EQ(upgrade_of(get(asked + "Content-Length: 3\r\n")), " 1");
  EXPECT_EQ(upgrade_of(get(asked + "Transfer-Encoding: chunked\r\n")), " 1");
  EXPECT_EQ(upgrade_of("GET / HTTP/1.0\r\nHost: a\r\n" + asked + "\r\n"), " 1");
  EXPECT_EQ(fields_of(get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nA: 1\r\n")),
            "A: 1");
}

TEST(H1_13, TheOneExpectationIs100Continue) {
  const auto expects = [](const std::string& bytes) {
    const Read read(RequestReading(), bytes);
    EXPECT_EQ(fields_of(bytes).find("xpect"), std::string::npos);
    return read.accepted() && read.head().expects_continue;
  };
  EXPECT_TRUE(expects(post("Content-Length: 3\r\nExpect: 100-continue\r\n")));
  EXPECT_TRUE(expects(post("expect:100-Continue\r\nTransfer-Encoding: chunked\r\n")));
  EXPECT_FALSE(expects(post("Content-Length: 3\r\n")));
  EXPECT_FALSE(expects(post("Expect: 100-continue\r\n")));
  EXPECT_FALSE(expects(post("Content-Length: 0\r\nExpect: 100-continue\r\n")));
  EXPECT_FALSE(expects("POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_FALSE(expects("POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: anything\r\n\r\n"));
  EXPECT_EQ(Read(RequestReading(), post("Expect: 100-continue\r\n")).notes().expectations_ignored, 1U);
  expect_refused(Code::expectation_failed, "H1-13",
                 {
                     {"other", post("Expect: 200-ok\r\n")},
                     {"empty", post("Expect:\r\n")},
                     {"prefix", post("Expect: 100-continue-x\r\n")},
                     {"parameter", post("Expect: 100-continue;q=1\r\n")},
                     {"list", post("Expect: 100-continue, 100-continue\r\n")},
                     {"twice", post("Expect: 100-continue\r\nExpect: 100-continue\r\n")},
                     {"space inside", post("Expect: 100 continue\r\n")},
                 });
}

TEST(H1_14, HopByHopFieldsEndHere) {
  EXPECT_EQ(fields_of(get("Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n"
                          "TE: trailers\r\nProxy-Authorization: Basic x\r\nProxy-Authenticate: x\r\nA: 1\r\n")),
            "A: 1");
  EXPECT_TRUE(Read(RequestReading(), get("TE: gzip;q=0.5, Trailers\r\n")).head().accepts_trailers);
  EXPECT_FALSE(Read(RequestReading(), get("TE: gzip\r\n")).head().accepts_trailers);
  EXPECT_EQ(fields_of(post("Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n")), "Trailer: X-Sum");
  EXPECT_EQ(fields_of(post("Content-Length: 3\r\nTrailer: X-Sum\r\n")), "");
}

TEST(H1_14, FieldsThatConnectionNamesAreRemovedBeforeOurs) {
  EXPECT_EQ(fields_of(get("A: 1\r\nConnection: a, close\r\nB: 2\r\na: 3\r\n")), "B: 2");
  EXPECT_EQ(fields_of(get("Connection: B\r\nA: 1\r\nB: 2\r\nConnection: ,,C,\r\nC: 3\r\nD: 4\r\n")), "A: 1|D: 4");
  EXPECT_EQ(fields_of(post("Connection: Trailer\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\n")), "");
  expect_refused(Code::bad_request, "H1-14",
                 {{"no token", get("Connection: a b\r\n")}, {"quoted", get("Connection: \"close\"\r\n")}});
  std::string names;
  for (int i = 0; i < 33; ++i) names += text::cat("x", i, ",");
  expect_refused(Code::header_too_large, "H1-14", {{"33 names", get("Connection: " + names + "\r\n")}});
}

TEST(H1_14, ManagedFieldsCannotBeNamedInConnection) {
  for (const std::string name :
       {"Host", "Content-Length", "Authorization", "Cookie", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto",
        "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-New",
        "X-Real-IP", "X-Request-Id", "X_Forwarded_For", "Transfer-Encoding"}) {
    std::string lower = name;
    std::string upper = name;
    std::string mixed = name;
    for (std::size_t at = 0; at < name.size(); ++at) {
      lower[at] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[at])));
      upper[at] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[at])));
      mixed[at] = at % 2 == 0 ? lower[at] : upper[at];
    }
    for (const std::string& spelling : {name, lower, upper, mixed}) {
      SCOPED_TRACE(spelling);
      const Read read(RequestReading(), post(text::cat("Content-Length: 5\r\nAuthorization: x\r\nCookie: y\r\n",
                                                       "Forwarded: z\r\nX-Real-IP: i\r\nX-Forwarded-For: f\r\n",
                                                       "Connection: close, ", spelling, "\r\n")));
      ASSERT_TRUE(read.accepted()) << read.verdict();
      EXPECT_EQ(read.notes().protected_options, 1U);
      EXPECT_EQ(read.head().fields.size(), 5U);
      EXPECT_EQ(read.head().framing.length, 5U);
      EXPECT_EQ(read.head().host, "a");
      EXPECT_FALSE(read.head().keep_alive);
    }
  }
}

TEST(H1_15, HeadsAreBounded) {
  const auto long_target = [](std::size_t line_size) {
    return text::cat("GET /", std::string(line_size - 16, 'a'), " HTTP/1.1\r\nHost: a\r\n\r\n");
  };
  expect_accepted({{"line of 8 KiB", long_target(8192)}});
  expect_refused(Code::uri_too_long, "H1-15",
                 {{"line of 8 KiB and one", long_target(8193)},
                  {"endless target", text::cat("GET /", std::string(20000, 'a'))},
                  {"endless query", text::cat("GET /?", std::string(40000, 'a'))}});
  const RequestReading short_uri{.limits = {.uri = 4}};
  expect_refused(Code::uri_too_long, "H1-15", {{"target of five", target("/1234")}}, short_uri);
  expect_accepted({{"target of four", target("/123")}}, short_uri);

  std::string hundred;
  for (int i = 0; i < 99; ++i) hundred += "a: b\r\n";  // and Host
  expect_accepted({{"100 fields", get(hundred)}});
  expect_refused(Code::header_too_large, "H1-15",
                 {{"101 fields", get(hundred + "a: b\r\n")},
                  {"101 dropped fields", get(hundred + "a_b: c\r\n")},
                  {"101 begun", text::cat("GET / HTTP/1.1\r\nHost: a\r\n", hundred, "a")}});

  const auto big = [](std::size_t size) {
    return get(text::cat("a: ", std::string(size - get("a: \r\n").size(), 'b'), "\r\n"));
  };
  ASSERT_EQ(big(32768).size(), 32768U);
  expect_accepted({{"32 KiB", big(32768)}});
  expect_refused(Code::header_too_large, "H1-15",
                 {{"32 KiB and one", big(32769)},
                  {"endless value", "GET / HTTP/1.1\r\nHost: a\r\nb: " + std::string(40000, 'c')},
                  {"endless name", "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(40000, 'c')}});
}

TEST(H1_15, AHeadThatExhaustsTheArenaIsRefused) {
  Arena small(64);
  RequestHead head(small);
  Notes notes;
  const std::string bytes = target("/" + std::string(4000, 'a'));
  const auto size = parse_request_head(bytes, Limits(), Conduct(), small, head, notes);
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, Code::header_too_large);
}

TEST(H1_17, AHeadEndsBeforeWhatIsPipelinedBehindIt) {
  const std::string first = post("Content-Length: 5\r\n");
  const Read read(RequestReading(), first + "GET /admin HTTP/1.1\r\n\n\0"s);
  ASSERT_TRUE(read.accepted());
  EXPECT_EQ(read.size(), first.size());
  const Read after_empty_line(RequestReading(), "\r\n" + first + "hello");
  EXPECT_EQ(after_empty_line.size(), first.size() + 2);
}

TEST(H1_17, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](std::string_view version, std::string_view fields) {
    return Read(RequestReading(), text::cat("GET / ", version, "\r\nHost: a\r\n", fields, "\r\n")).head().keep_alive;
  };
  EXPECT_TRUE(keeps("HTTP/1.1", ""));
  EXPECT_FALSE(keeps("HTTP/1.1", "Connection: Close\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1", "Connection: keep-alive, close\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0", ""));
  EXPECT_TRUE(keeps("HTTP/1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0", "Connection: keep-alive\r\nConnection: close\r\n"));
}

TEST(H1_20, PathsAreCanonicalOrRefused) {
  const auto path_of = [](std::string_view path) {
    const Read read(RequestReading(), target(path));
    return read.accepted() ? std::string(read.head().path) : read.verdict();
  };
  EXPECT_EQ(path_of("/a/./b/../c"), "/a/c");
  EXPECT_EQ(path_of("/%61%2d?%61"), "/a-");
  EXPECT_EQ(path_of("/a//b"), "/a/b");
  EXPECT_EQ(Read(RequestReading(), target("/%61?%61%2F/../")).head().query, "%61%2F/../");
  EXPECT_EQ(Read(RequestReading(), target("/%61?b")).head().raw_target, "/%61?b");
  EXPECT_EQ(Read(RequestReading{.conduct = {.path = {.merge_slashes = false}}}, target("/a//b")).head().path, "/a//b");
  EXPECT_EQ(Read(RequestReading{.conduct = {.path = {.keep_encoded_slash = true}}}, target("/a%2fb")).head().path,
            "/a%2Fb");
  expect_refused(Code::bad_path, "H1-20",
                 {
                     {"encoded NUL", target("/a%00")},
                     {"bad triplet", target("/a%zz")},
                     {"half a triplet", target("/a%2")},
                     {"backslash", target("/a\\b")},
                     {"encoded backslash", target("/a%5Cb")},
                     {"encoded slash", target("/a%2Fb")},
                     {"parameters on dots", target("/a/..;/b")},
                     {"above the root", target("/../a")},
                     {"encoded above the root", target("/%2e%2e/a")},
                 });
}

}  // namespace
}  // namespace sallyport::http::h1
