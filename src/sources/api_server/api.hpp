// SPDX-License-Identifier: Apache-2.0
// What an API server is asked and what it answers, without how that travels: lists, watches, statuses, events and
// leases are written against this, and tested against one that is scripted.
//
// Belongs to the control thread. Destroying a Task or a Stream cancels what it asked for.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/task.hpp"
#include "net/timer_wheel.hpp"

namespace sallyport::sources::api_server {

enum class Verb : std::uint8_t { get, post, put, patch, remove };

struct Ask {
  Verb verb = Verb::get;
  std::string target;                            // path and query as they are sent: "/api/v1/services?limit=500"
  std::string_view accept = "application/json";  // a literal
  std::string_view content_type;                 // of the body, a literal; empty: there is none
  std::string body;
  net::Duration patience{30'000};                   // for the head of the answer and, from ask(), for all of it
  std::size_t most_bytes = std::size_t{32} << 20U;  // of an answer's body, from ask()
  bool is_one_of_many = false;                      // one object, of which thousands may be asked for in a row
  bool is_secret = false;  // the answer's body, from ask(): it is left nowhere, and whoever gets it zeroes it
};

// Any status is an answer; an error is that there is none: no connection, no credentials, no time left, too long.
struct Answer {
  unsigned status = 0;
  std::optional<net::Duration> retry_after;  // RFC 9110 10.2.3, as seconds
  std::string body;
};

// An answer whose body is read as it comes: a watch.
class Stream {
 public:
  virtual ~Stream() = default;

  virtual unsigned status() const = 0;
  virtual std::optional<net::Duration> retry_after() const = 0;
  // Empty: it has ended whole. What it gives holds until the next call. An error: it broke off, or nothing came until
  // the deadline (a timeout, after which it may be read again).
  virtual net::Task<Result<std::string_view>> read(net::Time deadline) = 0;
};

class Api {
 public:
  virtual ~Api() = default;

  virtual net::Task<Result<Answer>> ask(Ask ask) = 0;
  virtual net::Task<Result<std::unique_ptr<Stream>>> open(Ask ask) = 0;
};

}  // namespace sallyport::sources::api_server
