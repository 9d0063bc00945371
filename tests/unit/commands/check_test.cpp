// SPDX-License-Identifier: Apache-2.0
#include "commands/check.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "support/secret_yaml.hpp"

namespace sallyport::commands {
namespace {

namespace fs = std::filesystem;

const std::string service = R"(apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80}]}
)";

std::string ingress(std::string_view path) {
  return R"(apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: shop}
spec:
  rules:
    - http:
        paths:
          - path: )" +
         std::string(path) + R"(
            pathType: Prefix
            backend: {service: {name: web, port: {number: 80}}}
)";
}

struct CheckTest : testing::Test {
  CheckTest() {
    std::string name = (fs::temp_directory_path() / "sallyport-check-XXXXXX").string();
    options.dir = ::mkdtemp(name.data());
  }
  ~CheckTest() override { fs::remove_all(options.dir); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(fs::path(options.dir) / name, std::ios::binary) << text;
  }
  int run() {
    out.str({});
    err.str({});
    return check(options, out, err);
  }

  CheckOptions options;
  std::ostringstream out;
  std::ostringstream err;
};

TEST_F(CheckTest, NoTextOfAnObjectMakesALineOfItsOwn) {
  write("forged.yaml", R"(apiVersion: sallyport.dev/v1alpha1
kind: GateRoute
metadata: {name: forged, namespace: shop}
spec:
  hosts: [shop.test]
  rules:
    - path: {type: Regex, value: "(\naccepted Ingress bank/login\e[2J\x7f"}
      backends: [{service: web, port: 80}]
)");
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out.str().find("\naccepted Ingress bank"), std::string::npos) << out.str();
  EXPECT_NE(out.str().find("bank/login"), std::string::npos) << out.str();
  EXPECT_EQ(out.str().find_first_of("\x1b\x7f"), std::string::npos) << out.str();
}

TEST_F(CheckTest, GoodFolderGivesZeroAndALineForEachObject) {
  write("service.yaml", service);
  write("web.yaml", ingress("/"));
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(
      out.str(),
      "accepted Service shop/web (service.yaml:4:spec.ports[0]): NoEndpoints: no EndpointSlice gives it addresses: "
      "requests get 503\n"
      "accepted Ingress shop/shop (web.yaml:1)\n"
      "2 accepted, 0 ignored, 0 rejected; 1 warning, 0 broken files or documents\n");
  EXPECT_EQ(err.str(), "");
}

TEST_F(CheckTest, RejectionGivesOneAndNamesFileLineAndField) {
  write("service.yaml", service);
  write("web.yaml", ingress("nowhere"));
  EXPECT_EQ(run(), 1);
  EXPECT_NE(out.str().find("rejected Ingress shop/shop (web.yaml:8:spec.rules[0].http.paths[0].path): InvalidPath: "),
            std::string::npos)
      << out.str();
}

TEST_F(CheckTest, FileThatDoesNotParseGivesOne) {
  write("web.yaml", "a: [\n");
  EXPECT_EQ(run(), 1);
  EXPECT_NE(out.str().find("broken (web.yaml:"), std::string::npos) << out.str();
}

TEST_F(CheckTest, ObjectOfAnotherKindIsNoFailure) {
  write("web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n");
  EXPECT_EQ(run(), 0);
  EXPECT_NE(out.str().find("ignored Deployment web (web.yaml:1): "), std::string::npos) << out.str();
}

TEST_F(CheckTest, ADefaultCertificateThatIsMissingIsSaid) {
  options.settings.default_certificate =
      ObjectRef{.group = "", .kind = "Secret", .namespace_ = "shop", .name = "fallback"};
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(err.str(), "sallyport check: --default-certificate: there is no Secret shop/fallback that can be used\n");
  write("fallback.yaml", support::secret_yaml("fallback", support::self_signed({.names = "DNS:shop.test"})));
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(err.str(), "");
}

TEST_F(CheckTest, FolderThatCannotBeReadGivesTwo) {
  options.dir += "/missing";
  EXPECT_EQ(run(), 2);
  EXPECT_EQ(out.str(), "");
  EXPECT_NE(err.str().find("cannot be read"), std::string::npos) << err.str();
  options.dir = fs::path(options.dir).parent_path();
}

TEST_F(CheckTest, SecretsAreNotInTheOutput) {
  write("secret.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {password: hunter2, x: [hunter2]}\n");
  for (const auto output : {CheckOptions::Output::text, CheckOptions::Output::json}) {
    options.output = output;
    run();
    EXPECT_EQ(out.str().find("hunter2"), std::string::npos) << out.str();
  }
}

TEST_F(CheckTest, JsonHasTheStatusesThatAClusterWouldGet) {
  options.output = CheckOptions::Output::json;
  options.settings.publish_addresses = {"192.0.2.1"};
  write("service.yaml", service);
  write("web.yaml", ingress("/"));
  EXPECT_EQ(run(), 0);
  EXPECT_TRUE(out.str().starts_with("{\n")) << out.str();
  EXPECT_NE(out.str().find("\"ip\": \"192.0.2.1\""), std::string::npos) << out.str();
}

TEST_F(CheckTest, WhoBelievesEverybodyIsWarned) {
  options.settings.proxy_headers.mode = model::ProxyHeaders::Mode::strict;
  EXPECT_EQ(run(), 0);
  EXPECT_TRUE(err.str().starts_with("sallyport check: --proxy-protocol strict without --proxy-protocol-from: "))
      << err.str();
  options.settings.proxy_headers.from = {*syntax::Cidr::parse("10.0.0.0/8")};
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(err.str(), "");
}

TEST_F(CheckTest, RulesOutsideTheIndexAreCountedAndNamed) {
  write("service.yaml", service);
  write("gate.yaml", R"(apiVersion: sallyport.dev/v1alpha1
kind: GateRoute
metadata: {name: odd, namespace: shop}
spec:
  rules:
    - path: {type: Prefix, value: /plain}
      backends: [{service: web, port: 80}]
    - path: {type: Regex, value: ".*[.]php"}
      backends: [{service: web, port: 80}]
    - path: {type: Regex, value: ".*[.]asp"}
      backends: [{service: web, port: 80}]
)");
  EXPECT_EQ(run(), 0);
  EXPECT_NE(out.str().find("0 broken files or documents\n"
                           "2 rules outside the index: each is compared with every request that reaches it\n"
                           "  GateRoute shop/odd (gate.yaml:8:spec.rules[1])\n"
                           "  GateRoute shop/odd (gate.yaml:10:spec.rules[2])\n"),
            std::string::npos)
      << out.str();
  options.output = CheckOptions::Output::json;
  EXPECT_EQ(run(), 0);
  EXPECT_NE(out.str().find("\"outside_index\": 2"), std::string::npos) << out.str();
}

}  // namespace
}  // namespace sallyport::commands
