// SPDX-License-Identifier: Apache-2.0
// kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig, rule by rule.

#include "sources/api_server/kubeconfig.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "kube/base64.hpp"

namespace sallyport::sources::api_server {
namespace {

// A whole file of one context `here`, with these bodies (flow style).
std::string config_of(std::string_view cluster, std::string_view user) {
  return text::cat("apiVersion: v1\nkind: Config\ncurrent-context: here\n", "clusters:\n- name: prod\n  cluster: {",
                   cluster, "}\n", "users:\n- name: jane\n  user: {", user, "}\n",
                   "contexts:\n- name: here\n  context: {cluster: prod, user: jane, namespace: shop}\n");
}

constexpr std::string_view any_server = "server: 'https://203.0.113.7:6443'";

Result<AccessSettings> chosen(std::string_view bytes, const KubeconfigChoice& choice = {}) {
  Result<Kubeconfig> config = parse_kubeconfig("/etc/k/config", bytes);
  if (!config) return Failure(config.error());
  return choose_access(std::move(*config), choice);
}

std::string why(std::string_view bytes, const KubeconfigChoice& choice = {}) {
  const auto settings = chosen(bytes, choice);
  return settings ? "good" : settings.error().detail;
}

TEST(Kubeconfig, AContextNamesClusterUserAndNamespace) {
  const auto settings = chosen(config_of(any_server, "token: abc"));
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->origin, "the context here of /etc/k/config");
  EXPECT_EQ(settings->server.text(), "https://203.0.113.7:6443");
  EXPECT_TRUE(settings->verify);
  EXPECT_EQ(settings->token.reveal(), "abc");
  EXPECT_EQ(settings->namespace_, "shop");
  EXPECT_FALSE(settings->exec);
}

TEST(Kubeconfig, WhatIsWrittenInItIsDecoded) {
  const auto settings = chosen(
      config_of(text::cat(any_server, ", certificate-authority-data: ", kube::encode_base64("CA"),
                          ", certificate-authority: ca.crt, tls-server-name: api.example.com"),
                text::cat("client-certificate-data: ", kube::encode_base64("CERT"), ", client-certificate: c.crt",
                          ", client-key-data: ", kube::encode_base64("KEY"), ", client-key: c.key")));
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->authority, "CA");
  EXPECT_EQ(settings->server_name, "api.example.com");
  EXPECT_EQ(settings->certificate, "CERT");
  EXPECT_EQ(settings->key.reveal(), "KEY");
  EXPECT_TRUE(settings->authority_file.empty() && settings->certificate_file.empty() && settings->key_file.empty())
      << "what is written in it comes before a file";
}

TEST(Kubeconfig, PathsAreRelativeToTheFile) {
  const auto settings = chosen(config_of(text::cat(any_server, ", certificate-authority: pki/ca.crt"),
                                         "client-certificate: ../jane.crt, client-key: /keys/jane.key, tokenFile: t"));
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->authority_file, "/etc/k/pki/ca.crt");
  EXPECT_EQ(settings->certificate_file, "/etc/k/../jane.crt");
  EXPECT_EQ(settings->key_file, "/keys/jane.key");
  EXPECT_EQ(settings->token_file, "/etc/k/t");
}

TEST(Kubeconfig, AnExecPlugin) {
  const auto settings = chosen(config_of(
      text::cat(any_server,
                ", extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x, n: 1}}]"),
      "exec: {apiVersion: client.authentication.k8s.io/v1, command: bin/login, args: [--for, 'prod'], "
      "env: [{name: A, value: b}], installHint: get it, interactiveMode: IfAvailable, provideClusterInfo: true}"));
  ASSERT_TRUE(settings) << settings.error().detail;
  ASSERT_TRUE(settings->exec);
  EXPECT_EQ(settings->exec->command, "/etc/k/bin/login") << "a path is relative to the file";
  EXPECT_EQ(settings->exec->arguments, (std::vector<std::string>{"--for", "prod"}));
  EXPECT_EQ(settings->exec->environment, (std::vector<std::pair<std::string, std::string>>{{"A", "b"}}));
  EXPECT_EQ(settings->exec->install_hint, "get it");
  EXPECT_TRUE(settings->exec->wants_cluster);
  EXPECT_EQ(settings->exec->cluster_config, R"({"audience":"x","n":1})");
  const auto by_name =
      chosen(config_of(any_server, "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}"));
  ASSERT_TRUE(by_name);
  EXPECT_EQ(by_name->exec->command, "aws") << "a name is looked for in PATH";
}

TEST(Kubeconfig, ATokenComesBeforeAPlugin) {
  const auto settings = chosen(config_of(any_server, "token: t, exec: {apiVersion: x, command: y}"));
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_FALSE(settings->exec);
}

