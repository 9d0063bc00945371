// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/status_writer.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "unit/sources/api_server/cluster_objects.hpp"

namespace sallyport::sources::api_server {
namespace {

using net::Duration;

constexpr Duration second{1'000};

class StatusWriterTest : public testing::Test {
 protected:
  StatusWriterTest() {
    writer.on_news([this] { ++news; });
  }

  void want(const kube::ObjectPtr& object, StatusFields fields) { writer.write(published(object, std::move(fields))); }
  void want(const kube::ObjectPtr& object, std::vector<std::string> addresses) {
    want(object, LoadBalancer{std::move(addresses)});
  }
  // The version and the addresses of the write that is due now: "1: [{"ip":"192.0.2.1"}]"; empty if none is.
  std::string next() {
    const auto write = writer.next(now);
    if (!write) return {};
    EXPECT_EQ(write->ask.verb, Verb::patch);
    EXPECT_EQ(write->ask.content_type, "application/merge-patch+json");
    target = write->ask.target;
    const std::string& body = write->ask.body;
    const auto version = body.find("Version\":\"") + 10;
    const auto list = body.find("ingress\":") + 9;
    return text::cat(body.substr(version, body.find('"', version) - version), ": ",
                     body.substr(list, body.size() - list - 3));
  }
  void answered(const Result<Answer>& how) { writer.answered(ingress_ref(), how, now); }

  net::Time now{std::chrono::hours(1)};
  std::vector<std::string> lines;
  std::string target;
  int news = 0;
  StatusWriter writer{[this](const std::string& line) { lines.push_back(line); }, Chance(1)};
};

using Lines = std::vector<std::string>;

TEST_F(StatusWriterTest, WritesWhatDiffers) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_EQ(next(), R"(1: [{"ip":"192.0.2.1"}])");
  EXPECT_EQ(target, "/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web/status");
  EXPECT_GE(news, 1);
}

TEST_F(StatusWriterTest, WritesNothingWhereItStandsAlreadyInWhateverOrder) {
  want(ingress(1, R"({"loadBalancer": {"ingress": [{"ip": "192.0.2.2"}, {"ip": "192.0.2.1"}]}})"),
       {"192.0.2.1", "192.0.2.2"});
  EXPECT_EQ(next(), "");
  EXPECT_EQ(writer.due(), std::nullopt);
  EXPECT_EQ(news, 0);
}

TEST_F(StatusWriterTest, LeavesAloneWhatIsNotToBeSaid) {
  want(ingress(1, at("192.0.2.9")), std::monostate());
  EXPECT_EQ(next(), "");
  EXPECT_EQ(writer.size(), 0U);
}

TEST_F(StatusWriterTest, IngressOfWhichNothingIsServedListsNoAddress) {
  want(ingress(1, at("192.0.2.9")), std::vector<std::string>());
  EXPECT_EQ(next(), "1: []");
}

TEST_F(StatusWriterTest, OnlyIngressesHaveSuchAStatus) {
  want(
      object_of(
          R"({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "resourceVersion": "1"}, "spec": {}})"),
      {"192.0.2.1"});
  EXPECT_EQ(next(), "");
  EXPECT_EQ(writer.size(), 0U);
}

TEST_F(StatusWriterTest, OneWriteOfAnObjectAtATimeAndOfWhatChangesMeanwhileTheLast) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  want(ingress(1), {"192.0.2.2"});
  want(ingress(1), {"192.0.2.3"});
  EXPECT_EQ(next(), "");
  answered(answer(200, ingress_text(2, at("192.0.2.1"))));
  EXPECT_EQ(next(), "") << "at most one a second";
  now += second;
  EXPECT_EQ(next(), R"(2: [{"ip":"192.0.2.3"}])");
}

TEST_F(StatusWriterTest, AnswerToAWriteTellsTheNewVersionBeforeTheWatchDoes) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  answered(answer(200, ingress_text(2, at("192.0.2.1"))));
  EXPECT_EQ(writer.due(), std::nullopt);
  writer.seen(ingress(2, at("192.0.2.1")));
  EXPECT_EQ(writer.due(), std::nullopt);
  EXPECT_EQ(writer.counts().written, 1U);
}

