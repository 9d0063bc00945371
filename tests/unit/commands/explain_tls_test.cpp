// SPDX-License-Identifier: Apache-2.0
// What an explanation says of https: the certificate, whose name it is, and who may come.

#include <gtest/gtest.h>

#include "commands/explain_report.hpp"
#include "commands/explain_request.hpp"
#include "control/engine.hpp"
#include "routing/compiler.hpp"
#include "support/secret_yaml.hpp"
#include "unit/control/objects.hpp"

namespace sallyport::commands {
namespace {

using control::ingress;
using control::rule;
using control::rules;

class ExplainTls : public testing::Test {
 protected:
  // A Service, and an Ingress with TLS for shop.test.
  void serve(std::string_view more_meta = "", const std::string& more_objects = "") {
    apply(
        ingress("web", "tls: [{hosts: [shop.test], secretName: tls}], " + rules({rule("shop.test", "/")}), more_meta) +
        support::secret_yaml("tls", support::self_signed({.names = "DNS:shop.test"})) + more_objects);
  }
  void apply(const std::string& yaml) {
    control::Engine engine(settings_);
    const std::string all = control::service() + control::slice("10.0.0.1") + yaml;
    snapshot_ = compiler_.apply(engine.apply(control::changed(all)).delta).snapshot;
  }
  std::string explained(std::string url, std::vector<std::string> headers = {}) {
    Asked asked;
    asked.url = std::move(url);
    asked.headers = std::move(headers);
    const auto said = explain_request(*snapshot_, asked, {}, loop_);
    return said ? to_text(*said) : said.error().detail;
  }
  bool is_served(std::string url) {
    Asked asked;
    asked.url = std::move(url);
    const auto said = explain_request(*snapshot_, asked, {}, loop_);
    return said && said->served();
  }
  static void expect_has(const std::string& text, std::string_view part) {
    EXPECT_NE(text.find(part), text.npos) << part << "\n" << text;
  }

  control::Settings settings_;