TEST(Kubeconfig, JsonIsYaml) {
  EXPECT_EQ(why(R"({"apiVersion":"v1","kind":"Config","current-context":"a","clusters":[{"name":"c","cluster":{"server":
 "http://localhost:8001"}}],"contexts":[{"name":"a","context":{"cluster":"c"}}],"users":null,"preferences":{}})"),
            "good");
}

TEST(Kubeconfig, OfSeveralFilesTheFirstThatHasANameHasIt) {
  Result<Kubeconfig> first = parse_kubeconfig(
      "/a/one", "clusters: [{name: c, cluster: {server: 'https://one'}}]\nusers: [{name: red, user: {token: first}}]");
  Result<Kubeconfig> second = parse_kubeconfig(
      "/b/two",
      "current-context: x\nclusters: [{name: c, cluster: {server: 'https://two', tls-server-name: n}}]\n"
      "users: [{name: red, user: {tokenFile: second}}, {name: blue, user: {tokenFile: blue}}]\n"
      "contexts: [{name: x, context: {cluster: c, user: red}}, {name: y, context: {cluster: c, user: blue}}]");
  Result<Kubeconfig> third = parse_kubeconfig("/c/three", "current-context: y");
  ASSERT_TRUE(first && second && third);
  merge_kubeconfig(*first, std::move(*second));
  merge_kubeconfig(*first, std::move(*third));
  EXPECT_EQ(first->current_context, "x");
  EXPECT_EQ(first->users.size(), 2U);
  const auto settings = choose_access(std::move(*first), {});
  ASSERT_TRUE(settings) << settings.error().detail;
  EXPECT_EQ(settings->server.host, "one");
  EXPECT_EQ(settings->server_name, "") << "nothing of the second is taken over, not even what the first has not";
  EXPECT_EQ(settings->token.reveal(), "first");
  EXPECT_EQ(settings->token_file, "");
}

