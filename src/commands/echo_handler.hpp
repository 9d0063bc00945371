// SPDX-License-Identifier: Apache-2.0
// What the echo origin answers. Special paths: /health, /status/NNN, /ws (WebSocket frames come back), /retry/… (fails
// `succeedAfter` times for each `uuid`); ?delay=1s waits first; the field X-Echo-Set-Header: a:b,c:d sets fields of the
// answer.

#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>

#include "http/incoming.hpp"

namespace sallyport::commands {

// Who this origin says it is: from NAMESPACE, INGRESS_NAME, SERVICE_NAME, POD_NAME.
struct EchoIdentity {
  std::string namespace_;
  std::string ingress;
  std::string service;
  std::string pod;
  std::uint16_t port = 0;
};

class EchoHandler final : public http::Handler {
 public:
  EchoHandler(EchoIdentity identity, std::ostream& log) : identity_(std::move(identity)), log_(log) {}

  net::Task<Result<http::Response>> handle(http::Incoming& incoming) override;
  void refused(http::Incoming&) override {}

 private:
  // The failures to go of one uuid of /retry.
  static constexpr std::size_t most_retries = 10'000;

  net::Task<Result<http::Response>> retry(http::Incoming& incoming);
  Result<http::Response> describe(http::Incoming& incoming, std::uint64_t body_bytes);

  EchoIdentity identity_;
  std::ostream& log_;
  std::map<std::string, std::uint64_t, std::less<>> failed_;  // by uuid
};

}  // namespace sallyport::commands
