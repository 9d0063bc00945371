// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_protocol.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace sallyport::net {
namespace {

using Speaks = ProxyHeader::Speaks;

const std::string signature("\r\n\r\n\0\r\nQUIT\n", 12);
const std::string v4_addresses("\xc0\x00\x02\x01\xcb\x00\x71\x09\xdc\x04\x01\xbb", 12);

std::string v2(unsigned command, unsigned family, const std::string& block) {
  std::string all = signature;
  all += static_cast<char>(command);
  all += static_cast<char>(family);
  all += static_cast<char>(block.size() >> 8U);
  all += static_cast<char>(block.size() & 0xffU);
  return all + block;
}

std::string tlv(unsigned type, const std::string& value) {
  std::string all(1, static_cast<char>(type));
  all += static_cast<char>(value.size() >> 8U);
  all += static_cast<char>(value.size() & 0xffU);
  return all + value;
}

syntax::SocketAddress at(std::string_view text) { return *syntax::SocketAddress::parse(text); }

// What the bytes say, whatever comes behind them; and before they are whole there is more to come.
ProxyHeader read(const std::string& bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto part = parse_proxy_header(std::string_view(bytes).substr(0, size));
    EXPECT_TRUE(part && !*part) << size;
  }
  const auto whole = parse_proxy_header(bytes + "GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(whole && *whole);
  if (!whole || !*whole) return {};
  EXPECT_EQ((*whole)->size, bytes.size());
  return **whole;
}

bool is_refused(const std::string& bytes) {
  const auto parsed = parse_proxy_header(bytes);
  return !parsed && parsed.error().code == Code::bad_request && !parsed.error().detail.empty();
}

TEST(ProxyProtocol, Version1NamesClientAndLocalAddress) {
  const ProxyHeader v4 = read("PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\r\n");
  EXPECT_EQ(v4.speaks, Speaks::for_client);
  EXPECT_EQ(v4.client, at("192.0.2.1:56324"));
  EXPECT_EQ(v4.local, at("203.0.113.9:443"));
  const ProxyHeader v6 = read("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n");
  EXPECT_EQ(v6.client, at("[2001:db8::1]:1"));
  EXPECT_EQ(v6.local, at("[2001:db8::2]:65535"));
}

TEST(ProxyProtocol, AMappedAddressIsItsIpv4Address) {
  EXPECT_EQ(read("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n").client, at("192.0.2.1:1"));
}

TEST(ProxyProtocol, UnknownNamesNobodyWhateverFollows) {
  EXPECT_EQ(read("PROXY UNKNOWN\r\n").speaks, Speaks::for_unnamed);
  const ProxyHeader header = read("PROXY UNKNOWN 192.0.2.1 203.0.113.9 56324 443\r\n");
  EXPECT_EQ(header.speaks, Speaks::for_unnamed);
  EXPECT_EQ(header.client, syntax::SocketAddress());
}

TEST(ProxyProtocol, Version1IsRefusedWhereItIsNotExactlyThat) {
  for (const char* const line : {
           "PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\n",
           "PROXY TCP4 192.0.2.1 203.0.113.9 56324 443\rx\r\n",
           "PROXY  TCP4 192.0.2.1 203.0.113.9 56324 443\r\n",
           "PROXY TCP4  192.0.2.1 203.0.113.9 56324 443\r\n",
           "PROXY TCP4 192.0.2.1 203.0.113.9 56324 443 \r\n",
           "PROXY TCP4 192.0.2.1 203.0.113.9 56324 443 x\r\n",
           "PROXY TCP4 192.0.2.1 203.0.113.9 56324\r\n",
           "PROXY TCP4 192.0.2.1 203.0.113.9 56324 65536\r\n",
           "PROXY TCP4 192.0.2.1 203.0.113.9 056324 443\r\n",
           "PROXY TCP4 192.0.2.1 203.0.113.9 +5 443\r\n",
           "PROXY TCP4 192.0.2.01 203.0.113.9 56324 443\r\n",
           "PROXY TCP4 192.0.2 203.0.113.9 56324 443\r\n",
           "PROXY TCP4 ::1 ::1 56324 443\r\n",
           "PROXY TCP6 192.0.2.1 203.0.113.9 56324 443\r\n",
           "PROXY TCP6 fe80::1%1 ::1 56324 443\r\n",
           "PROXY tcp4 192.0.2.1 203.0.113.9 56324 443\r\n",
           "PROXY UDP4 192.0.2.1 203.0.113.9 56324 443\r\n",
           "PROXY UNKNOWNX\r\n",
           "PROXY \r\n",
           "PROXY\tTCP4 192.0.2.1 203.0.113.9 56324 443\r\n",
           "proxy TCP4 192.0.2.1 203.0.113.9 56324 443\r\n",
       }) {
    EXPECT_TRUE(is_refused(line)) << line;
  }
}

TEST(ProxyProtocol, Version1EndsWithin107Bytes) {
  const std::string start = "PROXY UNKNOWN ";
  EXPECT_EQ(read(start + std::string(105 - start.size(), 'x') + "\r\n").size, 107U);
  EXPECT_TRUE(is_refused(start + std::string(106 - start.size(), 'x') + "\r\n"));
  EXPECT_TRUE(is_refused(start + std::string(93, 'x'))) << "before its end has come";
}

TEST(ProxyProtocol, Version2NamesClientAndLocalAddress) {
  const ProxyHeader v4 = read(v2(0x21, 0x11, v4_addresses));
  EXPECT_EQ(v4.speaks, Speaks::for_client);
  EXPECT_EQ(v4.client, at("192.0.2.1:56324"));
  EXPECT_EQ(v4.local, at("203.0.113.9:443"));
  EXPECT_FALSE(v4.is_secure);
  const std::string v6_addresses(
      "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\0\x01\0\x50", 36);
  const ProxyHeader v6 = read(v2(0x21, 0x21, v6_addresses));
  EXPECT_EQ(v6.client, at("[2001:db8::1]:1"));
  EXPECT_EQ(v6.local, at("[2001:db8::2]:80"));
}

TEST(ProxyProtocol, LocalIsTheBalancerItselfWhateverFollows) {
  EXPECT_EQ(read(v2(0x20, 0x00, "")).speaks, Speaks::for_itself);
  EXPECT_EQ(read(v2(0x20, 0x11, v4_addresses)).speaks, Speaks::for_itself);
  EXPECT_EQ(read(v2(0x20, 0xff, "junk")).speaks, Speaks::for_itself);
}

TEST(ProxyProtocol, AClientWithoutAnAddressOfOursIsNotNamed) {
  EXPECT_EQ(read(v2(0x21, 0x00, "")).speaks, Speaks::for_unnamed);
  EXPECT_EQ(read(v2(0x21, 0x00, "to be skipped")).speaks, Speaks::for_unnamed);
  EXPECT_EQ(read(v2(0x21, 0x31, std::string(216, 'u'))).speaks, Speaks::for_unnamed);
  EXPECT_EQ(read(v2(0x21, 0x12, v4_addresses)).speaks, Speaks::for_unnamed) << "datagrams";
}

TEST(ProxyProtocol, Version2IsRefusedWhereItIsNotExactlyThat) {
  const std::vector<std::pair<const char*, std::string>> wrong = {
      {"version 1", v2(0x11, 0x11, v4_addresses)},
      {"version 3", v2(0x31, 0x11, v4_addresses)},
      {"a command that is none", v2(0x22, 0x11, v4_addresses)},
      {"a family that is none", v2(0x21, 0x41, v4_addresses)},
      {"a transport that is none", v2(0x21, 0x13, v4_addresses)},
      {"a family without a transport", v2(0x21, 0x10, v4_addresses)},
      {"a transport without a family", v2(0x21, 0x01, v4_addresses)},
      {"addresses cut off", v2(0x21, 0x11, v4_addresses.substr(0, 11))},
      {"IPv6 addresses cut off", v2(0x21, 0x21, std::string(35, 'x'))},
      {"a Unix path cut off", v2(0x21, 0x31, std::string(215, 'x'))},
      {"a TLV of two bytes", v2(0x21, 0x11, v4_addresses + "\x04" + std::string(1, '\0'))},
      {"a TLV longer than the header", v2(0x21, 0x11, v4_addresses + tlv(0x04, "abcd").substr(0, 6))},
      {"a TLV about TLS that says nothing", v2(0x21, 0x11, v4_addresses + tlv(0x20, "abcd"))},
      {"too long", v2(0x21, 0x11, v4_addresses + std::string(longest_proxy_header, 'x'))},
  };
  for (const auto& [what, bytes] : wrong) EXPECT_TRUE(is_refused(bytes)) << what;
  EXPECT_TRUE(is_refused(signature + "\x31")) << "at the byte that says so";
  EXPECT_TRUE(is_refused(v2(0x21, 0x11, std::string(longest_proxy_header, 'x')).substr(0, 16)))
      << "before all of it has come";
}

TEST(ProxyProtocol, TlvsAreSkippedAndAChecksumIsChecked) {
  EXPECT_EQ(read(v2(0x21, 0x11, v4_addresses + tlv(0x04, "") + tlv(0xea, std::string(300, 'x')))).client,
            at("192.0.2.1:56324"));
  const std::string good = tlv(0x03, std::string("\xc9\xfb\x02\x00", 4));
  EXPECT_EQ(read(v2(0x21, 0x11, v4_addresses + good)).speaks, Speaks::for_client);
  EXPECT_TRUE(is_refused(v2(0x21, 0x11, v4_addresses + tlv(0x03, "\x01\x02\x03\x04"))));
  EXPECT_TRUE(is_refused(v2(0x21, 0x11, v4_addresses + good + good)));
  EXPECT_TRUE(is_refused(v2(0x21, 0x11, v4_addresses + tlv(0x03, "CRC"))));
}

TEST(ProxyProtocol, TellsThatTheClientSpokeTls) {
  const std::string verified(4, '\0');
  EXPECT_TRUE(read(v2(0x21, 0x11, v4_addresses + tlv(0x20, "\x01" + verified))).is_secure);
  EXPECT_FALSE(read(v2(0x21, 0x11, v4_addresses + tlv(0x20, "\x06" + verified))).is_secure);
}

TEST(ProxyProtocol, WhatIsNoHeaderIsRefusedAtItsFirstByte) {
  EXPECT_TRUE(is_refused("G"));
  EXPECT_TRUE(is_refused("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_TRUE(is_refused("\x16\x03\x01"));
  EXPECT_TRUE(is_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  EXPECT_TRUE(is_refused("\r\n\r\nX"));
}

// What we write is what we would read.
TEST(ProxyProtocol, WritesBothVersions) {
  const std::vector<std::pair<syntax::SocketAddress, syntax::SocketAddress>> pairs = {
      {at("192.0.2.1:56324"), at("203.0.113.9:443")},
      {at("[2001:db8::1]:1"), at("[2001:db8::2]:65535")},
      {at("192.0.2.1:1"), at("[2001:db8::2]:2")},
      {at("[2001:db8:1111:2222:3333:4444:5555:6666]:65535"), at("[2001:db8:1111:2222:3333:4444:5555:7777]:65535")},
  };
  for (const auto& [client, local] : pairs) {
    ProxyHeaderRoom room;
    const ProxyTeller teller{.speaks = Speaks::for_client, .client = client, .local = local, .authority = "shop.test"};
    for (const auto write : {write_proxy_v1, write_proxy_v2}) {
      const ProxyHeader header = read(std::string(write(room, teller)));
      EXPECT_EQ(header.client, client);
      EXPECT_EQ(header.local, local);
    }
  }
}

TEST(ProxyProtocol, Version2TellsTheNameThatTheClientCalled) {
  ProxyHeaderRoom room;
  ProxyTeller teller{.speaks = Speaks::for_client, .client = at("192.0.2.1:56324"), .local = at("203.0.113.9:443")};
  teller.authority = "shop.test";
  EXPECT_EQ(write_proxy_v2(room, teller), v2(0x21, 0x11, v4_addresses + tlv(0x02, "shop.test")));
  const std::string longest(255, 'a');
  teller.authority = longest;
  EXPECT_EQ(write_proxy_v2(room, teller), v2(0x21, 0x11, v4_addresses + tlv(0x02, longest)));
  const std::string longer(256, 'a');
  teller.authority = longer;
  EXPECT_EQ(write_proxy_v2(room, teller), v2(0x21, 0x11, v4_addresses));
}

TEST(ProxyProtocol, WritesThatNobodyIsNamed) {
  ProxyHeaderRoom room;
  ProxyTeller teller;
  EXPECT_EQ(write_proxy_v1(room, teller), "PROXY UNKNOWN\r\n");
  EXPECT_EQ(write_proxy_v2(room, teller), v2(0x20, 0x00, ""));
  teller.speaks = Speaks::for_unnamed;
  EXPECT_EQ(write_proxy_v1(room, teller), "PROXY UNKNOWN\r\n");
  EXPECT_EQ(write_proxy_v2(room, teller), v2(0x21, 0x00, ""));
}

}  // namespace
}  // namespace sallyport::net
