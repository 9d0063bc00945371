// SPDX-License-Identifier: Apache-2.0
// A fixture with a DNS server, a pool whose endpoints are names, and calls to it, all on the test's loop.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/connect_rules.hpp"
#include "proxy/names.hpp"
#include "support/dns_server.hpp"
#include "unit/proxy/upstream_test.hpp"

namespace sallyport::proxy {

class NamedTest : public UpstreamTest {
 protected:
  using Addresses = std::vector<std::string>;

  NamedTest() {
    names_settings_.resolver.servers = {dns_.address()};
    names_settings_.resolver.first_wait = net::Duration(100);
    names_settings_.resolver.rounds = 2;
    names_settings_.resolver.other_wait = net::Duration(20);
    names_settings_.resolver.least_ttl = net::Duration(1);
    rules_.allowed = {*syntax::Cidr::parse("127.0.0.1/32")};
  }
  ~NamedTest() override { pool_.reset(); }

  std::vector<std::string> answer(const support::DnsQuestion& question) {
    ++asked_;
    if (silent_) return {};
    std::vector<support::DnsRecord> records;
    for (const std::string& address : addresses_) {
      support::DnsRecord record = support::address_record(question.name, address, ttl_);
      if (record.type == question.type) records.push_back(std::move(record));
    }
    return {support::dns_answer(question, records, {.response = response_})};
  }

  static model::NamedEndpoint named(const Origin& origin, std::string host = "shop.example.com") {
    return {.host = std::move(host), .port = origin.address().port};
  }

  Pool& named_pool(std::vector<model::NamedEndpoint> named, std::vector<model::Endpoint> listed = {},
                   Manner manner = {}) {
    if (names_ == nullptr) names_ = std::make_unique<Names>(loop_, names_settings_);
    pool_ = std::make_shared<Pool>("backend", loop_, settings_, ledger_, 0, nullptr, Pool::MakeRoom(),
                                   std::move(manner), Reach{.names = names_.get(), .rules = &rules_});
    pool_->update({.id = "set", .endpoints = std::move(listed), .origin = {}, .names = std::move(named)});
    return *pool_;
  }

  // What a request fails by.
  Code failure(Pool& pool) {
    const auto call = get();
    call->start(pool);
    run_until([&] { return call->answered(); });
    EXPECT_TRUE(call->error());
    return call->error() ? call->error()->code : Code::internal;
  }

  Addresses addresses_ = {"127.0.0.1"};
  std::uint32_t ttl_ = 60;
  unsigned response_ = 0;
  bool silent_ = false;
  std::size_t asked_ = 0;
  support::DnsServer dns_{loop_, [this](const support::DnsQuestion& question) { return answer(question); }};
  NameSettings names_settings_;
  ConnectRules rules_;
  std::unique_ptr<Names> names_;
};

}  // namespace sallyport::proxy