TEST_F(StatusWriterTest, AnswerThatComesAfterANewerVersionDoesNotHideIt) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  writer.seen(ingress(2, at("192.0.2.1")));
  writer.seen(ingress(3, at("192.0.2.66")));
  answered(answer(200, ingress_text(2, at("192.0.2.1"))));
  ASSERT_TRUE(writer.due());
  now = *writer.due();
  EXPECT_EQ(next(), R"(3: [{"ip":"192.0.2.1"}])");
}

TEST_F(StatusWriterTest, AnswerOfAnObjectThatWasMadeAnewMeanwhileIsNotTakenForIt) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  writer.gone(ingress_ref());
  want(object_of(ingress_text(5, "{}", "a.example.com", "web", "u-2")), {"192.0.2.1"});
  answered(answer(200, ingress_text(2, at("192.0.2.1"))));
  ASSERT_TRUE(writer.due());
  now = *writer.due();
  EXPECT_EQ(next(), R"(5: [{"ip":"192.0.2.1"}])");
}

TEST_F(StatusWriterTest, WriteWhoseAnswerCannotBeReadWaitsForTheWatch) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  answered(answer(200, "{}"));
  now += 60 * second;
  EXPECT_EQ(next(), "");
  writer.seen(ingress(2, at("192.0.2.1")));
  EXPECT_EQ(next(), "");
  writer.seen(ingress(3, "{}"));
  EXPECT_EQ(next(), R"(3: [{"ip":"192.0.2.1"}])");
}

TEST_F(StatusWriterTest, ConflictIsTriedAgainFromWhatTheWatchTellsThen) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  answered(answer(409));
  now += 60 * second;
  EXPECT_EQ(next(), "") << "version 1 is known to be old";
  writer.seen(ingress(2, "{}", "b.example.com"));
  EXPECT_EQ(next(), R"(2: [{"ip":"192.0.2.1"}])");
  EXPECT_EQ(writer.counts().conflicts, 1U);
}

TEST_F(StatusWriterTest, ConflictWhoseNewVersionCameFirstIsTriedAgainAfterAPause) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  writer.seen(ingress(2));
  answered(answer(409));
  EXPECT_EQ(next(), "");
  now = *writer.due();
  EXPECT_EQ(next(), R"(2: [{"ip":"192.0.2.1"}])");
}

TEST_F(StatusWriterTest, GoneObjectIsForgotten) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  answered(answer(404));
  now += 60 * second;
  EXPECT_EQ(next(), "");
  writer.gone(ingress_ref());
  EXPECT_EQ(writer.size(), 0U);
}

TEST_F(StatusWriterTest, ObjectThatGoesDuringItsWriteIsForgottenWithTheAnswer) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  writer.gone(ingress_ref());
  answered(answer(200, ingress_text(2, at("192.0.2.1"))));
  EXPECT_EQ(writer.size(), 0U);
  EXPECT_EQ(writer.due(), std::nullopt);
}

TEST_F(StatusWriterTest, ObjectMadeAnewDuringAWriteHasItsOwnWriteAfterIt) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  writer.gone(ingress_ref());
  want(object_of(ingress_text(5, "{}", "a.example.com", "web", "u-2")), {"192.0.2.1"});
  EXPECT_EQ(next(), "");
  answered(answer(409));
  now = *writer.due();
  EXPECT_EQ(next(), R"(5: [{"ip":"192.0.2.1"}])");
}

TEST_F(StatusWriterTest, RefusedWriteIsParkedUntilTheObjectChanges) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  answered(answer(422, R"({"kind": "Status", "message": "no such address"})"));
  EXPECT_EQ(lines, Lines{"status of Ingress shop/web is not written: 422: no such address"});
  now += 3'600 * second;
  EXPECT_EQ(next(), "");
  writer.seen(ingress(2, at("192.0.2.7")));  // somebody's status is no reason
  EXPECT_EQ(next(), "");
  writer.seen(ingress(3, at("192.0.2.7"), "b.example.com"));
  EXPECT_EQ(next(), R"(3: [{"ip":"192.0.2.1"}])");
  EXPECT_EQ(lines.size(), 1U);
}

