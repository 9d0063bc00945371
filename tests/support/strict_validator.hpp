// SPDX-License-Identifier: Apache-2.0
// What RFC 9112 says that a stream of bytes is: an independent second opinion about what the gateway reads and writes.
// It shares no code with src/ and reads another way: the whole buffer is there, is cut at CRLF first and judged then.
//
// Where the RFC leaves a choice between repairing and refusing, it refuses. Pure; texts are views of the bytes given.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::support::strict {

// What was sent to us may be looser than what we send, in these points, each of which is a rule of ours:
// - a path may have printable bytes that RFC 3986 gives no place in it (H1-20 makes triplets of them);
// - the space before an empty reason may be missing, and a 1xx or 204 may have framing fields (H1-18 drops them).
// For both a query is any printable bytes but '#': what browsers send (H1-10).
enum class As : std::uint8_t { received, sent };

struct Line {
  std::string_view name;
  std::string_view value;

  bool operator==(const Line&) const = default;
};

struct Message {
  std::size_t begin = 0;    // of its first line, behind an empty line that was forgiven
  std::size_t end = 0;      // behind its last byte
  std::string_view method;  // of a request
  std::string_view target;  //
  std::string_view host;    // whom it is for: the target's authority, else Host
  bool has_host = false;    // a Host field is there
  unsigned status = 0;      // of a response
  bool http11 = true;
  bool chunked = false;
  bool persists = true;       // another message may follow
  bool plain_coding = false;  // chunked is the only coding, named once
  std::vector<Line> fields;
  std::vector<Line> trailers;
  std::string body;
};

enum class End : std::uint8_t {
  whole,    // the bytes end where a message does
  cut,      // within a message
  refused,  // the message at `rest` is none
  closed,   // the last message says that no other follows; bytes behind it were not read
};

struct Reading {
  std::vector<Message> messages;
  End end = End::whole;
  std::string why;       // of a refusal
  std::size_t rest = 0;  // where the reading ended: behind the last message
};

Reading read_requests(std::string_view bytes, As as);

// One final response, with its interim ones, for each of the methods asked with, and no byte behind them. The stream
// ends behind the bytes if it `ended`; else a body that goes on to the end is cut.
Reading read_responses(std::string_view bytes, const std::vector<std::string>& methods, bool ended, As as);

// Whether the list of a field's values, all lines together, has this token in any case.
bool lists(const Message& message, std::string_view field, std::string_view token);

}  // namespace sallyport::support::strict
