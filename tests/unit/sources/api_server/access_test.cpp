// SPDX-License-Identifier: Apache-2.0
// Credentials from files and plugins that are scripts, and how they are renewed.

#include "sources/api_server/access.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "sources/secret_file.hpp"
#include "support/loop_test.hpp"
#include "unit/sources/temporary_folder.hpp"

namespace sallyport::sources::api_server {
namespace {

class AccessTest : public support::LoopTest {
 protected:
  Access& access(AccessSettings settings) {
    settings.origin = "the test";
    settings.server = *parse_server_url("https://203.0.113.7");
    return access_.emplace(loop_, std::move(settings));
  }

  net::Task<void> keep_current() { got_.push_back(co_await access_->current(deadline())); }
  net::Task<void> keep_renewed(std::uint64_t refused) { renewed_ = co_await access_->renew(refused, deadline()); }
  static net::Time deadline() { return net::Clock::now() + net::Duration(20'000); }

  Result<Credentials> current() {
    got_.clear();
    net::Task<void> task = keep_current();
    task.start();
    EXPECT_TRUE(run_until([&] { return task.done(); }));
    return got_.empty() ? fail(Code::internal) : got_.front();
  }
  bool renew(std::uint64_t refused) {
    renewed_.reset();
    net::Task<void> task = keep_renewed(refused);
    task.start();
    EXPECT_TRUE(run_until([&] { return task.done(); }));
    return renewed_.value_or(false);
  }
  std::string shown() {
    const Result<Credentials> now = current();
    if (!now) return now.error().detail;
    return std::string(now->authorization == nullptr ? "nothing" : now->authorization->reveal());
  }

  // A plugin that counts its runs and then does what the script says.
  ExecPlugin plugin(std::string_view script) {
    const std::string file = folder_.path("plugin");
    folder_.write("plugin", text::cat("#!/bin/sh\necho run >> ", folder_.path("runs"), "\n", script, "\n"));
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return {.api_version = "client.authentication.k8s.io/v1", .command = file, .arguments = {"one"}};
  }
  AccessSettings with_plugin(std::string_view script) {
    AccessSettings settings;
    settings.exec = plugin(script);
    return settings;
  }
  std::size_t runs() const {
    const Result<SecretBytes> text = read_secret_file(folder_.path("runs"), 1024);
    return text ? text->size() / 4 : 0;
  }
  static std::string says(std::string_view status) {
    return text::cat(R"(echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":)",
                     status, "}'");
  }

  TemporaryFolder folder_;
  std::optional<Access> access_;
  std::vector<Result<Credentials>> got_;
  std::optional<bool> renewed_;
};

TEST_F(AccessTest, AFixedToken) {
  AccessSettings settings;
  settings.token = SecretBytes("abc");
  access(std::move(settings));
  EXPECT_EQ(shown(), "Bearer abc");
  EXPECT_FALSE(renew(current()->edition)) << "there is no other";
}

TEST_F(AccessTest, WithoutCredentialsNothingIsShown) {
  access({});
  EXPECT_EQ(shown(), "nothing");
  EXPECT_NE(current()->tls, nullptr);
}

TEST_F(AccessTest, ATokenFileIsReadAgainWhenItIsRefused) {
  folder_.write("token", "one\n");
  AccessSettings settings;
  settings.token_file = folder_.path("token");
  access(std::move(settings));
  EXPECT_EQ(shown(), "Bearer one");
  folder_.write("token", "two");
  EXPECT_EQ(shown(), "Bearer one") << "it is not a minute old";
  const std::uint64_t refused = current()->edition;
  EXPECT_TRUE(renew(refused));
  EXPECT_EQ(shown(), "Bearer two");
  EXPECT_TRUE(renew(refused)) << "others have renewed it meanwhile";
  EXPECT_FALSE(renew(current()->edition));
}

TEST_F(AccessTest, WhatCannotBeReadAgainStays) {
  folder_.write("token", "one");
  AccessSettings settings;
  settings.token_file = folder_.path("token");
  access(std::move(settings));
  EXPECT_EQ(shown(), "Bearer one");
  folder_.remove("token");
  EXPECT_FALSE(renew(current()->edition));
  EXPECT_EQ(shown(), "Bearer one");
  ASSERT_TRUE(access_->problem());
  EXPECT_EQ(access_->problem()->detail, text::cat(folder_.path("token"), ": No such file or directory"));
  folder_.write("token", "two");
  EXPECT_TRUE(renew(current()->edition));
  EXPECT_FALSE(access_->problem());
}

TEST_F(AccessTest, ATokenThatCannotBeSentIsRefusedAndNotShown) {
  folder_.write("token", "a\x01secret");
  AccessSettings settings;
  settings.token_file = folder_.path("token");
  access(std::move(settings));
  EXPECT_EQ(shown(), text::cat(folder_.path("token"), ": has bytes that are in no token"));
  folder_.write("token", " \n");
  EXPECT_EQ(shown(), text::cat(folder_.path("token"), ": is empty, where a token should be"));
}

TEST_F(AccessTest, TheWrittenTokenIsUsedUntilTheFileGivesOne) {
  AccessSettings settings;
  settings.token = SecretBytes("written");
  settings.token_file = folder_.path("token");
  access(std::move(settings));
  EXPECT_EQ(shown(), "Bearer written");
  folder_.write("token", "of the file");
  EXPECT_FALSE(renew(current()->edition)) << "a token has no spaces";
  folder_.write("token", "of-the-file");
  EXPECT_TRUE(renew(current()->edition));
  EXPECT_EQ(shown(), "Bearer of-the-file");
}

TEST_F(AccessTest, AnotherAuthorityIsAnotherWayToConnect) {
  folder_.write("ca", "one");
  AccessSettings settings;
  settings.authority_file = folder_.path("ca");
  access(std::move(settings));
  const auto first = current()->tls;
  EXPECT_EQ(first->authority, "one");
  EXPECT_FALSE(renew(current()->edition));
  EXPECT_EQ(current()->tls, first);
  folder_.write("ca", "two");
  EXPECT_TRUE(renew(current()->edition));
  EXPECT_EQ(current()->tls->authority, "two");
}

TEST_F(AccessTest, APluginGivesAToken) {
  access(with_plugin(says(R"({"token":"abc"})")));
  EXPECT_EQ(shown(), "Bearer abc");
  EXPECT_EQ(shown(), "Bearer abc");
  EXPECT_EQ(runs(), 1U) << "without an expiry it is good until it is refused";
}

TEST_F(AccessTest, APluginGivesACertificate) {
  access(with_plugin(says(R"({"clientCertificateData":"C","clientKeyData":"K"})")));
  EXPECT_EQ(shown(), "nothing");
  EXPECT_EQ(current()->tls->certificate, "C");
  EXPECT_EQ(current()->tls->key.reveal(), "K");
}

TEST_F(AccessTest, APluginIsToldWhatItAsksFor) {
  AccessSettings settings = with_plugin("echo \"$0 $1 $A $KUBERNETES_EXEC_INFO\" >&2; exit 1");
  settings.exec->environment = {{"A", "b"}};
  access(std::move(settings));
  const std::string said = shown();
  EXPECT_TRUE(said.contains("plugin one b {")) << said;
  EXPECT_TRUE(said.contains(R"("kind":"ExecCredential","spec":{"interactive":false}})")) << said;
}

TEST_F(AccessTest, ManyWhoWantACredentialMakeOneRun) {
  access(with_plugin(says(R"({"token":"abc"})")));
  std::vector<net::Task<void>> tasks;
  for (int i = 0; i < 5; ++i) tasks.push_back(keep_current());
  for (auto& task : tasks) task.start();
  ASSERT_TRUE(run_until([&] { return got_.size() == 5; }));
  for (const auto& one : got_) EXPECT_TRUE(one && one->authorization->reveal() == "Bearer abc");
  EXPECT_EQ(runs(), 1U);
}

TEST_F(AccessTest, ARefusedCredentialIsNotAskedForAgainAtOnce) {
  access(with_plugin(says(R"({"token":"abc"})")));
  EXPECT_EQ(shown(), "Bearer abc");
  EXPECT_FALSE(renew(current()->edition));
  EXPECT_EQ(runs(), 1U) << "the plugin ran this very moment";
}

TEST_F(AccessTest, APluginThatFailsIsQuotedAndNotRunForEachRequest) {
  access(with_plugin("echo 'no login' >&2; printf '\\033[31m' >&2; echo secret; exit 7"));
  EXPECT_EQ(shown(), text::cat("the exec plugin ", folder_.path("plugin"),
                               " failed with exit status 7; it said: no login\\x0a\\x1b[31m"));
  EXPECT_TRUE(shown().contains("exit status 7"));
  EXPECT_EQ(runs(), 1U);
  EXPECT_TRUE(access_->problem());
}

TEST_F(AccessTest, ATokenOfAPluginThatCannotBeSentIsNoneHoweverOftenItIsAskedFor) {
  access(with_plugin(says(R"({"token":"a b"})")));
  const std::string why = text::cat("the exec plugin ", folder_.path("plugin"),
                                    " gave no ExecCredential: status.token has bytes that are in no token");
  EXPECT_EQ(shown(), why);
  EXPECT_EQ(shown(), why);
}

TEST_F(AccessTest, AnAuthorityThatGoesWhileThePluginRunsIsMissedUntilItIsBack) {
  folder_.write("ca", "one");
  AccessSettings settings = with_plugin(text::cat("rm ", folder_.path("ca"), "\n", says(R"({"token":"abc"})")));
  settings.authority_file = folder_.path("ca");
  access(std::move(settings));
  const std::string why = text::cat(folder_.path("ca"), ": No such file or directory");
  EXPECT_EQ(shown(), why);
  EXPECT_EQ(shown(), why);
  EXPECT_FALSE(current()) << "there is never nothing to connect with";
  folder_.write("ca", "two");
  EXPECT_EQ(shown(), "Bearer abc");
  EXPECT_EQ(current()->tls->authority, "two");
  EXPECT_EQ(runs(), 1U) << "what it gave was good";
}

TEST_F(AccessTest, APluginThatGivesSomethingElse) {
  access(with_plugin("echo secret"));
  EXPECT_EQ(shown(),
            text::cat("the exec plugin ", folder_.path("plugin"), " gave no ExecCredential: it is a text, not a map"));
}

TEST_F(AccessTest, APluginThatIsNotThereComesWithItsHint) {
  AccessSettings settings = with_plugin("");
  settings.exec->command = "sallyport-no-such-plugin";
  settings.exec->install_hint = "Get it from the cloud.";
  access(std::move(settings));
  EXPECT_EQ(shown(),
            "the exec plugin sallyport-no-such-plugin cannot be started: No such file or directory; "
            "Get it from the cloud.");
}

TEST_F(AccessTest, WhatHasExpiredIsStillShownWhileThePluginRests) {
  access(with_plugin(says(R"({"token":"abc","expirationTimestamp":"2000-01-01T00:00:00Z"})")));
  EXPECT_EQ(shown(), "Bearer abc");
  EXPECT_EQ(shown(), "Bearer abc");
  EXPECT_EQ(runs(), 1U);
}

}  // namespace
}  // namespace sallyport::sources::api_server
