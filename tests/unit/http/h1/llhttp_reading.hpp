// SPDX-License-Identifier: Apache-2.0
// Reads a whole stream of bytes as a connection would, heads and bodies, and says in one line what came of it:
//
//   PUT /url keep 2/25 body 3 "abc"; ok          for each message: method and target, or status and reason, what the
//                                                connection does after it, how many fields of how many bytes (names and
//                                                values, without the blanks around them), and its body if there is one
//
// and at last: ok, all was complete; more, the stream ended within a message; refused and the rule that refused;
// switched, what follows is another protocol; closed, bytes follow a message after which the connection ends.

#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "http/h1/chunked.hpp"
#include "http/h1/field_reader.hpp"
#include "unit/http/h1/heads.hpp"

namespace sallyport::http::h1 {

struct BodyRead {
  enum class State : std::uint8_t { complete, more, refused };

  State state = State::complete;
  std::size_t size = 0;  // on the wire
  std::string data = {};
  std::string rule = {};
};

inline BodyRead read_chunks(std::string_view bytes, ChunkedDecoder::Of of) {
  const Limits limits;
  Arena arena;
  Notes notes;
  ChunkedDecoder decoder(of, limits, arena, notes);
  BodyRead body{.state = BodyRead::State::more};
  for (;;) {
    const auto step = decoder.step(bytes.substr(body.size));
    if (!step) {
      body.state = BodyRead::State::refused;
      body.rule = step.error().rule;
      return body;
    }
    body.size += step->consumed;
    body.data += step->data;
    if (step->end) body.state = BodyRead::State::complete;
    if (step->end || step->data.empty()) return body;
  }
}

inline BodyRead read_body(std::string_view bytes, const Framing& framing, ChunkedDecoder::Of of) {
  if (framing.kind == Framing::Kind::chunked) return read_chunks(bytes, of);
  BodyRead body;
  if (framing.kind == Framing::Kind::none) return body;
  const bool to_the_end = framing.kind == Framing::Kind::close;
  body.size = to_the_end ? bytes.size() : std::min<std::size_t>(bytes.size(), framing.length);
  body.data = bytes.substr(0, body.size);
  if (!to_the_end && body.size < framing.length) body.state = BodyRead::State::more;
  return body;
}

// "2/25" of a head that was accepted.
inline std::string count_fields(std::string_view head) {
  const std::size_t line = head.find("\r\n", head.starts_with("\r\n") ? 2 : 0) + 2;
  FieldReader reader(head, line, head.size());
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (; reader.next() == FieldReader::Found::field; ++count) bytes += reader.name().size() + reader.value().size();
  return text::cat(count, "/", bytes);
}

inline std::string start_of(const RequestHead& head) { return text::cat(head.method_text, " ", head.raw_target); }
inline std::string start_of(const ResponseHead& head) {
  return text::cat(head.status, head.reason.empty() ? "" : " ", head.reason);
}
inline ChunkedDecoder::Of side_of(const RequestHead&) { return ChunkedDecoder::Of::request; }
inline ChunkedDecoder::Of side_of(const ResponseHead&) { return ChunkedDecoder::Of::response; }

// Nobody asked for it: proxy::UpstreamCall refuses a 101 whose protocol is not the one that the request named.
inline bool switches_unasked(const RequestHead&) { return false; }
inline bool switches_unasked(const ResponseHead& head) { return head.status == 101 && head.upgrade.empty(); }

// A body that is short and printable, and of another one its size.
inline std::string describe_body(std::string_view body) {
  if (body.empty()) return "";
  constexpr std::size_t short_enough = 40;
  const bool shown =
      body.size() <= short_enough && std::ranges::all_of(body, [](char c) { return c >= ' ' && c < 0x7f && c != '"'; });
  return text::cat(" body ", body.size(), shown ? text::cat(" \"", body, "\"") : std::string());
}

template <class Reading>
std::string read_stream(const Reading& reading, std::string_view bytes) {
  std::string said;
  while (!bytes.empty()) {
    const Read<Reading> read(reading, bytes);
    if (read.refused()) return text::cat(said, "refused ", read.error().rule);
    if (read.incomplete()) return text::cat(said, bytes == "\r\n" ? "ok" : "more");

    const auto& head = read.head();
    if (switches_unasked(head)) return text::cat(said, "refused H1-12");
    const BodyRead body = read_body(bytes.substr(read.size()), head.framing, side_of(head));
    if (body.state == BodyRead::State::refused) return text::cat(said, "refused ", body.rule);
    said += text::cat(start_of(head), head.keep_alive ? " keep " : " close ",
                      count_fields(bytes.substr(0, read.size())), describe_body(body.data), "; ");
    if (body.state == BodyRead::State::more) return text::cat(said, "more");
    if (!head.upgrade.empty()) return text::cat(said, "switched");
    bytes.remove_prefix(read.size() + body.size);
    if (!head.keep_alive && !bytes.empty()) return text::cat(said, "closed");
  }
  return text::cat(said, "ok");
}

}  // namespace sallyport::http::h1
