// SPDX-License-Identifier: Apache-2.0
// The examples of llhttp_requests.txt and llhttp_responses.txt, whose first lines say how they are written.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::http::h1 {

struct Example {
  enum class Kind : std::uint8_t { request, response, response_to_head };

  std::string name = {};  // "request connection 5"
  Kind kind = Kind::request;
  std::string original = {};  // the bytes without the Host that was added
  std::string bytes = {};
  std::string theirs = {};  // the verdict of llhttp
  std::string ours = {};    // empty: the same
  std::string reason = {};  // why ours is another one
};

// A test fails where the file cannot be read or has a line of no kind.
std::vector<Example> read_examples(const std::string& file);

}  // namespace sallyport::http::h1
