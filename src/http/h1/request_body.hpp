// SPDX-License-Identifier: Apache-2.0
// The body of a client's request. Says 100 Continue when its first byte is asked for: that is when the request was
// accepted (reference: reliability-security.md H1-13).

#pragma once

#include "http/h1/body_reader.hpp"
#include "http/incoming.hpp"
#include "http/session_settings.hpp"

namespace sallyport::http::h1 {

class RequestBody final : public BodyReader {
 public:
  RequestBody(net::Socket& socket, net::Ledger& ledger, Inbox& inbox, const ServerSettings& settings,
              const Incoming& incoming, Notes& notes);

  net::Task<Result<std::string_view>> read() override;

  bool waits_for_continue() const { return waits_for_continue_; }
  // The final head goes out: nothing may be said before it any more.
  void forget_continue() { waits_for_continue_ = false; }

 private:
  void say_continue();

  net::Socket& socket_;
  net::Ledger& ledger_;
  net::Duration stall_;
  bool waits_for_continue_;
};

}  // namespace sallyport::http::h1