 private:
  net::Loop loop_;
  routing::Compiler compiler_;
  routing::SnapshotPtr snapshot_;
};

TEST_F(ExplainTls, SaysWhichCertificateAndWhoseName) {
  serve();
  const std::string text = explained("https://shop.test/cart");
  expect_has(text, "certificate shop/tls, sha256:");
  expect_has(text, "name      shop.test of Ingress shop/web (test.yaml:");
  expect_has(text, "clients   certificate: off");
  expect_has(text, "listener  https, port 443");
  expect_has(text, "rule      Ingress shop/web");
}

TEST_F(ExplainTls, WithoutACertificateThereIsNoHandshake) {
  serve();
  expect_has(explained("https://other.test/"), "refused   the handshake: no certificate is for this host");
}

TEST_F(ExplainTls, TheDefaultCertificateIsNamedAsSuch) {
  settings_.default_certificate = ObjectRef{.group = "", .kind = "Secret", .namespace_ = "shop", .name = "fallback"};
  serve("", support::secret_yaml("fallback", support::self_signed({.names = "DNS:fallback.test"})));
  const std::string text = explained("https://other.test/");
  expect_has(text, "certificate shop/fallback (the default)");
  expect_has(text, "name      nobody spoke of it");
}

// T-3.
TEST_F(ExplainTls, SaysWhyTheDefaultCertificateIsNotShown) {
  settings_.default_certificate = ObjectRef{.group = "", .kind = "Secret", .namespace_ = "shop", .name = "fallback"};
  serve(", annotations: {sallyport.dev/client-certificate-ca: clients}",
        support::secret_yaml("clients", "Opaque", {{"ca.crt", support::self_signed({.authority = true}).certificate}}) +
            support::secret_yaml("fallback", support::self_signed({.names = "DNS:fallback.test"})));
  expect_has(explained("https://other.test/"),
             "refused   the handshake: no certificate is for this host, and while another name requires client "
             "certificates the default one is for names of a spec.tls only (unrecognized_name)");
}

TEST_F(ExplainTls, SaysThatARequestWithoutTlsIsRedirected) {
  settings_.https_redirect = true;
  serve();
  const std::string text = explained("http://shop.test/cart?a");
  expect_has(text, "redirect  308 to https://shop.test/cart?a\n");
  EXPECT_EQ(text.find("\nbackend "), text.npos) << text;
  EXPECT_TRUE(is_served("http://shop.test/")) << "the rule's own redirect is what it asks for";
  EXPECT_TRUE(is_served("https://shop.test/"));
  EXPECT_EQ(explained("https://shop.test/").find("redirect  308"), std::string::npos);
}

TEST_F(ExplainTls, SaysWhatClientsHaveToShow) {
  serve(", annotations: {sallyport.dev/client-certificate-ca: clients}",
        support::secret_yaml("clients", "Opaque", {{"ca.crt", support::self_signed({.authority = true}).certificate}}));
  const std::string text = explained("https://shop.test/");
  expect_has(text, "clients   certificate: require, judged by ca.crt of Secret shop/clients");
  EXPECT_EQ(text.find("421"), std::string::npos) << text;
  expect_has(explained("http://shop.test/"), "redirect  308 to https://shop.test/\n");
}

// Without a redirect, since a trusted proxy has spoken TLS.
TEST_F(ExplainTls, ARuleThatWantsAnotherPolicyIsNotServed) {
  settings_.trusted_proxies = {*syntax::Cidr::parse("127.0.0.0/8")};
  serve(", annotations: {sallyport.dev/client-certificate-ca: clients}",
        support::secret_yaml("clients", "Opaque", {{"ca.crt", support::self_signed({.authority = true}).certificate}}));
  const std::string text = explained("http://shop.test/", {"X-Forwarded-Proto: https"});
  expect_has(text, "answer    421 misdirected (T-2): the rule wants");
  EXPECT_EQ(text.find("\nbackend "), text.npos) << text;
}

TEST_F(ExplainTls, AHostOfAnotherPolicyThanTheConnectionsIsMisdirected) {
  serve(", annotations: {sallyport.dev/client-certificate-ca: clients}",
        support::secret_yaml("clients", "Opaque", {{"ca.crt", support::self_signed({.authority = true}).certificate}}) +
            ingress("open", "tls: [{hosts: [open.test, also.test], secretName: open}], " +
                                rules({rule("open.test", "/"), rule("also.test", "/")})) +
            support::secret_yaml("open", support::self_signed({.names = "DNS:open.test,DNS:also.test"})));
  const std::string text = explained("https://OPEN.test./", {"Host: shop.test"});
  expect_has(text, "of host shop.test");
  expect_has(text, "certificate shop/open, sha256:");
  expect_has(text,
             "refused   421 misdirected (T-2): a connection for open.test is made under another TLS policy than "
             "shop.test asks for");
  expect_has(explained("https://shop.test/", {"Host: open.test"}), "421 misdirected (T-2)");
  expect_has(explained("https://open.test/", {"Host: also.test"}), "rule      Ingress shop/open");
}

TEST_F(ExplainTls, WhoNamesAnAddressNamesNoHostInTheHandshake) {
  settings_.default_certificate = ObjectRef{.group = "", .kind = "Secret", .namespace_ = "shop", .name = "fallback"};
  serve("", support::secret_yaml("fallback", support::self_signed({.names = "DNS:fallback.test"})));
  const std::string text = explained("https://192.0.2.1/", {"Host: shop.test"});
  expect_has(text, "certificate shop/fallback (the default)");
  expect_has(text, "rule      Ingress shop/web");
}

TEST_F(ExplainTls, APortThatSpeaksTheOtherWayIsNone) {
  serve();
  expect_has(explained("https://shop.test:80/"), "nothing speaks TLS on port 80");
  expect_has(explained("http://shop.test:443/"), "nothing listens on port 443");
}

}  // namespace
}  // namespace sallyport::commands
