// SPDX-License-Identifier: Apache-2.0
// Every request that the fake API server got, in order: what tests ask about.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "fake_api_server/json.hpp"

namespace sallyport::fake_api {

struct LoggedRequest {
  std::string verb;  // "list"; of what is no object "get" and so on
  std::string method;
  std::string target;  // path and query as they came
  std::string user;    // empty: nobody who is known
  std::string user_agent;
  std::string accept;
  std::string content_type;
  std::string body;
  unsigned status = 0;                // 0: none was given yet
  std::uint64_t connection_port = 0;  // of the client: who has the same came by the same connection
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now();  // when it had come, whole
};

class RequestLog {
 public:
  std::size_t add(LoggedRequest request) {
    all_.push_back(std::move(request));
    return all_.size() - 1;
  }
  LoggedRequest& at(std::size_t number) { return all_[number]; }
  // From the `first`-th on.
  Json json(std::size_t first) const {
    Json list = Json::list();
    for (std::size_t at = first; at < all_.size(); ++at) {
      const LoggedRequest& one = all_[at];
      Json entry = Json::map();
      entry["verb"] = one.verb;
      entry["method"] = one.method;
      entry["target"] = one.target;
      entry["user"] = one.user;
      entry["userAgent"] = one.user_agent;
      entry["accept"] = one.accept;
      entry["contentType"] = one.content_type;
      entry["body"] = one.body;
      entry["status"] = Json::number(one.status);
      entry["connection"] = Json::number(one.connection_port);
      const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(one.at - began_);
      entry["milliseconds"] = Json::number(static_cast<std::uint64_t>(since.count()));
      list.add(std::move(entry));
    }
    return list;
  }

 private:
  std::vector<LoggedRequest> all_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace sallyport::fake_api
