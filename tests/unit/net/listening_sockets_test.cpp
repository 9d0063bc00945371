// SPDX-License-Identifier: Apache-2.0
#include "net/listening_sockets.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>

#include "base/text.hpp"
#include "net/socket_address.hpp"
#include "support/descriptors.hpp"

namespace sallyport::net {
namespace {

syntax::SocketAddress address(std::string_view text) { return *syntax::SocketAddress::parse(text); }

syntax::SocketAddress address_of(const Fd& fd) {
  KernelAddress kernel;
  EXPECT_EQ(::getsockname(fd.get(), kernel.get(), &kernel.size), 0);
  return *from_kernel(kernel);
}

TEST(ListeningSockets, PortZeroGivesOnePortForAllSlots) {
  const auto sockets = open_listening_sockets(address("127.0.0.1:0"), 4);
  ASSERT_TRUE(sockets);
  ASSERT_EQ(sockets->by_slot.size(), 4U);
  EXPECT_NE(sockets->bound.port, 0);
  for (const Fd& fd : sockets->by_slot) EXPECT_EQ(address_of(fd), sockets->bound);
}

TEST(ListeningSockets, AreReallyListenedOn) {
  const auto sockets = open_listening_sockets(address("127.0.0.1:0"), 1);
  ASSERT_TRUE(sockets);
  const Fd client = support::connect_to(sockets->bound);
  EXPECT_TRUE(client);
}

TEST(ListeningSockets, APortThatIsTakenIsNamedWithWhatHelps) {
  const support::Listener taken = support::tcp_listener(1);
  const auto sockets = open_listening_sockets(taken.address, 2);
  ASSERT_FALSE(sockets);
  const std::string& detail = sockets.error().detail;
  EXPECT_NE(detail.find(text::cat("cannot listen on ", taken.address.text())), detail.npos) << detail;
  EXPECT_NE(detail.find(text::cat("ss -ltnp 'sport = :", taken.address.port, "'")), detail.npos) << detail;
}

TEST(ListeningSockets, APortThatAnotherSharesIsTakenToo) {
  const auto first = open_listening_sockets(address("127.0.0.1:0"), 1);  // with SO_REUSEPORT, like a second gateway
  ASSERT_TRUE(first);
  EXPECT_FALSE(open_listening_sockets(first->bound, 1));
}

TEST(ListeningSockets, ThePortIsFreeAgainWhenTheyAreClosed) {
  syntax::SocketAddress bound;
  {
    const auto first = open_listening_sockets(address("127.0.0.1:0"), 2);
    ASSERT_TRUE(first);
    bound = first->bound;
  }
  EXPECT_TRUE(open_listening_sockets(bound, 2));
}

// A port that is free in IPv6 may be somebody's in IPv4, as of a connection of another program: then the next one.
TEST(ListeningSockets, AllAddressesOfBothFamiliesShareAPort) {
  std::string why;
  for (int tries = 0; tries < 10; ++tries) {
    const auto v6 = open_listening_sockets(address("[::]:0"), 2);
    ASSERT_TRUE(v6) << v6.error().detail;
    EXPECT_FALSE(v6->bound.ip.is_v4());
    syntax::SocketAddress same_port = address("0.0.0.0:0");
    same_port.port = v6->bound.port;
    const auto v4 = open_listening_sockets(same_port, 2);
    if (v4) {
      EXPECT_EQ(v4->bound.port, v6->bound.port);
      return;
    }
    why = v4.error().detail;
  }
  FAIL() << why;
}

TEST(ListeningSockets, AnAddressOfAnotherMachineIsSaidToBeOne) {
  const auto sockets = open_listening_sockets(address("192.0.2.1:0"), 1);
  ASSERT_FALSE(sockets);
  EXPECT_NE(sockets.error().detail.find("no such address"), std::string::npos) << sockets.error().detail;
}

TEST(SocketAddress, GoesToTheKernelAndBack) {
  for (const std::string_view text : {"127.0.0.1:80", "[2001:db8::1]:65535", "[::]:0", "0.0.0.0:1"}) {
    const KernelAddress kernel = to_kernel(address(text));
    EXPECT_EQ(from_kernel(kernel)->text(), text);
  }
  KernelAddress local;
  local.storage.ss_family = AF_UNIX;
  EXPECT_FALSE(from_kernel(local));
}

}  // namespace
}  // namespace sallyport::net