TEST_F(StatusWriterTest, ParkedWriteIsTriedAgainWhenSomethingElseIsWanted) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  answered(answer(422));
  now += second;
  want(ingress(1), {"192.0.2.1"});
  EXPECT_EQ(next(), "");
  want(ingress(1), {"192.0.2.2"});
  EXPECT_EQ(next(), R"(1: [{"ip":"192.0.2.2"}])");
}

TEST_F(StatusWriterTest, ParkedWriteIsTriedAgainByANewLeader) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  answered(answer(422));
  now += second;
  EXPECT_EQ(next(), "");
  writer.lead();
  EXPECT_EQ(next(), R"(1: [{"ip":"192.0.2.1"}])");
}

TEST_F(StatusWriterTest, MissingRightIsToldOnceForAllObjects) {
  for (const char* const name : {"web", "api"}) {
    want(object_of(ingress_text(1, "{}", "a.example.com", name)), {"192.0.2.1"});
    ASSERT_TRUE(writer.next(now));
    writer.answered(ingress_ref(name), answer(403), now);
  }
  EXPECT_EQ(lines,
            Lines{"status of Ingress shop/web is not written: 403 (it needs the right to patch ingresses/status)"});
}

TEST_F(StatusWriterTest, MissingRightIsTriedAgainLaterAndLaterUntilItIsGiven) {
  want(ingress(1), {"192.0.2.1"});
  const net::Time begin = now;
  for (int tried = 0; tried < 20; ++tried) {
    ASSERT_EQ(next(), R"(1: [{"ip":"192.0.2.1"}])");
    answered(answer(tried % 2 == 0 ? 401 : 403));
    ASSERT_TRUE(writer.due());
    EXPECT_LE(*writer.due(), now + StatusWriter::longest_refused);
    now = *writer.due();
  }
  EXPECT_GT(now, begin + 600 * second);
  EXPECT_EQ(lines.size(), 1U);
  ASSERT_NE(next(), "");
  answered(answer(200, ingress_text(2, at("192.0.2.1"))));
  EXPECT_EQ(writer.due(), std::nullopt);
}

TEST_F(StatusWriterTest, WhatMayPassIsTriedAgainLaterAndLater) {
  want(ingress(1), {"192.0.2.1"});
  Duration total{0};
  for (int tried = 0; tried < 12; ++tried) {
    ASSERT_NE(next(), "");
    answered(tried % 2 == 0 ? no_answer() : answer(503));
    ASSERT_TRUE(writer.due());
    EXPECT_GT(*writer.due(), now);
    EXPECT_LE(*writer.due(), now + StatusWriter::longest_retry);
    total += std::chrono::duration_cast<Duration>(*writer.due() - now);
    now = *writer.due();
  }
  EXPECT_GT(total, 60 * second);
  EXPECT_EQ(lines, Lines());
}

TEST_F(StatusWriterTest, RetryAfterIsHeeded) {
  want(ingress(1), {"192.0.2.1"});
  ASSERT_NE(next(), "");
  Answer busy;
  busy.status = 429;
  busy.retry_after = 20 * second;
  answered(busy);
  EXPECT_GE(*writer.due(), now + 20 * second);
}

TEST_F(StatusWriterTest, WithdrawsExactlyWhatItWrote) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  answered(answer(200, ingress_text(2, at("192.0.2.1"))));
  now += second;
  want(ingress(2, at("192.0.2.1")), Withdrawn());
  EXPECT_EQ(next(), "2: []");
  answered(answer(200, ingress_text(3)));
  EXPECT_EQ(writer.size(), 0U);
}

TEST_F(StatusWriterTest, WithdrawsNothingThatSomebodyElseWrote) {
  want(ingress(1, at("192.0.2.1")), {"192.0.2.1"});
  writer.seen(ingress(2, at("192.0.2.99")));
  want(ingress(2, at("192.0.2.99")), Withdrawn());
  EXPECT_EQ(next(), "");
  EXPECT_EQ(writer.size(), 0U);
}

