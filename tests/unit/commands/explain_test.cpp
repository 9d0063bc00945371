// SPDX-License-Identifier: Apache-2.0
#include "commands/explain.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace sallyport::commands {
namespace {

namespace fs = std::filesystem;

const std::string objects = R"(apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{port: 8080}]
endpoints:
  - addresses: [10.1.2.3]
  - {addresses: [10.1.2.4], conditions: {ready: false, serving: true, terminating: true}}
---
apiVersion: v1
kind: Service
metadata: {name: empty, namespace: shop}
spec: {ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules:
    - host: shop.test
      http:
        paths:
          - {path: /cart, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
          - {path: /empty, pathType: Exact, backend: {service: {name: empty, port: {number: 80}}}}
          - {path: /none, pathType: Exact, backend: {service: {name: none, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: all, namespace: shop}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
)";

const std::string canary = R"(apiVersion: sallyport.dev/v1alpha1
kind: GateRoute
metadata: {name: canary, namespace: shop}
spec:
  hosts: [shop.test]
  rules:
    - path: {type: Prefix, value: /cart}
      when: [{header: {name: X-Canary, exact: "on"}}]
      backends: [{service: web, port: 80, weight: 9}, {service: none, port: 80, weight: 1}]
)";

const std::string rewriting = R"(apiVersion: sallyport.dev/v1alpha1
kind: GateRoute
metadata: {name: moved, namespace: shop}
spec:
  hosts: [shop.test]
  rules:
    - path: {type: BytePrefix, value: /moved}
      rewrite: {hostname: in.test, path: {type: ReplacePrefixMatch, value: /new/}}
      backends: [{service: web, port: 80}]
)";

struct ExplainTest : testing::Test {
  ExplainTest() {
    std::string name = (fs::temp_directory_path() / "sallyport-explain-XXXXXX").string();
    options.dir = ::mkdtemp(name.data());
    options.reading.conduct.path = {.keep_encoded_slash = true, .merge_slashes = true};
    std::ofstream(fs::path(options.dir) / "shop.yaml", std::ios::binary) << objects;
  }
  ~ExplainTest() override { fs::remove_all(options.dir); }

  int ask(const std::string& url, std::vector<std::string> headers = {}) {
    options.asked.url = url;
    options.asked.headers = std::move(headers);
    out.str({});
    err.str({});
    return explain(options, out, err);
  }
  bool says(std::string_view text) const { return out.str().find(text) != std::string::npos; }

  ExplainOptions options;
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(ExplainTest, NamesTheRuleItsObjectAndWhereItGoes) {
  EXPECT_EQ(ask("http://shop.test/cart/1?a=b"), 0);
  EXPECT_TRUE(says("request   GET /cart/1?a=b of host shop.test from 127.0.0.1\n")) << out.str();
  EXPECT_TRUE(says("listener  http, port 80, through forwarded-headers, request-id\n")) << out.str();
  EXPECT_TRUE(says("host      shop.test\n")) << out.str();
  EXPECT_TRUE(says("path      prefix /cart, of /cart/1\n")) << out.str();
  EXPECT_TRUE(says("rule      Ingress shop/shop (shop.yaml:28:spec.rules[0].http.paths[0])\n")) << out.str();
  EXPECT_TRUE(says("            10.1.2.3:8080 active\n")) << out.str();
  EXPECT_TRUE(says("            10.1.2.4:8080 draining\n")) << out.str();
  // Of the Ingress with a path to no Service.
  EXPECT_EQ(err.str(), "sallyport explain: 1 rejected object: see sallyport check " + options.dir + "\n");
}

TEST_F(ExplainTest, NamesWhomItBeatAndByWhat) {
  EXPECT_EQ(ask("http://shop.test/cart"), 0);
  const std::string text = out.str();
  EXPECT_TRUE(
      says("beat: Ingress shop/shop (shop.yaml:29:spec.rules[0].http.paths[1]), host shop.test, path prefix /: "
           "the rule above has a more specific path\n"))
      << text;
  EXPECT_TRUE(says("beat: Ingress shop/all (")) << text;
  EXPECT_TRUE(says("host *, path any: the rule above has a more specific host\n")) << text;
  EXPECT_LT(text.find("prefix /: the rule"), text.find("Ingress shop/all"));
}

TEST_F(ExplainTest, WhatDidNotFitIsNamedWithItsReason) {
  std::ofstream(fs::path(options.dir) / "canary.yaml", std::ios::binary) << canary;
  EXPECT_EQ(ask("http://shop.test/cart", {"X-Canary: off"}), 0);
  EXPECT_TRUE(says("rule      Ingress shop/shop (")) << out.str();
  EXPECT_TRUE(says("did not fit: GateRoute shop/canary (canary.yaml:")) << out.str();
  EXPECT_TRUE(says("not so: header \"x-canary\" = \"on\"\n")) << out.str();

  EXPECT_EQ(ask("http://shop.test/cart", {"X-Canary: on"}), 0);
  EXPECT_TRUE(says("rule      GateRoute shop/canary (canary.yaml:")) << out.str();
  EXPECT_TRUE(says("if        header \"x-canary\" = \"on\"\n")) << out.str();
  EXPECT_TRUE(says("backend   http1 shop/web:80, weight 9 of 10\n")) << out.str();
  EXPECT_TRUE(says("answer    503 no_service by the gateway itself, weight 1 of 10\n")) << out.str();
  EXPECT_TRUE(says("beat: Ingress shop/shop (")) << out.str();
  EXPECT_TRUE(says("the rule above has more predicates\n")) << out.str();
}

TEST_F(ExplainTest, AHostThatNobodyNamesGoesToTheDefault) {
  EXPECT_EQ(ask("http://other.test/x"), 0);
  EXPECT_TRUE(says("rule      Ingress shop/all (")) << out.str();
}

TEST_F(ExplainTest, AnAnswerOfOurOwnGivesOneAndItsReason) {
  EXPECT_EQ(ask("http://shop.test/none"), 1);
  EXPECT_TRUE(says("answer    503 no_service by the gateway itself\n")) << out.str();
  EXPECT_FALSE(says("answer    503 no_service\n")) << out.str();
  EXPECT_TRUE(says("rule      Ingress shop/shop (shop.yaml:31:")) << out.str();
}

TEST_F(ExplainTest, AServiceWithoutEndpointsIsSaidToHaveNone) {
  EXPECT_EQ(ask("http://shop.test/empty"), 1);
  EXPECT_TRUE(says("no endpoint is ready: 503 no_endpoints")) << out.str();
}

TEST_F(ExplainTest, NoRuleGivesOneAndWhy) {
  fs::remove(fs::path(options.dir) / "shop.yaml");
  EXPECT_EQ(ask("http://shop.test/"), 1);
  EXPECT_TRUE(says("answer    404 no_host")) << out.str();
}

TEST_F(ExplainTest, ARefusedHeadNamesItsRule) {
  EXPECT_EQ(ask("http://shop.test/", {"Content-Length: x"}), 1);
  EXPECT_TRUE(says("refused   400 bad_request (H1-3)")) << out.str();
  EXPECT_EQ(ask("http://shop.test/a/../../b"), 1);
  EXPECT_TRUE(says("refused   400 bad_path (H1-20)")) << out.str();
  options.asked.method = "TRACE";
  EXPECT_EQ(ask("http://shop.test/"), 1);
  EXPECT_TRUE(says("refused   405 method_not_allowed (H1-11)")) << out.str();
}

TEST_F(ExplainTest, AnEncodedSlashThatTheRuleDoesNotKeepIsRefused) {
  EXPECT_EQ(ask("http://shop.test/cart%2Fx"), 1);
  EXPECT_TRUE(says("400 bad_path")) << out.str();
  options.settings.paths.keep_encoded_slash = true;
  EXPECT_EQ(ask("http://shop.test/cart%2Fx"), 0);
}

// As `run` answers: a rule that fits is not enough.
TEST_F(ExplainTest, ARewritingThatIsRefusedIsNotServed) {
  std::ofstream(fs::path(options.dir) / "moved.yaml", std::ios::binary) << rewriting;
  EXPECT_EQ(ask("http://shop.test/moved-x"), 0);
  EXPECT_TRUE(says("rewrite   to /new/-x of host in.test\n")) << out.str();
  EXPECT_EQ(ask("http://shop.test/moved/x"), 1);
  EXPECT_TRUE(says("rule      GateRoute shop/moved (moved.yaml:")) << out.str();
  EXPECT_TRUE(says("answer    400 bad_path (H1-20): ")) << out.str();
  EXPECT_FALSE(says("\nrewrite ")) << out.str();
  EXPECT_FALSE(says("\nbackend ")) << "nobody is asked\n" << out.str();

  options.output = ExplainOptions::Output::json;
  EXPECT_EQ(ask("http://shop.test/moved/x"), 1);
  EXPECT_TRUE(says(R"("served": false)")) << out.str();
  EXPECT_TRUE(says(R"("error_rule": "H1-20")")) << out.str();
  EXPECT_FALSE(says(R"("rewritten":)")) << out.str();
}

TEST_F(ExplainTest, ThePathIsTheCanonicalOne) {
  EXPECT_EQ(ask("http://SHOP.test//c%61rt/./1#top"), 0);
  EXPECT_TRUE(says("GET /cart/1 of host shop.test")) << out.str();
}

TEST_F(ExplainTest, AHostHeaderCountsAsWithCurl) {
  EXPECT_EQ(ask("http://127.0.0.1/cart", {"Host: shop.test"}), 0);
  EXPECT_TRUE(says("of host shop.test")) << out.str();
  EXPECT_TRUE(says("path      prefix /cart")) << out.str();
}

TEST_F(ExplainTest, TheClientIsWhomATrustedProxyNames) {
  options.settings.trusted_proxies = {*syntax::Cidr::parse("10.0.0.0/8")};
  options.asked.from = *syntax::IpAddress::parse("10.0.0.1");
  EXPECT_EQ(ask("http://shop.test/", {"X-Forwarded-For: 192.0.2.7"}), 0);
  EXPECT_TRUE(says("from 192.0.2.7\n")) << out.str();
  options.asked.from = *syntax::IpAddress::parse("198.51.100.1");
  EXPECT_EQ(ask("http://shop.test/", {"X-Forwarded-For: 192.0.2.7"}), 0);
  EXPECT_TRUE(says("from 198.51.100.1\n")) << out.str();
}

TEST_F(ExplainTest, APortThatNothingListensOnIsSaid) {
  EXPECT_EQ(ask("http://shop.test:81/"), 1);
  EXPECT_TRUE(says("nothing listens on port 81")) << out.str();
  options.settings.port_map = {{80, 8080}};
  EXPECT_EQ(ask("http://shop.test:8080/"), 0);
  EXPECT_EQ(ask("http://shop.test/"), 0);
}

TEST_F(ExplainTest, WhatIsNoUrlGivesTwo) {
  for (const std::string url :
       {"shop.test/", "ftp://shop.test/", "https://shop.test:0/", "http://shop.test:0/", "http://shop.test:x/", ""}) {
    EXPECT_EQ(ask(url), 2) << url;
    EXPECT_EQ(out.str(), "");
    EXPECT_TRUE(err.str().starts_with("sallyport explain: ")) << err.str();
  }
  EXPECT_EQ(ask("http://shop.test/", {"A: b\r\n\r\nGET / HTTP/1.1"}), 2);
}

TEST_F(ExplainTest, WhatIsLeftOutIsCounted) {
  std::ofstream(fs::path(options.dir) / "broken.yaml") << "a: [\n";
  std::ofstream(fs::path(options.dir) / "wrong.yaml") << R"(apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: wrong, namespace: shop}
spec: {rules: [{host: "no host", http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
)";
  EXPECT_EQ(ask("http://shop.test/cart"), 0);
  // The Ingress with a path to no Service is the second.
  EXPECT_EQ(err.str(),
            "sallyport explain: 1 broken file, 2 rejected objects: see sallyport check " + options.dir + "\n");
}

TEST_F(ExplainTest, NoTextOfAnObjectMakesALineOfItsOwn) {
  std::ofstream(fs::path(options.dir) / "forged.yaml") << R"(apiVersion: sallyport.dev/v1alpha1
kind: GateRoute
metadata: {name: forged, namespace: shop}
spec:
  hosts: [shop.test]
  rules:
    - path: {type: Prefix, value: /cart}
      when: [{header: {name: X-A, exact: "a\nrule      Ingress bank/login\e[2J"}}]
      backends: [{service: web, port: 80}]
)";
  EXPECT_EQ(ask("http://shop.test/cart"), 0);
  EXPECT_FALSE(says("\nrule      Ingress bank")) << out.str();
  EXPECT_FALSE(says("\x1b")) << out.str();
}

TEST_F(ExplainTest, ValuesOfSecretHeadersAreNotShown) {
  std::ofstream(fs::path(options.dir) / "keyed.yaml") << R"(apiVersion: sallyport.dev/v1alpha1
kind: GateRoute
metadata: {name: keyed, namespace: shop}
spec:
  hosts: [shop.test]
  rules:
    - path: {type: Prefix, value: /cart}
      when: [{header: {name: X-Api-Key, exact: hush}}]
      backends: [{service: web, port: 80}]
)";
  for (const auto output : {ExplainOptions::Output::text, ExplainOptions::Output::json}) {
    options.output = output;
    for (const std::string header : {"X-Api-Key: hush", "X-Api-Key: other"}) {
      EXPECT_EQ(ask("http://shop.test/cart", {header}), 0);
      EXPECT_FALSE(says("hush")) << out.str();
      EXPECT_TRUE(says("sha256:")) << out.str();
    }
  }
}

TEST_F(ExplainTest, AUrlIsReadAsClientsReadIt) {
  EXPECT_EQ(ask("HTTP://shop.test/cart"), 0);
  EXPECT_EQ(ask("http://shop.test:/cart"), 0);
  EXPECT_TRUE(says("of host shop.test")) << out.str();
}

TEST_F(ExplainTest, AUsersNameInTheUrlIsRefusedAndNotRepeated) {
  EXPECT_EQ(ask("http://anna:hush@shop.test/"), 2);
  EXPECT_NE(err.str().find("user's name"), std::string::npos) << err.str();
  EXPECT_EQ(err.str().find("hush"), std::string::npos) << err.str();
}

TEST_F(ExplainTest, WhatNoRuleIsForIsNamed) {
  EXPECT_EQ(ask("*"), 2);
  EXPECT_NE(err.str().find("no rule"), std::string::npos) << err.str();
  options.asked.method = "CONNECT";
  EXPECT_EQ(ask("shop.test:443"), 2);
  EXPECT_NE(err.str().find("CONNECT"), std::string::npos) << err.str();
}

TEST_F(ExplainTest, AFolderThatIsNotThereGivesTwo) {
  options.dir += "/none";
  EXPECT_EQ(ask("http://shop.test/"), 2);
  EXPECT_NE(err.str().find("cannot be read"), std::string::npos) << err.str();
  options.dir = fs::path(options.dir).parent_path();
}

TEST_F(ExplainTest, JsonSaysTheSame) {
  options.output = ExplainOptions::Output::json;
  EXPECT_EQ(ask("http://shop.test/cart"), 0);
  for (const std::string_view member :
       {R"("served": true)", R"("host": "shop.test")", R"("path": "prefix /cart")", R"("line": 28)",
        R"("field": "spec.rules[0].http.paths[0]")", R"("address": "10.1.2.3:8080")", R"("state": "draining")",
        R"("by": "a more specific path")", R"("by": "a more specific host")"}) {
    EXPECT_TRUE(says(member)) << member << "\n" << out.str();
  }
  EXPECT_EQ(ask("http://shop.test/none"), 1);
  EXPECT_TRUE(says(R"("error": "no_service")")) << out.str();
  EXPECT_EQ(ask("http://shop.test/", {"Content-Length: x"}), 1);
  EXPECT_TRUE(says(R"("error_rule": "H1-3")")) << out.str();
}

}  // namespace
}  // namespace sallyport::commands
