// SPDX-License-Identifier: Apache-2.0
// Reads heads for the tests, whole and in pieces, and says what came of it as one text.
//
// Every parse sees a copy of exactly its bytes on the heap, so that the sanitizer notices a read past their end.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "http/h1/head_scanner.hpp"
#include "http/h1/request_parser.hpp"
#include "http/h1/response_parser.hpp"

namespace sallyport::http::h1 {

using namespace std::string_literals;

inline std::string describe(const Framing& framing) {
  switch (framing.kind) {
    case Framing::Kind::none:
      return "none";
    case Framing::Kind::length:
      return text::cat("length ", framing.length);
    case Framing::Kind::chunked:
      return "chunked";
    case Framing::Kind::close:
      break;
  }
  return "close";
}

inline std::string describe(const Fields& fields) {
  std::string all;
  for (const Field& field : fields) {
    all += text::cat(static_cast<unsigned>(field.id), " ", field.name, "=", field.value, "\n");
  }
  return all;
}

// What survives a hop: raw_target, form, version and keep_alive are of the connection it came on.
inline std::string describe(const RequestHead& head) {
  return text::cat(static_cast<unsigned>(head.method), " ", head.method_text, " ", head.path,
                   head.has_query ? "?" : " ", head.query, "\n", head.host, " ", head.port, " ", head.authority, "\n",
                   describe(head.framing), head.expects_continue ? " expects" : "",
                   head.accepts_trailers ? " trailers" : "", " ", head.upgrade, "\n", describe(head.fields));
}

inline std::string describe(const ResponseHead& head) {
  return text::cat(head.status, " ", head.reason, "\n", describe(head.framing), head.keep_alive ? " keep" : " close",
                   " ", head.upgrade, "\n", describe(head.fields));
}

inline std::string describe(const Error& error) {
  return text::cat("refused ", static_cast<unsigned>(error.code), " ", error.rule, " ", error.detail);
}

// What one kind of head and its parser are to the functions below.
struct RequestReading {
  using Head = RequestHead;

  Limits limits = {};
  Conduct conduct = {};

  Result<std::size_t> parse(std::string_view bytes, Arena& arena, Head& head, Notes& notes) const {
    return parse_request_head(bytes, limits, conduct, arena, head, notes);
  }
};

struct ResponseReading {
  using Head = ResponseHead;

  Limits limits = {};
  Method request_method = Method::get;

  Result<std::size_t> parse(std::string_view bytes, Arena& arena, Head& head, Notes& notes) const {
    return parse_response_head(bytes, limits, request_method, arena, head, notes);
  }
};

// A head that was read, with all that it is a view of.
template <class Reading>
class Read {
 public:
  explicit Read(const Reading& reading) : reading_(reading) {}
  Read(const Reading& reading, std::string_view bytes) : Read(reading) { feed(bytes); }
  Read(const Read&) = delete;
  Read& operator=(const Read&) = delete;

  void feed(std::string_view bytes) {
    ++parses_;
    bytes_ = std::make_unique<char[]>(bytes.size());
    bytes.copy(bytes_.get(), bytes.size());
    arena_.clear();
    notes_ = Notes();
    size_ = reading_.parse(std::string_view(bytes_.get(), bytes.size()), arena_, head_, notes_);
  }

  bool refused() const { return !size_; }
  bool incomplete() const { return size_ && *size_ == 0; }
  bool accepted() const { return size_ && *size_ != 0; }
  const Error& error() const { return size_.error(); }
  std::size_t size() const { return *size_; }
  const typename Reading::Head& head() const { return head_; }
  const Notes& notes() const { return notes_; }
  std::size_t parses() const { return parses_; }

  std::string verdict() const {
    if (refused()) return describe(error());
    if (incomplete()) return "incomplete";
    return text::cat("accepted ", size(), "\n", describe(head()));
  }

 private:
  Reading reading_;
  std::unique_ptr<char[]> bytes_;
  Arena arena_;
  typename Reading::Head head_{arena_};
  Notes notes_;
  Result<std::size_t> size_ = 0;
  std::size_t parses_ = 0;
};

// As a connection does it: `first` bytes come at once, then `step` at a time; the scanner says when to parse again.
template <class Reading>
void read_in_pieces(Read<Reading>& read, const Limits& limits, std::string_view bytes, std::size_t first,
                    std::size_t step) {
  HeadScanner scanner = HeadScanner::for_head(limits);
  std::size_t have = std::min(first, bytes.size());
  read.feed(bytes.substr(0, have));
  while (read.incomplete() && have < bytes.size()) {
    have = std::min(have + step, bytes.size());
    const auto exact = std::vector<char>(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(have));
    if (scanner.worth_parsing(std::string_view(exact.data(), exact.size()))) read.feed(bytes.substr(0, have));
  }
}

// The first cut at which the verdict is another than that of the whole; nothing if there is none.
template <class Reading>
std::optional<std::string> cut_that_matters(const Reading& reading, std::string_view bytes) {
  const std::string whole = Read<Reading>(reading, bytes).verdict();
  constexpr std::size_t many = 1500;
  const std::size_t stride = bytes.size() <= many ? 1 : bytes.size() / 50;
  for (std::size_t cut = 0; cut <= bytes.size(); cut += stride) {
    Read<Reading> read(reading);
    read_in_pieces(read, reading.limits, bytes, cut, bytes.size());
    if (read.verdict() != whole) return text::cat("cut at ", cut, ": ", read.verdict(), " instead of ", whole);
  }
  Read<Reading> read(reading);
  read_in_pieces(read, reading.limits, bytes, 0, stride);
  constexpr std::size_t most_parses = 5;
  if (read.parses() > most_parses) return text::cat("parsed ", read.parses(), " times");
  if (read.verdict() != whole) return text::cat("by ", stride, ": ", read.verdict(), " instead of ", whole);
  return std::nullopt;
}

}  // namespace sallyport::http::h1
