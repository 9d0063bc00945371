// SPDX-License-Identifier: Apache-2.0

#include "http/date.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sallyport::http {
namespace {

std::string date(std::int64_t seconds) {
  const auto text = imf_date(seconds);
  return std::string(text.data(), text.size());
}

TEST(Date, IsImfFixdate) {
  EXPECT_EQ(date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");  // the example of RFC 9110 5.6.7
  EXPECT_EQ(date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(date(951827696), "Tue, 29 Feb 2000 12:34:56 GMT");
  EXPECT_EQ(date(4107542399), "Sun, 28 Feb 2100 23:59:59 GMT");
  EXPECT_EQ(date(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
}

TEST(Date, StaysInTheYearsThatHaveFourDigits) {
  EXPECT_EQ(date(-1), date(0));
  EXPECT_EQ(date(253402300799), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(date(253402300800), date(253402300799));
}

TEST(DateText, FollowsTheSecond) {
  DateText text;
  EXPECT_EQ(text.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(text.at(1), "Thu, 01 Jan 1970 00:00:01 GMT");
  const std::string_view same = text.at(1);
  EXPECT_EQ(same, text.at(1));
  EXPECT_EQ(text.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace sallyport::http
