// SPDX-License-Identifier: Apache-2.0
// What the gateway makes of a stream, without its sockets: parsers, decoder and serialisers of http/h1 in the order in
// which its connections use them, on bytes that come in pieces.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/limits.hpp"
#include "http/message.hpp"

namespace sallyport::support::smuggling {

struct Passed {
  std::size_t begin = 0;  // in the stream that came, an empty line before the head included
  std::size_t end = 0;
  std::string bytes;   // as they go on
  std::string method;  // of a request
  std::string raw_target;
  std::string target;  // that goes on
  std::string host;    //
  std::string body;
  std::vector<std::pair<std::string, std::string>> trailers;
  unsigned status = 0;  // of a response
  bool switches = false;
};

enum class Stop : std::uint8_t {
  whole,    // the stream ended where a message does
  cut,      // within a message
  refused,  //
  closed,   // no other message is read of this connection
};

struct Made {
  std::vector<Passed> passed;
  Stop stop = Stop::whole;
  std::string rule;  // of a refusal
  std::string detail;
  std::size_t rest = 0;    // where the message begins that was not passed whole
  bool begun = false;      // its head had gone on when it failed
  std::string unfinished;  // what had gone on of it by then
};

// `piece` bytes come at a time; 0: all at once.
Made pass_requests(std::string_view stream, const http::Conduct& conduct, std::size_t piece);

struct Client {
  bool http10 = false;
  bool keeps_alive = true;
};

// The answer to one request of that method, on an upstream's connection that ends behind the stream. Its last message
// is the final response.
Made pass_response(std::string_view stream, http::Method method, const Client& client, std::size_t piece);

http::Conduct conduct_of_the_gateway();

}  // namespace sallyport::support::smuggling
