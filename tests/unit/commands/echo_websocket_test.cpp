// SPDX-License-Identifier: Apache-2.0
#include "commands/echo_websocket.hpp"

#include "http/socket_stream.hpp"
#include "unit/commands/echo_test.hpp"

namespace sallyport::commands {
namespace {

constexpr std::string_view upgrade =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

enum Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// A frame as a client (masked) or a server sends it; FIN is set.
std::string frame(Opcode opcode, std::string_view payload, bool masked, std::uint8_t fin = 0x80) {
  std::string wire(1, static_cast<char>(fin | opcode));
  const std::uint8_t mask_bit = masked ? 0x80 : 0;
  const std::size_t size = payload.size();
  const int length_bytes = size < 126 ? 0 : size <= 0xffff ? 2 : 8;
  wire += static_cast<char>(mask_bit | (length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127));
  for (int i = length_bytes - 1; i >= 0; --i) wire += static_cast<char>(size >> (8 * i) & 0xff);
  const std::string_view key = masked ? "\x12\x34\x56\x78" : std::string_view("\0\0\0\0", 4);
  if (masked) wire += key;
  for (std::size_t i = 0; i < size; ++i) wire += static_cast<char>(payload[i] ^ key[i % 4]);
  return wire;
}
std::string from_client(Opcode opcode, std::string_view payload) { return frame(opcode, payload, true); }
std::string from_server(Opcode opcode, std::string_view payload) { return frame(opcode, payload, false); }

class EchoWebSocketTest : public EchoTest {
 protected:
  void open(std::string_view early = {}) {
    peer_ = connect();
    peer_->send(std::string(upgrade).append(early));
    ASSERT_TRUE(run_until([&] { return peer_->text().find("\r\n\r\n") != std::string::npos; }));
    const std::string head = peer_->text().substr(0, peer_->text().find("\r\n\r\n") + 4);
    ASSERT_TRUE(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << head;
    // The example of RFC 6455 1.3.
    EXPECT_NE(head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos) << head;
    head_size_ = head.size();
  }
  std::string got() const { return peer_->text().substr(head_size_); }
  bool gets(std::string_view expected) {
    return run_until([&] { return got().size() >= expected.size() || peer_->over(); }) && got() == expected;
  }

  std::unique_ptr<support::Peer> peer_;
  std::size_t head_size_ = 0;
};

TEST_F(EchoWebSocketTest, DataComesBackAsItCame) {
  open();
  peer_->send(from_client(text, "hello"));
  EXPECT_TRUE(gets(from_server(text, "hello")));
}

TEST_F(EchoWebSocketTest, EveryLengthComesBack) {
  for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 127UL, 65535UL, 65536UL}) {
    open();
    const std::string payload(size, 'x');
    peer_->send(from_client(binary, payload));
    EXPECT_TRUE(gets(from_server(binary, payload))) << size;
  }
}

TEST_F(EchoWebSocketTest, AFrameMayComeByteByByteAndSeveralAtOnce) {
  open();
  for (const char byte : from_client(text, std::string(200, 'a'))) {
    peer_->send(std::string_view(&byte, 1));
    turn(2);
  }
  const std::string first = from_server(text, std::string(200, 'a'));
  EXPECT_TRUE(gets(first));
  peer_->send(from_client(text, "b") + from_client(text, "c"));
  EXPECT_TRUE(gets(first + from_server(text, "b") + from_server(text, "c")));
}

TEST_F(EchoWebSocketTest, WhatCameWithTheRequestIsNotLost) {
  open(from_client(text, "early"));
  EXPECT_TRUE(gets(from_server(text, "early")));
}

TEST_F(EchoWebSocketTest, FragmentsComeBackAsFragments) {
  open();
  peer_->send(frame(text, "a", true, 0) + from_client(continuation, "b"));
  EXPECT_TRUE(gets(frame(text, "a", false, 0) + from_server(continuation, "b")));
}

TEST_F(EchoWebSocketTest, APingIsAnsweredAndAPongIsNot) {
  open();
  peer_->send(from_client(pong, "unasked") + from_client(ping, "p"));
  EXPECT_TRUE(gets(from_server(pong, "p")));
}

TEST_F(EchoWebSocketTest, ACloseIsAnsweredAndIsTheEnd) {
  open();
  peer_->send(from_client(close, "\x03\xe8"));
  ASSERT_TRUE(run_until([&] { return peer_->over(); }));
  EXPECT_EQ(got(), from_server(close, "\x03\xe8"));
}

TEST_F(EchoWebSocketTest, AFrameWithoutMaskIsTheEnd) {
  open();
  peer_->send(frame(text, "hello", false));
  ASSERT_TRUE(run_until([&] { return peer_->over(); }));
  EXPECT_EQ(got(), "");
}

TEST_F(EchoWebSocketTest, AFrameThatIsTooLongIsTheEndBeforeItCame) {
  for (const std::string_view length :
       {std::string_view("\0\0\0\0\0\1\0\1", 8), std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff", 8)}) {
    open();
    peer_->send(std::string("\x82\xff").append(length).append("mask"));
    ASSERT_TRUE(run_until([&] { return peer_->over(); }));
    EXPECT_EQ(got(), "");
  }
}

TEST_F(EchoWebSocketTest, ARequestThatIsNoWebSocketIsTold) { EXPECT_TRUE(ask("/ws").starts_with("HTTP/1.1 400")); }

// Counted like those of any tunnel: what came with the request, and the close.
TEST_F(EchoWebSocketTest, CountsEveryByte) {
  support::Pair pair = support::tcp_pair();
  net::Socket socket(loop_, std::move(pair.one), nullptr);
  support::Peer peer(loop_, std::move(pair.other));
  EchoWebSocket echo(loop_);
  http::TunnelTotals totals;
  const std::string early = from_client(text, "early");
  const std::string late = from_client(close, "");
  http::SocketStream client(socket, ledger_, early);
  auto task = echo.run(client, totals);
  task.start();
  peer.send(late);
  ASSERT_TRUE(run_until([&] { return task.done(); }));
  EXPECT_EQ(totals.from_client, early.size() + late.size());
  EXPECT_EQ(totals.to_client, from_server(text, "early").size() + from_server(close, "").size());
}

}  // namespace
}  // namespace sallyport::commands
