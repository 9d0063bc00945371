// SPDX-License-Identifier: Apache-2.0
// Rules H1-5, H1-6 and H1-15 of reliability-security.md for chunked bodies. Every body is also decoded in pieces, cut
// at every byte and byte by byte.

#include "http/h1/chunked.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "unit/http/h1/heads.hpp"

namespace sallyport::http::h1 {
namespace {

struct Case {
  const char* name;
  std::string bytes;
};

class Decoding {
 public:
  explicit Decoding(const Limits& limits = {}, ChunkedDecoder::Of of = ChunkedDecoder::Of::request)
      : limits_(limits), decoder_(of, limits_, arena_, notes_) {}

  // What is not consumed is kept for the next call, as a connection would.
  void feed(std::string_view more) {
    waiting_ += more;
    for (;;) {
      const auto exact = std::make_unique<char[]>(waiting_.size());
      std::ranges::copy(waiting_, exact.get());
      if (end_ || refused()) return;
      const auto step = decoder_.step(std::string_view(exact.get(), waiting_.size()));
      if (!step) {
        error_ = describe(step.error());
        return;
      }
      data_ += step->data;
      waiting_.erase(0, step->consumed);
      end_ = step->end;
      if (step->data.empty() && !end_) {
        EXPECT_EQ(waiting_, "");
        return;
      }
    }
  }

  bool refused() const { return !error_.empty(); }
  std::string verdict() const {
    if (refused()) return error_;
    return text::cat(end_ ? "end" : "more", ": ", data_, "\n", describe(decoder_.trailers()), "left: ", waiting_);
  }
  const std::string& data() const { return data_; }
  const Notes& notes() const { return notes_; }

