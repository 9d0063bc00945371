// SPDX-License-Identifier: Apache-2.0
#include "commands/config_text.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "commands/status_text.hpp"

namespace sallyport::commands {
namespace {

ConfigReport with(std::size_t rules, std::size_t backends) {
  ConfigReport report{.version = 3};
  for (std::size_t number = 0; number < rules; ++number) {
    auto rule = std::make_shared<model::Rule>();
    rule->id = text::cat("rule ", number);
    report.rules.push_back(rule);
  }
  for (std::size_t number = 0; number < backends; ++number) {
    auto backend = std::make_shared<model::Backend>();
    backend->id = text::cat("backend ", number);
    report.backends.push_back({backend, nullptr});
  }
  return report;
}

std::string text_of(ConfigReport report) {
  ConfigText text(std::move(report));
  return whole_text(text);
}

TEST(ConfigText, OfNothingIsWhole) {
  EXPECT_EQ(text_of(with(0, 0)),
            "{\n \"version\": 3,\n \"listeners\": [],\n \"backends\": [],\n \"rules\": [],\n "
            "\"certificates\": [],\n \"server_names\": []\n}\n");
}

TEST(ConfigText, ComesInPiecesAndEveryPartOnce) {
  for (const auto& [rules, backends] : {std::pair(0, 1000), std::pair(1000, 0), std::pair(1000, 1000)}) {
    ConfigText text(with(static_cast<std::size_t>(rules), static_cast<std::size_t>(backends)));
    std::string all;
    std::size_t pieces = 0;
    for (bool more = true; more; ++pieces) {
      std::string piece;
      more = text.append_to(piece);
      EXPECT_LT(piece.size(), 100'000U);
      all += piece;
    }
    EXPECT_GT(pieces, 1U);
    std::size_t at = 0;  // they come in their order
    for (int number = 0; number < backends && at != all.npos; ++number) {
      at = all.find(text::cat("\"id\": \"backend ", number, "\""), at);
    }
    for (int number = 0; number < rules && at != all.npos; ++number) {
      at = all.find(text::cat("\"id\": \"rule ", number, "\""), at);
    }
    EXPECT_NE(at, all.npos);
    EXPECT_LT(all.find("\"backends\": ["), all.find("\"rules\": ["));
    EXPECT_TRUE(all.ends_with("]\n}\n"));
  }
}

TEST(ConfigText, OfACertificateItsFingerprintIsTold) {
  auto certificate = std::make_shared<model::Certificate>();
  certificate->id = "shop/tls";
  certificate->chain = "the chain";
  certificate->key = std::make_shared<const SecretBytes>("the key");
  certificate->names = {"shop.test"};
  certificate->not_before = 1'700'000'000;
  certificate->not_after = 1'800'000'000;
  certificate->fingerprint = "abcd";
  auto name = std::make_shared<model::ServerName>();
  name->id = "Ingress shop/web shop.test";
  name->host = {.kind = model::HostPattern::Kind::exact, .name = "shop.test"};
  name->certificates = {"shop/tls"};
  name->policy.client = {.mode = model::ClientValidation::Mode::require,
                         .authority = "shop/clients",
                         .bundle = "the bundle",
                         .fingerprint = "ef01"};
  ConfigReport report;
  report.certificates.push_back(certificate);
  report.server_names.push_back(name);
  const std::string all = text_of(report);
  for (const std::string_view member :
       {R"("names": [)", R"("not_before": "2023-11-14T22:13:20Z")", R"("not_after": "2027-01-15T08:00:00Z")",
        R"("fingerprint": "sha256:abcd")", R"("host": "shop.test")", R"("client_certificate": "require")",
        R"("client_certificate_ca": "shop/clients")", R"("policy": "tls12-tls13 require sha256:ef01")"}) {
    EXPECT_NE(all.find(member), all.npos) << member << "\n" << all;
  }
  for (const std::string_view kept : {"the key", "the chain", "the bundle"}) {
    EXPECT_EQ(all.find(kept), all.npos) << kept;
  }
}

TEST(ConfigText, OfWhatWeShowToUpstreamsTheFingerprintIsTold) {
  auto backend = std::make_shared<model::Backend>();
  backend->tls.emplace().client_certificate =
      model::ClientCertificate{.id = "shop/ours",
                               .chain = "the chain",
                               .key = std::make_shared<const SecretBytes>("the key"),
                               .fingerprint = "abcd"};
  ConfigReport report;
  report.backends.push_back({backend, nullptr});
  const std::string all = text_of(report);
  for (const std::string_view member : {R"("id": "shop/ours")", R"("fingerprint": "sha256:abcd")"}) {
    EXPECT_NE(all.find(member), all.npos) << member << "\n" << all;
  }
  for (const std::string_view kept : {"the key", "the chain"}) EXPECT_EQ(all.find(kept), all.npos) << kept;
}

TEST(ConfigText, HowConnectionsOfBalancersBeginIsTold) {
  auto listener = std::make_shared<model::Listener>();
  listener->proxy_headers = {.mode = model::ProxyHeaders::Mode::trusted,
                             .from = {*syntax::Cidr::parse("192.0.2.0/24"), *syntax::Cidr::parse("2001:db8::/32")}};
  auto other = std::make_shared<model::Listener>();
  other->proxy_headers.mode = model::ProxyHeaders::Mode::strict;
  ConfigReport report;
  report.listeners = {listener, other, std::make_shared<model::Listener>()};
  const std::string all = text_of(report);
  std::size_t at = 0;
  for (const std::string_view member :
       {R"("mode": "trusted")", R"("192.0.2.0/24")", R"("2001:db8::/32")", R"("mode": "strict")", R"("from": [])"}) {
    at = all.find(member, at);
    ASSERT_NE(at, all.npos) << member << "\n" << all;
  }
  EXPECT_EQ(all.find("proxy_headers", at), all.npos);
}

TEST(ConfigText, ARuleIsToldWhole) {
  auto rule = std::make_shared<model::Rule>();
  rule->id = "r";
  rule->listeners = {"http"};
  rule->host = {.kind = model::HostPattern::Kind::one_label, .name = "shop.test"};
  rule->path = {.kind = model::PathMatch::Kind::element_prefix, .value = "/cart", .ignore_case = true};
  rule->predicates = {{model::MethodIs{{"GET", "HEAD"}}}};
  rule->rank = {
      .tier = 1, .words = {1, 0xabc, 3}, .text = {}, .created = 1'700'000'000, .name = "shop/web", .index = 4};
  rule->chain = {model::ModifyHeaders{.request = {.remove = {"x-a"}, .set = {{"x-b", "1"}}, .add = {}},
                                      .response = {.remove = {}, .set = {}, .add = {{"x-c", "2"}}}}};
  rule->destinations = {{.target = model::BackendRef{"b"}, .weight = 9, .chain = {}},
                        {.target = model::FixedAnswer{Code::no_service}, .weight = 1, .chain = {}}};
  rule->origin.object = {.group = "networking.k8s.io", .kind = "Ingress", .namespace_ = "shop", .name = "web"};
  rule->origin.file = "web.yaml";
  rule->origin.line = 12;
  rule->origin.field = "spec.rules[0]";
  ConfigReport report;
  report.rules.push_back(rule);
  const std::string all = text_of(report);
  for (const std::string_view member : {R"("host": "*.shop.test")",
                                        "\"path\": \"prefix /cart (any case)\"",
                                        R"("method is GET or HEAD")",
                                        R"("encoded_slash": "reject")",
                                        R"("merge_slashes": "on")",
                                        R"("tier": 1)",
                                        R"("0000000000000abc")",
                                        R"("created": "2023-11-14T22:13:20Z")",
                                        R"("index": 4)",
                                        R"("filter": "modify-headers")",
                                        R"("x-a")",
                                        R"("name": "x-b")",
                                        R"("value": "2")",
                                        R"("backend": "b")",
                                        R"("weight": 9)",
                                        R"("answer": "no_service")",
                                        R"("status": 503)",
                                        R"("file": "web.yaml")",
                                        R"("line": 12)",
                                        R"("field": "spec.rules[0]")"}) {
    EXPECT_NE(all.find(member), all.npos) << member << "\n" << all;
  }
}

TEST(ConfigText, ListenersAndBackendsAreToldWhole) {
  auto listener = std::make_shared<model::Listener>();
  listener->id = "http";
  listener->addresses = {*syntax::SocketAddress::parse("[::]:8080")};
  listener->chain = {model::ForwardedHeaders{{*syntax::Cidr::parse("10.0.0.0/8")}}, model::RequestId{}};
  auto backend = std::make_shared<model::Backend>();
  backend->id = "b";
  backend->endpoint_set = "s";
  auto set = std::make_shared<model::EndpointSet>();
  set->endpoints = {{*syntax::SocketAddress::parse("10.0.0.1:80"), model::Endpoint::State::active},
                    {*syntax::SocketAddress::parse("10.0.0.2:80"), model::Endpoint::State::draining}};
  ConfigReport report;
  report.listeners.push_back(listener);
  report.backends.push_back({backend, set});
  const std::string all = text_of(report);
  for (const std::string_view member :
       {R"("id": "http")", R"("port": 80)", R"("[::]:8080")", R"("filter": "forwarded-headers")", R"("10.0.0.0/8")",
        R"("filter": "request-id")", R"("endpoint_set": "s")", R"("address": "10.0.0.1:80")", R"("state": "active")",
        R"("state": "draining")"}) {
    EXPECT_NE(all.find(member), all.npos) << member << "\n" << all;
  }
}

}  // namespace
}  // namespace sallyport::commands
