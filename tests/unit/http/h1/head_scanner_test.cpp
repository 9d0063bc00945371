// SPDX-License-Identifier: Apache-2.0
// That verdicts are the same however a head is cut is shown with every head of the other tests (heads.hpp); here is
// when the scanner asks for a look, and that it does so rarely.

#include "http/h1/head_scanner.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace sallyport::http::h1 {
namespace {

// The sizes at which parsing is worth while when the bytes come one at a time.
std::vector<std::size_t> looks(std::string_view bytes, HeadScanner scanner) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    if (scanner.worth_parsing(bytes.substr(0, size))) sizes.push_back(size);
  }
  return sizes;
}

using Sizes = std::vector<std::size_t>;

TEST(HeadScanner, LooksAtTheFirstLineAndAtTheEnd) {
  EXPECT_EQ(looks("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n", HeadScanner::for_head(Limits())), (Sizes{16, 33}));
  EXPECT_EQ(looks("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", HeadScanner::for_head(Limits())), (Sizes{2, 18, 29}));
}

TEST(HeadScanner, SeesErrorsBeforeTheEnd) {
  const auto first_look_behind_the_line = [](std::string_view field) {
    const std::string start = "GET / HTTP/1.1\r\n";
    const Sizes sizes = looks(text::cat(start, field), HeadScanner::for_head(Limits()));
    return sizes.size() < 2 ? std::size_t{0} : sizes[1] - start.size();
  };
  EXPECT_EQ(first_look_behind_the_line("Host: a\nB: c\n"), 8U);
  EXPECT_EQ(first_look_behind_the_line("Host: a\rB: c"), 9U);
  EXPECT_EQ(first_look_behind_the_line(std::string_view("Host: \0a", 8)), 7U);
  EXPECT_EQ(first_look_behind_the_line("Host: a, b, c"), 0U);
}

TEST(HeadScanner, StopsAtTheLimits) {
  Limits limits;
  limits.request_line = 10;
  EXPECT_EQ(looks("GET /aaaaaa", HeadScanner::for_head(limits)), (Sizes{10, 11}));
  limits = Limits();
  limits.head = 20;
  EXPECT_EQ(looks("GET / HTTP/1.1\r\nA: b", HeadScanner::for_head(limits)), (Sizes{16, 20}));
  limits = Limits();
  limits.fields = 1;
  EXPECT_EQ(looks("GET / HTTP/1.1\r\nA: b\r\nC", HeadScanner::for_head(limits)), (Sizes{16, 23}));
  limits.trailer_fields = 1;
  EXPECT_EQ(looks("A: b\r\nC", HeadScanner::for_trailers(limits)), (Sizes{6, 7}));
}

}  // namespace
}  // namespace sallyport::http::h1