 private:
  Limits limits_;
  Arena arena_;
  Notes notes_;
  ChunkedDecoder decoder_;
  std::string waiting_;
  std::string data_;
  std::string error_;
  bool end_ = false;
};

// The verdict, which is the same however the bytes come.
std::string decode(std::string_view bytes, const Limits& limits = {}) {
  Decoding whole(limits);
  whole.feed(bytes);
  constexpr std::size_t many = 1500;
  const std::size_t stride = bytes.size() <= many ? 1 : bytes.size() / 50;
  for (std::size_t cut = 0; cut <= bytes.size(); cut += stride) {
    Decoding halves(limits);
    halves.feed(bytes.substr(0, cut));
    halves.feed(bytes.substr(cut));
    EXPECT_EQ(halves.verdict(), whole.verdict()) << "cut at " << cut;
  }
  Decoding trickle(limits);
  for (std::size_t at = 0; at < bytes.size(); at += stride) trickle.feed(bytes.substr(at, stride));
  EXPECT_EQ(trickle.verdict(), whole.verdict());
  return whole.verdict();
}

void expect_refused(Code code, std::string_view rule, std::initializer_list<Case> cases, const Limits& limits = {}) {
  const std::string start = text::cat("refused ", static_cast<unsigned>(code), " ", rule, " ");
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    const std::string verdict = decode(one.bytes, limits);
    EXPECT_TRUE(verdict.starts_with(start)) << verdict;
  }
}

TEST(Chunked, GivesTheDataAndLeavesTheNextMessage) {
  EXPECT_EQ(decode("5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\nGET"), "end: hello, world\nleft: GET");
  EXPECT_EQ(decode("0\r\n\r\n"), "end: \nleft: ");
  EXPECT_EQ(decode("0000\r\n\r\n"), "end: \nleft: ");
  EXPECT_EQ(decode("00a\r\n0123456789\r\n00\r\n\r\n"), "end: 0123456789\nleft: ");
  EXPECT_EQ(decode("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"), "end: 01234567890123456789\nleft: ");
  EXPECT_EQ(decode("2\r\n\r\n\r\n0\r\n\r\n"), "end: \r\n\nleft: ");
  EXPECT_EQ(decode("5\r\nhel"), "more: hel\nleft: ");
  EXPECT_EQ(decode("0000000000000001\r\na\r\n0\r\n\r\n"), "end: a\nleft: ");
}

TEST(Chunked, DataAreViewsOfTheInput) {
  Arena arena;
  Notes notes;
  const Limits limits;
  ChunkedDecoder decoder(ChunkedDecoder::Of::request, limits, arena, notes);
  const std::string_view bytes = "5\r\nhello\r\n";
  const auto step = decoder.step(bytes);
  ASSERT_TRUE(step);
  EXPECT_EQ(step->data.data(), bytes.data() + 3);
  EXPECT_EQ(step->consumed, 8U);
  EXPECT_EQ(arena.used(), 0U);
}

TEST(H1_5, ChunkSizesAreStrict) {
  expect_refused(Code::bad_request, "H1-5",
                 {
                     {"empty", "\r\n"},
                     {"no hex", "g\r\n"},
                     {"prefix", "0x5\r\nhello\r\n"},
                     {"plus", "+5\r\nhello\r\n"},
                     {"minus", "-1\r\n"},
                     {"leading space", " 5\r\nhello\r\n"},
                     {"leading tab", "\t5\r\nhello\r\n"},
                     {"trailing space", "5 \r\nhello\r\n"},
                     {"trailing tab", "5\t\r\nhello\r\n"},
                     {"underscore", "1_0\r\n"},
                     {"comma", "5,\r\nhello\r\n"},
                     {"17 digits", "00000000000000005\r\nhello\r\n"},
                     {"overflow", "10000000000000000\r\n"},
                     {"64 bits", "ffffffffffffffff\r\n"},
                     {"sign bit", "8000000000000000\r\n"},
                     {"NUL", "5\0\r\nhello\r\n"s},
                     {"vertical tab", "5\v\r\nhello\r\n"},
                     {"no-break space", "5\xa0\r\nhello\r\n"},
                     {"only an extension", ";a\r\n"},
                     {"wide digit", "\xef\xbc\x95\r\n"},
                 });
  EXPECT_EQ(decode("7fffffffffffffff\r\nab"), "more: ab\nleft: ");
}

TEST(H1_5, DataEndWithCrlf) {
  expect_refused(Code::bad_request, "H1-5",
                 {
                     {"spill", "5\r\nhello!\r\n0\r\n\r\n"},
                     {"nothing", "5\r\nhello0\r\n\r\n"},
                     {"bare CR", "5\r\nhello\r0\r\n\r\n"},
                     {"two bytes of another kind", "5\r\nhelloXX0\r\n\r\n"},
                 });
  expect_refused(Code::bad_request, "H1-6",
                 {{"bare LF", "5\r\nhello\n0\r\n\r\n"}, {"short of one", "6\r\nhello\r\n0\r\n\r\n"}});
}

TEST(H1_6, OnlyCrlfEndsAChunkLine) {
  expect_refused(Code::bad_request, "H1-6",
                 {
                     {"bare LF", "5\nhello\r\n0\r\n\r\n"},
                     {"bare LF of the last chunk", "0\n\r\n"},
                     {"bare LF at the very end", "0\r\n\n"},
                     {"bare LF after an extension", "5;a\nhello\r\n"},
                     {"bare LF in a quoted value", "5;a=\"\n\"\r\nhello\r\n"},
                     {"bare LF in a trailer", "0\r\nA: b\n\r\n"},
                     {"bare CR at the very end", "0\r\n\rX"},
                     {"NUL in a trailer", "0\r\nA: b\0\r\n\r\n"s},
                 });
  expect_refused(Code::bad_request, "H1-5",
                 {{"bare CR", "5\rhello\r\n"}, {"CR CR LF", "5\r\r\nhello\r\n"}, {"bare CR in a value", "5;a=\r\r\n"}});
}

TEST(H1_5, ExtensionsAreCheckedAndDropped) {
  EXPECT_EQ(decode("5;a\r\nhello\r\n0;b=c;d=\"e \\\" \\\\;\t\"\r\n\r\n"), "end: hello\nleft: ");
  EXPECT_EQ(decode("5;a=b;c\r\nhello\r\n0\r\n\r\n"), "end: hello\nleft: ");
  EXPECT_EQ(decode("5;a=\"\"\r\nhello\r\n0\r\n\r\n"), "end: hello\nleft: ");
  expect_refused(Code::bad_request, "H1-5",
                 {
                     {"no name", "5;\r\nhello\r\n"},
                     {"no name before another", "5;;a\r\nhello\r\n"},
                     {"no name before a value", "5;=a\r\nhello\r\n"},
                     {"no value", "5;a=\r\nhello\r\n"},
                     {"no value before another", "5;a=;b\r\nhello\r\n"},
                     {"space before", "5 ;a\r\nhello\r\n"},
                     {"space behind the semicolon", "5; a\r\nhello\r\n"},
                     {"space around equals", "5;a = b\r\nhello\r\n"},
                     {"trailing space", "5;a \r\nhello\r\n"},
                     {"second equals", "5;a=b=c\r\nhello\r\n"},
                     {"name is no token", "5;a(\r\nhello\r\n"},
                     {"value is no token", "5;a=b/c\r\nhello\r\n"},
                     {"quote is not closed", "5;a=\"b\r\nhello\r\n"},
                     {"text behind a quote", "5;a=\"b\"c\r\nhello\r\n"},
                     {"NUL in a quote", "5;a=\"\0\"\r\nhello\r\n"s},
                     {"escaped control", "5;a=\"\\\x01\"\r\nhello\r\n"},
                     {"NUL", "5;\0\r\nhello\r\n"s},
                 });
}

TEST(H1_5, ExtensionsAreBounded) {
  EXPECT_EQ(decode("5;" + std::string(254, 'a') + "\r\nhello\r\n0\r\n\r\n"), "end: hello\nleft: ");
  expect_refused(Code::bad_request, "H1-5",
                 {{"257 bytes", "5;" + std::string(256, 'a') + "\r\nhello\r\n"},
                  {"64 KiB", "5;a=" + std::string(65536, 'a') + "\r\nhello\r\n"},
                  {"of the last chunk", "0;a=\"" + std::string(300, ' ') + "\"\r\n\r\n"}});
}

TEST(H1_5, FramingIsBoundedByTheData) {
  std::string tiny;
  for (int i = 0; i < 3000; ++i) tiny += "1\r\na\r\n";
  const Limits limits{.glitches = 100'000};
  Decoding five_bytes_for_one(limits);
  five_bytes_for_one.feed(tiny);
  EXPECT_EQ(five_bytes_for_one.data(), std::string(3000, 'a'));

  std::string padded;
  for (int i = 0; i < 1200; ++i) padded += "1;aaaaaaaaaaaaaaaaaaaaaaaaa\r\na\r\n";
  Decoding thirty_bytes_for_one(limits);
  thirty_bytes_for_one.feed(padded);
  EXPECT_TRUE(thirty_bytes_for_one.verdict().starts_with("refused 0 H1-5 ")) << thirty_bytes_for_one.verdict();

  Decoding after_much_data(limits);  // which buys no more than a window
  after_much_data.feed("100000\r\n" + std::string(0x100000, 'a') + "\r\n");
  after_much_data.feed(padded + padded);
  EXPECT_TRUE(after_much_data.refused());

  Decoding few(limits);  // a window's worth is not reached
  few.feed(padded.substr(0, 8000));
  EXPECT_FALSE(few.refused());
}

TEST(H1_15, TrailersAreReadStrictly) {
  EXPECT_EQ(decode("0\r\nGrpc-Status: 0\r\nX-Sum:  abc \r\n\r\nNEXT"),
            text::cat("end: \n", static_cast<unsigned>(syntax::HeaderId::grpc_status),
                      " Grpc-Status=0\n0 X-Sum=abc\nleft: NEXT"));
  expect_refused(Code::bad_request, "H1-7",
                 {
                     {"folded", "0\r\nA: b\r\n c\r\n\r\n"},
                     {"leading space", "0\r\n A: b\r\n\r\n"},
                     {"no colon", "0\r\nA\r\n\r\n"},
                     {"a request", "0\r\nGET /admin HTTP/1.1\r\n\r\n"},
                     {"space before the colon", "0\r\nA : b\r\n\r\n"},
                     {"empty name", "0\r\n: b\r\n\r\n"},
                 });
  expect_refused(Code::bad_request, "H1-8", {{"name is no token", "0\r\nA(: b\r\n\r\n"}});
}

TEST(H1_15, TrailersAreBounded) {
  std::string most;
  for (int i = 0; i < 32; ++i) most += "a: b\r\n";
  EXPECT_TRUE(decode("0\r\n" + most + "\r\n").starts_with("end: "));
  expect_refused(Code::header_too_large, "H1-15", {{"33 fields", "0\r\n" + most + "a: b\r\n\r\n"}});

  const auto big = [](std::size_t size) { return "0\r\na: " + std::string(size - 7, 'b') + "\r\n\r\n"; };
  EXPECT_TRUE(decode(big(8192)).starts_with("end: "));
  expect_refused(Code::header_too_large, "H1-15",
                 {{"8 KiB and one", big(8193)}, {"endless", "0\r\na: " + std::string(20000, 'b')}});
}

TEST(H1_15, TrailersThatWouldChangeTheMessageAreDropped) {
  Decoding decoding;
  decoding.feed(
      "0\r\nContent-Length: 5\r\ntransfer-encoding: chunked\r\nHost: b\r\nConnection: close\r\nAuthorization: x\r\n"
      "Cookie: a\r\nSet-Cookie: a\r\nX-Forwarded-For: 1\r\nx-forwarded-other: 1\r\nX_Real_IP: 1\r\nTrailer: x\r\n"
      "Content-Type: a/b\r\nContent-Encoding: gzip\r\nExpect: 100-continue\r\nTE: trailers\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(decoding.verdict(), "end: \n0 X-Sum=1\nleft: ");
  EXPECT_EQ(decoding.notes().trailers_dropped, 15U);
}

TEST(H1_18, AResponsesChunksAreTheUpstreamsFault) {
  for (const std::string_view bytes : {"x\r\n", "5\r\nhelloX", "0\r\nA\r\n\r\n", "5;\r\n"}) {
    Decoding decoding(Limits(), ChunkedDecoder::Of::response);
    decoding.feed(bytes);
    EXPECT_TRUE(
        decoding.verdict().starts_with(text::cat("refused ", static_cast<unsigned>(Code::upstream_malformed), " ")))
        << decoding.verdict();
  }
}

TEST(Chunked, WritesWhatItReads) {
  Arena arena;
  Fields trailers(arena);
  ASSERT_TRUE(trailers.add("X-Sum", "1"));
  std::array<char, 64> room{};
  const auto size = write_last_chunk(room, &trailers);
  ASSERT_TRUE(size);
  std::string bytes;
  for (const std::string& data : {std::string(1, 'a'), std::string(4096, 'b'), std::string(65535, 'c')}) {
    bytes += text::cat(ChunkHeader(data.size()).text(), data, chunk_end);
  }
  Decoding decoding;
  decoding.feed(bytes + std::string(room.data(), *size));
  EXPECT_EQ(decoding.data(), "a" + std::string(4096, 'b') + std::string(65535, 'c'));
  EXPECT_TRUE(decoding.verdict().ends_with("\n0 X-Sum=1\nleft: "));

  EXPECT_EQ(ChunkHeader(1).text(), "1\r\n");
  EXPECT_EQ(ChunkHeader(0x1a2b).text(), "1a2b\r\n");
  EXPECT_EQ(ChunkHeader(~std::size_t{0}).text(), "ffffffffffffffff\r\n");
  EXPECT_EQ(write_last_chunk(std::span(room).first(4), nullptr), std::nullopt);
  EXPECT_EQ(write_last_chunk(std::span(room).first(5), nullptr), 5U);
  EXPECT_EQ(std::string_view(room.data(), 5), "0\r\n\r\n");
  EXPECT_EQ(write_last_chunk(std::span(room).first(*size - 1), &trailers), std::nullopt);
}

}  // namespace
}  // namespace sallyport::http::h1
