// SPDX-License-Identifier: Apache-2.0
#include "http/text_response.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/loop_test.hpp"

namespace sallyport::http {
namespace {

// Gives its pieces one by one, and counts how often it was asked.
class Pieces final : public TextSource {
 public:
  Pieces(std::vector<std::string> pieces, int& asked) : pieces_(std::move(pieces)), asked_(asked) {}

  bool append_to(std::string& out) override {
    out += pieces_[static_cast<std::size_t>(asked_++)];
    return static_cast<std::size_t>(asked_) < pieces_.size();
  }

 private:
  std::vector<std::string> pieces_;
  int& asked_;
};

class TextResponseTest : public support::LoopTest {
 protected:
  static net::Task<void> read_one(Body& body, std::optional<std::string>& into) {
    const Result<std::string_view> piece = co_await body.read();
    EXPECT_TRUE(piece);
    into = std::string(*piece);
  }
  // One read(), whatever turns it takes.
  std::string next(Body& body) {
    std::optional<std::string> piece;
    task_ = read_one(body, piece);
    task_.start();
    EXPECT_TRUE(run_until([&] { return piece.has_value(); }));
    return *piece;
  }

  Arena arena_;
  net::Task<void> task_;
};

TEST_F(TextResponseTest, AShortTextHasItsLength) {
  const auto response = text_response(arena_, 404, "text/plain", "no\n");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->head.status, 404);
  EXPECT_EQ(response->head.framing, (Framing{.kind = Framing::Kind::length, .length = 3}));
  EXPECT_EQ(next(*response->body), "no\n");
  EXPECT_EQ(next(*response->body), "");
}

TEST_F(TextResponseTest, ALongTextComesPieceByPieceAndEmptyPiecesAreNoEnd) {
  int asked = 0;
  const auto response = text_response(arena_, loop_, 200, "application/json",
                                      std::make_unique<Pieces>(std::vector<std::string>{"a", "", "b", ""}, asked));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->head.framing.kind, Framing::Kind::chunked);
  EXPECT_EQ(next(*response->body), "a");
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(next(*response->body), "b");
  EXPECT_EQ(next(*response->body), "");
  EXPECT_EQ(next(*response->body), "");
  EXPECT_EQ(asked, 4);
}

TEST_F(TextResponseTest, NoPieceIsMadeBeforeOthersHadTheirTurn) {
  int asked = 0;
  const auto response =
      text_response(arena_, loop_, 200, "a/b", std::make_unique<Pieces>(std::vector<std::string>{"a"}, asked));
  ASSERT_TRUE(response);
  std::optional<std::string> piece;
  task_ = read_one(*response->body, piece);
  task_.start();
  EXPECT_EQ(asked, 0);
  ASSERT_TRUE(run_until([&] { return piece.has_value(); }));
  EXPECT_EQ(asked, 1);
}

TEST_F(TextResponseTest, WhoReadsMayGoWhileItWaits) {
  int asked = 0;
  auto response =
      text_response(arena_, loop_, 200, "a/b", std::make_unique<Pieces>(std::vector<std::string>{"a"}, asked));
  ASSERT_TRUE(response);
  std::optional<std::string> piece;
  task_ = read_one(*response->body, piece);
  task_.start();
  task_.reset();
  response->body.reset();
  turn();
  EXPECT_EQ(asked, 0);
}

}  // namespace
}  // namespace sallyport::http
