// SPDX-License-Identifier: Apache-2.0
// A DNS server on 127.0.0.1, by UDP and TCP on one port, played by a test on its own loop: it answers as it is told,
// also what no server should. It writes its messages itself, so that it shares no fault with what is tested.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/fd.hpp"
#include "net/loop.hpp"
#include "syntax/address.hpp"

namespace sallyport::support {

struct DnsQuestion {
  static constexpr std::uint16_t a = 1;
  static constexpr std::uint16_t cname = 5;
  static constexpr std::uint16_t aaaa = 28;

  std::uint16_t id = 0;
  std::string name;  // as sent, without the final dot
  std::uint16_t type = 0;
  bool by_tcp = false;
  std::string wire;  // the question section
};

struct DnsRecord {
  std::string name;
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;  // seconds
  std::string data;
};

// An A or AAAA record, as the address is written; a CNAME record.
DnsRecord address_record(std::string name, std::string_view address, std::uint32_t ttl = 60);
DnsRecord alias_record(std::string name, std::string_view to, std::uint32_t ttl = 60);

struct DnsCodes {
  unsigned response = 0;  // 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED
  bool truncated = false;
};
std::string dns_answer(const DnsQuestion& question, const std::vector<DnsRecord>& records, DnsCodes codes = {});

class DnsServer final : private net::Watcher {
 public:
  // The messages that go back, in order; none: silence.
  using Script = std::function<std::vector<std::string>(const DnsQuestion&)>;

  DnsServer(net::Loop& loop, Script script);
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer();

  const syntax::SocketAddress& address() const { return address_; }
  const std::vector<DnsQuestion>& questions() const { return questions_; }
  const Script& script() const { return script_; }
  void set_script(Script script) { script_ = std::move(script); }

 private:
  class Listening;
  class Connection;

  void on_events(std::uint32_t events) override;
  std::vector<std::string> answers_to(std::string_view message, bool by_tcp);

  net::Loop& loop_;
  Script script_;
  net::Fd udp_;
  syntax::SocketAddress address_;
  std::unique_ptr<Listening> tcp_;
  std::vector<DnsQuestion> questions_;
};

}  // namespace sallyport::support
