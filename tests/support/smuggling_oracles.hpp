// SPDX-License-Identifier: Apache-2.0
// What must hold of every stream and what was made of it. Each gives the first discrepancy in words, or nothing. Pure.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/smuggling_session.hpp"
#include "support/strict_validator.hpp"

namespace sallyport::support::smuggling {

struct Asked {
  http::Conduct conduct;
  std::string_view stream;
};

// 1. What we took for a message is one to RFC 9112, with the same ends, method, target, host, body and trailers.
// 2. What is none to RFC 9112 was refused; what is one and was refused all the same has a rule that is stricter.
// 3. The next message is looked for where, and only where, the RFC says that one may follow.
std::string agreement_on_requests(const Asked& asked, const Made& run);

// 4. Each message goes on as exactly one, with what was read and no field that did not come or should have stayed.
// 5. All of them behind each other are the same messages to each judge.
// 6. What had gone on of a message that failed is a whole message to nobody.
std::string emission_of_requests(const Asked& asked, const Made& run);

// The same of responses: `stream` is all that one upstream's connection said to a request of that method.
std::string agreement_on_response(std::string_view stream, const std::string& method, const Made& run);

// What one client's connection got for its requests, one run each. The last of them may be unfinished.
std::string emission_of_responses(std::span<const std::string> methods, std::span<const Made> runs,
                                  const Client& client);

// Of the trailers some were dropped, those at least that would be framing, routing or claims; none was added.
bool trailers_came(const Passed& ours, const strict::Message& theirs);
// They go on as they were read.
bool trailers_went(const Passed& ours, const strict::Message& theirs);

// Two runs that differ in nothing but how the bytes came.
std::string same_however_cut(const Made& whole, const Made& pieces);

}  // namespace sallyport::support::smuggling
