// SPDX-License-Identifier: Apache-2.0
#include "support/lenient_judge.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "streams.hpp"

namespace sallyport::support::smuggling {
namespace {

// Each of these is one thing to some judge and another to some other.
const std::string disputed[] = {
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 0\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nX: y\rContent-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nX: y\nContent-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\n \r\nContent-Length: 3\r\n\r\nabc",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n",
    "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
};

bool all_agree(std::string_view bytes) {
  const Verdict first = judge_requests(bytes, judges().front());
  return std::ranges::all_of(judges(), [&](const Habits& habits) {
    const Verdict verdict = judge_requests(bytes, habits);
    return verdict.whole == first.whole && verdict.messages == first.messages;
  });
}

TEST(LenientJudges, DisagreeAboutWhatIsAmbiguous) {
  for (const std::string& bytes : disputed) EXPECT_FALSE(all_agree(bytes)) << escaped(bytes);
}

TEST(LenientJudges, AgreeAboutPlainRequests) {
  const std::string length = "POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  const std::string chunks =
      "PUT / HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\nT: u\r\n\r\n";
  const std::string bytes = length + chunks + "GET / HTTP/1.1\r\nHost: c\r\n\r\n";
  EXPECT_TRUE(all_agree(bytes));
  const Verdict verdict = judge_requests(bytes, judges().front());
  ASSERT_EQ(verdict.messages.size(), 3U);
  EXPECT_TRUE(verdict.whole);
  EXPECT_EQ(verdict.messages[0], (Seen{"POST", "/a?b", "a", "abc"}));
  EXPECT_EQ(verdict.messages[1], (Seen{"PUT", "/", "b", "0123456789"}));
  EXPECT_EQ(verdict.messages[2], (Seen{"GET", "/", "c", ""}));
}

TEST(LenientJudges, AgreeAboutPlainResponses) {
  const std::string bytes =
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nto the end";
  const std::vector<std::string> methods = {"HEAD", "GET", "GET", "GET"};
  for (const Habits& habits : judges()) {
    const Verdict verdict = judge_responses(bytes, methods, habits);
    ASSERT_EQ(verdict.messages.size(), 5U) << habits.name;
    EXPECT_TRUE(verdict.whole) << habits.name;
    EXPECT_EQ(verdict.messages[3].body, "abc") << habits.name;
    EXPECT_EQ(verdict.messages[4].body, "to the end") << habits.name;
  }
}

}  // namespace
}  // namespace sallyport::support::smuggling
