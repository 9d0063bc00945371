// SPDX-License-Identifier: Apache-2.0
// Heads of requests for the tests of the rules, and what the tests say of them. Every head is also read in pieces, cut
// at every byte.

#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "unit/http/h1/heads.hpp"

namespace sallyport::http::h1 {

struct Case {
  const char* name;
  std::string bytes;
};

inline std::string get(std::string_view fields) { return text::cat("GET / HTTP/1.1\r\nHost: a\r\n", fields, "\r\n"); }
inline std::string post(std::string_view fields) { return text::cat("POST / HTTP/1.1\r\nHost: a\r\n", fields, "\r\n"); }
inline std::string line(std::string_view first) { return text::cat(first, "\r\nHost: a\r\n\r\n"); }
inline std::string target(std::string_view text) { return line(text::cat("GET ", text, " HTTP/1.1")); }
inline std::string with_host(std::string_view host) { return text::cat("GET / HTTP/1.1\r\nHost: ", host, "\r\n\r\n"); }

inline void expect_refused(Code code, std::string_view rule, std::initializer_list<Case> cases,
                           const RequestReading& reading = {}) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const Read read(reading, one.bytes);
    ASSERT_TRUE(read.refused()) << read.verdict();
    EXPECT_EQ(read.error().code, code) << read.verdict();
    EXPECT_EQ(read.error().rule, rule) << read.verdict();
    EXPECT_FALSE(read.error().detail.empty());
    EXPECT_EQ(cut_that_matters(reading, one.bytes), std::nullopt);
  }
}

inline void expect_accepted(std::initializer_list<Case> cases, const RequestReading& reading = {}) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const Read read(reading, one.bytes);
    EXPECT_TRUE(read.accepted()) << read.verdict();
    EXPECT_EQ(cut_that_matters(reading, one.bytes), std::nullopt);
  }
}

// The fields that go on, "name: value" joined by "|".
inline std::string fields_of(const std::string& bytes, const RequestReading& reading = {}) {
  const Read read(reading, bytes);
  if (!read.accepted()) return read.verdict();
  std::string all;
  for (const Field& field : read.head().fields) {
    all += text::cat(all.empty() ? "" : "|", field.name, ": ", field.value);
  }
  return all;
}

inline std::string framing_of(const std::string& bytes) {
  const Read read(RequestReading(), bytes);
  return read.accepted() ? describe(read.head().framing) : read.verdict();
}

}  // namespace sallyport::http::h1