TEST(Kubeconfig, TheListOfFiles) {
  EXPECT_EQ(kubeconfig_files("a:b::a:c"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(kubeconfig_files("").empty());
}

TEST(Kubeconfig, AnotherContextMayBeNamed) {
  const std::string bytes =
      "current-context: x\nclusters: [{name: c, cluster: {server: 'https://a'}}, {name: d, cluster: {server: b}}]\n"
      "contexts: [{name: x, context: {cluster: d}}, {name: y, context: {cluster: c}}]";
  EXPECT_EQ(why(bytes), "/etc/k/config:2: clusters[d].cluster.server must begin with https:// or http://");
  EXPECT_EQ(why(bytes, {.context = "y"}), "good") << "what is wrong with others is of no matter";
  EXPECT_EQ(why(bytes, {.context = "z"}), "the kubeconfig has no context z: there is x, y");
}

TEST(Kubeconfig, WhatIsMissing) {
  EXPECT_EQ(why(""), "the kubeconfig has no current-context, and no context was named: there is none");
  EXPECT_EQ(why("current-context: a"), "the kubeconfig has no context a: there is none");
  EXPECT_EQ(why("current-context: a\ncontexts: [{name: a, context: {}}]"),
            "/etc/k/config:2: contexts[a].context.cluster is missing");
  EXPECT_EQ(why("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]"),
            "/etc/k/config:2: contexts[a].context.cluster names c, which is not there: there is none");
  EXPECT_EQ(why("current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
                "clusters: [{name: c, cluster: {server: 'https://a'}}]\nusers: [{name: v}]"),
            "/etc/k/config:2: contexts[a].context.user names u, which is not there: there is v");
  EXPECT_EQ(why(config_of("", "token: a")), "/etc/k/config:6: clusters[prod].cluster.server is missing");
}

TEST(Kubeconfig, WhatIsRefusedSaysWhy) {
  EXPECT_EQ(
      why(config_of(text::cat(any_server, ", insecure-skip-tls-verify: true"), "")),
      "/etc/k/config:6: clusters[prod].cluster.insecure-skip-tls-verify is set, and whoever answers would get our "
      "credentials: give certificate-authority-data instead, or allow it explicitly");
  EXPECT_EQ(why(config_of(text::cat(any_server, ", proxy-url: 'http://p'"), "")),
            "/etc/k/config:6: clusters[prod].cluster.proxy-url is not supported: the API server is reached directly");
  EXPECT_EQ(
      why(config_of(any_server, "username: jane, password: secret")),
      "/etc/k/config:9: users[jane].user.username is not supported: give a client certificate, a token, tokenFile "
      "or exec");
  EXPECT_TRUE(why(config_of(any_server, "token: t, as: root")).contains("users[jane].user.as is not supported"));
  EXPECT_TRUE(why(config_of(any_server, "auth-provider: {name: gcp}")).contains("auth-provider is not supported"));
  EXPECT_EQ(why(config_of(any_server, "client-certificate: c")),
            "/etc/k/config:9: users[jane].user.client-key is missing, as is client-key-data");
  EXPECT_EQ(why(config_of(any_server, "client-key: c")),
            "/etc/k/config:9: users[jane].user.client-certificate is missing, as is client-certificate-data");
  EXPECT_EQ(why(config_of(any_server, "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: a}")),
            "/etc/k/config:9: users[jane].user.exec.apiVersion must be client.authentication.k8s.io/v1 or "
            "client.authentication.k8s.io/v1beta1");
  EXPECT_EQ(why(config_of(any_server, "exec: {apiVersion: client.authentication.k8s.io/v1}")),
            "/etc/k/config:9: users[jane].user.exec.command is missing");
  EXPECT_EQ(why(config_of(any_server,
                          "exec: {apiVersion: client.authentication.k8s.io/v1, command: a, interactiveMode: Always}")),
            "/etc/k/config:9: users[jane].user.exec.interactiveMode is Always, and there is no terminal here");
  EXPECT_EQ(why(config_of("server: 'http://203.0.113.7'", "token: a")),
            "/etc/k/config:6: clusters[prod].cluster.server is http, and credentials are not sent in clear text");
  EXPECT_EQ(why(config_of("server: 'http://127.0.0.1:8001'", "token: a")), "good") << "as kubectl proxy is asked";
}

TEST(Kubeconfig, NoVerificationWhenThatIsAllowed) {
  const auto settings =
      chosen(config_of(text::cat(any_server, ", insecure-skip-tls-verify: true"), ""), {.allow_insecure = true});
  ASSERT_TRUE(settings);
  EXPECT_FALSE(settings->verify);
}

TEST(Kubeconfig, WhatCannotBeReadNamesItsField) {
  EXPECT_EQ(why("clusters: ["), "/etc/k/config:2: not YAML: did not find expected node content");
  EXPECT_EQ(why("a: 1\n---\nb: 2"), "/etc/k/config:3: a kubeconfig is one document");
  EXPECT_EQ(why("kind: Secret\napiVersion: v1"), "/etc/k/config:1: kind must be Config: this is no kubeconfig");
  EXPECT_EQ(why("- a"), "/etc/k/config:1: must be a map, not a list");
  EXPECT_EQ(why("users: {}"), "/etc/k/config:1: users must be a list, not a map");
  EXPECT_EQ(why("users: [a]"), "/etc/k/config:1: users[0] must be a map, not a text");
  EXPECT_EQ(why("users: [{user: {}}]"), "/etc/k/config:1: users[0] has no name");
  EXPECT_EQ(why("users:\n- name: jane\n  user: {token: 12345}"),
            "/etc/k/config:3: users[jane].user.token must be a text, not a number");
  EXPECT_EQ(why("users:\n- name: jane\n  user: {client-key-data: '%%%'}"),
            "/etc/k/config:3: users[jane].user.client-key-data is not base64");
  EXPECT_EQ(why("users:\n- name: jane\n  user: {exec: {args: [1]}}"),
            "/etc/k/config:3: users[jane].user.exec.args[0] must be a text, not a number");
  EXPECT_EQ(why("users:\n- name: jane\n  user: {exec: {env: [{value: x}]}}"),
            "/etc/k/config:3: users[jane].user.exec.env[0] has no name of a variable");
  EXPECT_EQ(why("users:\n- name: jane\n  user: {}\n- name: jane\n  user: {}"),
            "/etc/k/config:5: users[jane].user is there already, in line 3");
  EXPECT_EQ(why("clusters:\n- name: c\n  cluster: {insecure-skip-tls-verify: maybe}"),
            "/etc/k/config:3: clusters[c].cluster.insecure-skip-tls-verify must be true or false, not a text");
}

TEST(Kubeconfig, NoSecretIsInAMessage) {
  const std::string secret = "c2VjcmV0LXNlY3JldA";
  for (const std::string_view user :
       {"token: [X]", "client-key-data: 'X!'", "token: X, as: Y", "token: X, client-key: Y", "password: X",
        "exec: {command: a, env: [{name: T, value: X}]}"}) {
    std::string written(user);
    written.replace(written.find('X'), 1, secret);
    const std::string said = why(config_of(any_server, written));
    EXPECT_NE(said, "good") << user;
    EXPECT_FALSE(said.contains(secret)) << said;
  }
}

}  // namespace
}  // namespace sallyport::sources::api_server
