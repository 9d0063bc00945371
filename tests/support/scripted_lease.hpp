// SPDX-License-Identifier: Apache-2.0
// One Lease as an API server keeps it: its version counts, and what was made from an old version is refused.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sources/api_server/lease_record.hpp"
#include "support/scripted_api.hpp"

namespace sallyport::support {

class ScriptedLease {
 public:
  // To a GET, POST or PATCH of it.
  ReplyPtr answer(const sources::api_server::Ask& ask) {
    using sources::api_server::Verb;
    if (ask.verb == Verb::post) return record ? reply(409, "{}") : write(201, with_version(ask.body));
    if (!record) return reply(404, "{}");
    if (ask.verb == Verb::get) return reply(200, lease_patch_text(*record));
    const bool is_newest = sources::api_server::parse_lease(ask.body)->resource_version == record->resource_version;
    return is_newest ? write(200, ask.body) : reply(409, "{}");
  }

  std::optional<sources::api_server::LeaseRecord> record;  // nothing: there is none

 private:
  // A POST names none, and what has none is no Lease of an API server.
  static std::string with_version(std::string body) {
    constexpr std::string_view metadata = R"("metadata":{)";
    return body.insert(body.find(metadata) + metadata.size(), R"("resourceVersion":"0",)");
  }
  ReplyPtr write(unsigned status, const std::string& body) {
    record = *sources::api_server::parse_lease(body);
    record->resource_version = std::to_string(++version_);
    return reply(status, lease_patch_text(*record));
  }

  int version_ = 0;
};

}  // namespace sallyport::support
