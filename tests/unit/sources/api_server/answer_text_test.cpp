// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/answer_text.hpp"

#include <gtest/gtest.h>

#include "support/memory_search.hpp"

namespace sallyport::sources::api_server {
namespace {

// One that is in no literal, and so long that it is found nowhere else.
std::string password(char first) {
  std::string made;
  for (int at = 0; at < 64; ++at) made += static_cast<char>(first + at % 7);
  return made;
}

TEST(AnswerText, IsWhatCame) {
  for (const bool is_secret : {false, true}) {
    AnswerText text(is_secret);
    std::string all;
    for (int piece = 0; piece < 100; ++piece) {
      const std::string one(static_cast<std::size_t>(piece * 37), static_cast<char>('a' + piece % 26));
      text.add(one);
      all += one;
    }
    EXPECT_EQ(text.size(), all.size());
    EXPECT_EQ(text.take(), all);
  }
}

TEST(AnswerText, LeavesNothingOfASecretBehindAsItGrows) {
  const std::string wanted = password('B');
  AnswerText text(true);
  text.add(wanted);
  for (int piece = 0; piece < 64; ++piece) text.add(std::string(4'000, 'x'));
  EXPECT_EQ(support::times_in_memory(wanted), 2);
  std::string taken = text.take();
  EXPECT_EQ(support::times_in_memory(wanted), 2) << "it was handed over";
  ::explicit_bzero(taken.data(), taken.size());
  EXPECT_EQ(support::times_in_memory(wanted), 1);
}

TEST(AnswerText, LeavesNothingOfASecretBehindWhenItBreaksOff) {
  const std::string wanted = password('K');
  {
    AnswerText text(true);
    text.add(wanted);
  }
  EXPECT_EQ(support::times_in_memory(wanted), 1);
}

}  // namespace
}  // namespace sallyport::sources::api_server
