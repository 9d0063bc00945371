// SPDX-License-Identifier: Apache-2.0
// Where a body ends that comes by TLS: the connection's end is one only with the peer's word for it (RFC 8446 6.1).
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "http/h1/body_reader.hpp"
#include "support/tls_test.hpp"
#include "unit/http/h1/response_faults.hpp"

namespace sallyport::http::h1 {
namespace {

using Kind = Framing::Kind;

class TlsBodyTest : public support::TlsTest {
 protected:
  static net::Task<void> read_whole(BodyReader& reader, std::string& text, std::optional<Result<void>>& end) {
    while (!end) {
      const Result<std::string_view> piece = co_await reader.read();
      if (!piece) {
        end = Failure(piece.error());
      } else if (piece->empty()) {
        end.emplace();
      } else {
        text += *piece;
      }
    }
  }

  // How a body of "text" ends; nothing: well.
  std::optional<Code> end_of(Framing framing, bool rudely) {
    serve("", {});
    const std::unique_ptr<net::Socket> socket = accept_from({});
    socket->set_owner(nullptr);
    net::Ledger ledger(512 * 1024);
    Inbox inbox(loop_.buffers(), ledger);
    Arena arena;
    Notes notes;
    const Limits limits;
    const Pace pace{.grace = net::Duration(20'000), .bytes_per_second = 0};
    BodyReader reader(*socket, inbox, framing, pace, response_faults, limits, arena, notes);
    std::string text;
    std::optional<Result<void>> end;
    net::Task<void> task = read_whole(reader, text, end);
    task.start();
    client_->send("text");
    rudely ? client_->finish_rudely() : client_->finish();
    run_until([&] { return task.done(); });
    EXPECT_EQ(text, "text");
    if (*end) return std::nullopt;
    return end->error().code;
  }
};

TEST_F(TlsBodyTest, TheEndOfTheConnectionEndsItWithThePeersWord) {
  EXPECT_EQ(end_of({.kind = Kind::close}, false), std::nullopt);
  EXPECT_EQ(end_of({.kind = Kind::close}, true), Code::upstream_truncated);
}

TEST_F(TlsBodyTest, ALengthNeedsNoWord) {
  EXPECT_EQ(end_of({.kind = Kind::length, .length = 4}, true), std::nullopt);
  EXPECT_EQ(end_of({.kind = Kind::length, .length = 5}, false), Code::upstream_truncated);
}

}  // namespace
}  // namespace sallyport::http::h1
