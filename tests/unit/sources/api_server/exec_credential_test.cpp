// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/exec_credential.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace sallyport::sources::api_server {
namespace {

constexpr std::string_view v1 = "client.authentication.k8s.io/v1";

std::string credential(std::string_view status, std::string_view version = v1) {
  return text::cat(R"({"apiVersion":")", version, R"(","kind":"ExecCredential","status":)", status, "}");
}

std::string why(std::string_view output) {
  const auto read = parse_exec_credential(output, v1);
  return read ? "good" : read.error().detail;
}

TEST(ExecCredential, AToken) {
  const auto read =
      parse_exec_credential(credential(R"({"token":"abc","expirationTimestamp":"2026-05-04T03:02:01Z"})"), v1);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->token.reveal(), "abc");
  EXPECT_TRUE(read->expires);
  EXPECT_TRUE(read->certificate.empty());
}

TEST(ExecCredential, ACertificate) {
  const auto read = parse_exec_credential(credential(R"({"clientCertificateData":"C","clientKeyData":"K\n"})"), v1);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->certificate, "C");
  EXPECT_EQ(read->key.reveal(), "K\n");
  EXPECT_FALSE(read->expires);
}

TEST(ExecCredential, YamlIsReadToo) {
  EXPECT_EQ(why(text::cat("apiVersion: ", v1, "\nkind: ExecCredential\nstatus: {token: abc}\n")), "good");
}

TEST(ExecCredential, WhatItMustBe) {
  EXPECT_EQ(why(""), "it is empty");
  EXPECT_EQ(why("hello"), "it is a text, not a map");
  EXPECT_EQ(why("kind: Secret"), "kind must be ExecCredential");
  EXPECT_EQ(why(credential("{}", "client.authentication.k8s.io/v1beta1")),
            "apiVersion must be client.authentication.k8s.io/v1, as configured");
  EXPECT_EQ(why(credential(R"({"token":"a b"})")), "status.token has bytes that are in no token");
  EXPECT_EQ(why(credential("null")), "status is missing");
  EXPECT_EQ(why(credential("[]")), "status must be a map");
  EXPECT_EQ(why(credential("{}")), "status has neither token nor clientCertificateData");
  EXPECT_EQ(why(credential(R"({"token":17})")), "status.token must be a text, not a number");
  EXPECT_EQ(why(credential(R"({"clientCertificateData":"C"})")),
            "status has only one of clientCertificateData and clientKeyData");
  EXPECT_EQ(why(credential(R"({"token":"a","expirationTimestamp":"tomorrow"})")),
            "status.expirationTimestamp must be a time such as 2026-05-04T03:02:01Z");
}

TEST(ExecCredential, ThePluginIsToldOfTheClusterIfItWantsThat) {
  AccessSettings settings;
  settings.server = *parse_server_url("https://a:6443");
  settings.exec.emplace().api_version = v1;
  EXPECT_EQ(exec_info(settings, "CA"),
            R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}})");
  settings.exec->wants_cluster = true;
  settings.exec->cluster_config = R"({"x":1})";
  settings.server_name = "n";
  EXPECT_EQ(exec_info(settings, "CA"),
            R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false,)"
            R"("cluster":{"server":"https://a:6443","tls-server-name":"n","certificate-authority-data":"Q0E=",)"
            R"("config":{"x":1}}}})");
}

}  // namespace
}  // namespace sallyport::sources::api_server
