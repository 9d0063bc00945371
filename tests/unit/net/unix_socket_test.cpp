// SPDX-License-Identifier: Apache-2.0
#include "net/unix_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "net/acceptor.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

namespace fs = std::filesystem;

class UnixSocketTest : public support::LoopTest {
 protected:
  UnixSocketTest() {
    std::string name = (fs::temp_directory_path() / "sallyport-unix-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    path_ = directory_ + "/admin.sock";
  }
  ~UnixSocketTest() override { fs::remove_all(directory_); }

  bool connects() const {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  // As a process leaves it that was killed.
  void leave_a_stale_one() const {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  std::string refusal() const {
    const auto socket = UnixSocket::listen(path_);
    EXPECT_FALSE(socket);
    return socket ? "" : socket.error().detail;
  }

  std::string directory_;
  std::string path_;
};

TEST_F(UnixSocketTest, OfSeveralThatFindOneLeftBehindOneTakesItsPlace) {
  for (int round = 0; round < 200; ++round) {
    leave_a_stale_one();
    std::array<std::optional<UnixSocket>, 3> sockets;
    {
      std::vector<std::jthread> threads;
      for (std::optional<UnixSocket>& one : sockets) {
        threads.emplace_back([this, &one] {
          if (auto listening = UnixSocket::listen(path_)) one.emplace(std::move(*listening));
        });
      }
    }
    ASSERT_EQ(std::ranges::count_if(sockets, [](const auto& one) { return one.has_value(); }), 1);
    ASSERT_TRUE(connects());
  }
}

TEST_F(UnixSocketTest, IsForItsOwnerAlone) {
  const mode_t former = ::umask(0);
  const auto socket = UnixSocket::listen(path_);
  ::umask(former);
  ASSERT_TRUE(socket) << socket.error().detail;
  struct stat found{};
  ASSERT_EQ(::lstat(path_.c_str(), &found), 0);
  EXPECT_TRUE(S_ISSOCK(found.st_mode));
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  EXPECT_TRUE(connects());
}

TEST_F(UnixSocketTest, TheFileGoesWithIt) {
  {
    ASSERT_TRUE(UnixSocket::listen(path_));
  }
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(UnixSocketTest, AFileThatTookItsPlaceStays) {
  {
    const auto socket = UnixSocket::listen(path_);
    ASSERT_TRUE(socket);
    fs::remove(path_);
    leave_a_stale_one();
  }
  EXPECT_TRUE(fs::exists(path_));
}

TEST_F(UnixSocketTest, AStaleOneIsReplaced) {
  leave_a_stale_one();
  ASSERT_FALSE(connects());
  const auto socket = UnixSocket::listen(path_);
  ASSERT_TRUE(socket) << socket.error().detail;
  EXPECT_TRUE(connects());
}

TEST_F(UnixSocketTest, OneThatSomebodyAnswersOnIsLeftAlone) {
  const auto socket = UnixSocket::listen(path_);
  ASSERT_TRUE(socket);
  EXPECT_NE(refusal().find("another process listens on it"), std::string::npos);
  EXPECT_TRUE(connects());
}

TEST_F(UnixSocketTest, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(path_) << "precious";
  EXPECT_NE(refusal().find("no socket"), std::string::npos);
  EXPECT_EQ(fs::file_size(path_), 8U);
}

TEST_F(UnixSocketTest, APathThatCannotBeIsNamed) {
  path_ = directory_ + "/none/admin.sock";
  EXPECT_NE(refusal().find(path_), std::string::npos);
  path_ = directory_ + "/" + std::string(200, 'a');
  EXPECT_NE(refusal().find("1 to 107 bytes"), std::string::npos);
  path_ = "";
  EXPECT_NE(refusal().find("1 to 107 bytes"), std::string::npos);
}

TEST_F(UnixSocketTest, AnAcceptorTakesItsPeers) {
  auto socket = UnixSocket::listen(path_);
  ASSERT_TRUE(socket);
  std::optional<syntax::SocketAddress> peer;
  const Acceptor acceptor(loop_, socket->take(), [&](Fd, const syntax::SocketAddress& from) { peer = from; });
  ASSERT_TRUE(connects());
  ASSERT_TRUE(run_until([&] { return peer.has_value(); }));
  EXPECT_EQ(*peer, syntax::SocketAddress());
}

}  // namespace
}  // namespace sallyport::net
