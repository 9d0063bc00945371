// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace sallyport {
namespace {

std::string text(std::string_view from) {
  std::string out;
  append_json_text(out, from);
  return out;
}

TEST(JsonWriter, EscapesWhatRfc8259Section7Asks) {
  EXPECT_EQ(text("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(text("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(text(std::string_view("\0\x1f", 2)), R"("\u0000\u001f")");
}

TEST(JsonWriter, KeepsUtf8) {
  EXPECT_EQ(text("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x9A\xAA"), "\"caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x9A\xAA\"");
  EXPECT_EQ(text("\x7F"), "\"\x7F\"");
}

TEST(JsonWriter, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(text("\xFF"), R"("\ufffd")");
  EXPECT_EQ(text("a\xC3"), R"("a\ufffd")");                              // cut off
  EXPECT_EQ(text("\xC0\xAF"), R"("\ufffd\ufffd")");                      // overlong '/'
  EXPECT_EQ(text("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")");            // half of a surrogate pair
  EXPECT_EQ(text("\xF4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");  // above U+10FFFF
  EXPECT_EQ(text("\xE2\x82\"x"), R"("\ufffd\"x")");                      // the quote is not swallowed
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("a", 1).member("b", "x").key("c").begin_array();
  json.value(true).value(false).null().begin_object().end_object().begin_array().end_array();
  json.end_array().member("d", std::string("y")).end_object();
  EXPECT_EQ(out, R"({"a":1,"b":"x","c":[true,false,null,{},[]],"d":"y"})");
}

TEST(JsonWriter, WritesExtremeNumbers) {
  std::string out;
  JsonWriter json(out);
  json.begin_array().value(std::numeric_limits<std::int64_t>::min()).value(std::numeric_limits<std::uint64_t>::max());
  json.end_array();
  EXPECT_EQ(out, "[-9223372036854775808,18446744073709551615]");
}

TEST(JsonWriter, IndentsWhenAsked) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_object().key("a").begin_array().value(1).value(2).end_array().key("b").begin_object().end_object();
  json.end_object();
  EXPECT_EQ(out, "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "before ";
  JsonWriter(out).begin_object().end_object();
  EXPECT_EQ(out, "before {}");
}

}  // namespace
}  // namespace sallyport
