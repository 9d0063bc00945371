// SPDX-License-Identifier: Apache-2.0
// Reads the header of the PROXY protocol off a connection, and not a byte more: what follows, a ClientHello or a
// request, is left to whoever reads next.
//
// An awaiter that watches the descriptor while it waits; the caller keeps it. Belongs to the loop's thread.

#pragma once

#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/fd.hpp"
#include "net/ledger.hpp"
#include "net/loop.hpp"
#include "net/proxy_protocol.hpp"

namespace sallyport::net {

class [[nodiscard]] ReadProxyHeader final : Watcher, Timer {
 public:
  // client_timeout at the deadline, client_gone when the peer ends first, bad_request when it is no header.
  ReadProxyHeader(Loop& loop, const Fd& fd, Time deadline) : loop_(loop), fd_(fd), deadline_(deadline) {}
  ReadProxyHeader(const ReadProxyHeader&) = delete;
  ReadProxyHeader& operator=(const ReadProxyHeader&) = delete;
  ~ReadProxyHeader() override { stop(); }

  bool await_ready() { return attempt(); }
  bool await_suspend(std::coroutine_handle<> handle);
  Result<ProxyHeader> await_resume() { return std::move(*result_); }

 private:
  bool attempt();  // true: there is a result
  void stop();
  void on_events(std::uint32_t events) override;
  void fire() override;

  Loop& loop_;
  const Fd& fd_;
  Time deadline_;
  std::string came_;  // all of it is of the header
  std::optional<Result<ProxyHeader>> result_;
  std::coroutine_handle<> handle_;
  bool watching_ = false;
};

}  // namespace sallyport::net