TEST_F(StatusWriterTest, ForeignObjectIsNeverTouched) {
  want(ingress(1, at("192.0.2.1")), Withdrawn());
  EXPECT_EQ(next(), "");
  EXPECT_EQ(writer.size(), 0U);
}

TEST_F(StatusWriterTest, NewLeaderWithdrawsWhatItSawThereWhenItWasRight) {
  want(ingress(1, at("192.0.2.1")), {"192.0.2.1"});  // another replica wrote it
  writer.lead();
  EXPECT_EQ(next(), "");
  want(ingress(1, at("192.0.2.1")), Withdrawn());
  EXPECT_EQ(next(), "1: []");
}

TEST_F(StatusWriterTest, WhoWritesBackIsAnsweredMoreAndMoreSlowlyAndNamedOnce) {
  want(ingress(1), {"192.0.2.1"});
  int version = 1;
  int writes = 0;
  const net::Time begin = now;
  for (; now < begin + 60 * second; now += Duration(20)) {  // fifty times a second
    if (next().empty()) {
      writer.seen(ingress(++version, at("192.0.2.66")));
      continue;
    }
    ++writes;
    ++version;
    answered(answer(200, ingress_text(version, at("192.0.2.1"))));
  }
  EXPECT_GE(writes, 12);
  EXPECT_LE(writes, 20);
  EXPECT_EQ(lines, Lines{"status of Ingress shop/web: somebody else writes it too, and it is written back each time"});
  ASSERT_TRUE(writer.due());
  EXPECT_LE(*writer.due(), now + 5 * second) << "right again soon after the other has ended";
}

TEST_F(StatusWriterTest, WhoAlwaysComesFirstIsTriedSeldom) {
  want(ingress(1), {"192.0.2.1"});
  int version = 1;
  int writes = 0;
  const net::Time begin = now;
  for (; now < begin + 60 * second; now += Duration(20)) {
    writer.seen(ingress(++version, at("192.0.2.66")));
    if (next().empty()) continue;
    ++writes;
    answered(answer(409));
  }
  EXPECT_GE(writes, 12);
  EXPECT_LE(writes, 60);
  writer.seen(ingress(++version, at("192.0.2.66")));
  ASSERT_TRUE(writer.due());
  EXPECT_LE(*writer.due(), now + 5 * second);
}

TEST_F(StatusWriterTest, WhatTheServerTakesInAnotherWayIsNotWrittenAgainAndAgain) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  answered(answer(200, ingress_text(1)));  // nothing changed
  now += 3'600 * second;
  EXPECT_EQ(next(), "");
}

TEST_F(StatusWriterTest, NorWhereTheWatchToldOfItFirst) {
  want(ingress(1), {"192.0.2.1"});
  EXPECT_NE(next(), "");
  writer.seen(ingress(2, at("192.0.2.2")));
  answered(answer(200, ingress_text(2, at("192.0.2.2"))));
  now += 3'600 * second;
  EXPECT_EQ(next(), "");
}

TEST_F(StatusWriterTest, ObjectWithoutAVersionIsNotWritten) {
  want(
      object_of(
          R"({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": "web"}})"),
      {"192.0.2.1"});
  EXPECT_EQ(next(), "") << "it was kept on a disk, and the API server could not refuse what is written from it";
  writer.seen(ingress(4));
  EXPECT_EQ(next(), R"(4: [{"ip":"192.0.2.1"}])");
}

TEST_F(StatusWriterTest, BurstOfAllObjectsIsBounded) {
  for (int number = 0; number < 300; ++number) {
    want(object_of(ingress_text(1, "{}", "a.example.com", text::cat("web-", number))), {"192.0.2.1"});
  }
  const auto all_due = [this] {
    unsigned count = 0;
    while (writer.next(now)) ++count;
    return count;
  };
  EXPECT_EQ(all_due(), StatusWriter::burst);
  EXPECT_EQ(writer.due(), now + StatusWriter::interval);
  now += second;
  EXPECT_EQ(all_due(), second / StatusWriter::interval);
}

}  // namespace
}  // namespace sallyport::sources::api_server
