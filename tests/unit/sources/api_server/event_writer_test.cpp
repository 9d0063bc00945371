// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/event_writer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/sources/api_server/cluster_objects.hpp"

namespace sallyport::sources::api_server {
namespace {

using net::Duration;

constexpr Duration second{1'000};

Published finding(std::string reason, std::string message = "there is none", std::string field = "spec.rules[0].host",
                  std::string name = "web") {
  Published told = published(object_of(ingress_text(7, "{}", "a.example.com", name)), std::monostate());
  told.verdict.kind = Verdict::Kind::rejected;
  told.verdict.reason = std::move(reason);
  told.verdict.message = std::move(message);
  told.verdict.field = std::move(field);
  return told;
}

Published all_is_well() { return published(ingress(7), std::monostate()); }

class EventWriterTest : public testing::Test {
 protected:
  // What is due now: "POST TARGET" or "PATCH TARGET"; its body is in `body`.
  std::string next() {
    const auto write = writer.next(now);
    if (!write) return {};
    body = write->ask.body;
    return text::cat(write->ask.verb == Verb::post ? "POST " : "PATCH ", write->ask.target);
  }
  // A finding that was written, mended and is there again: its series is under way.
  void come_back() {
    writer.tell(finding("InvalidHost"));
    ASSERT_NE(next(), "");
    answered(answer(201));
    writer.tell(all_is_well());
    writer.tell(finding("InvalidHost"));
    now += 10 * second;
    EXPECT_TRUE(next().starts_with("PATCH "));
  }
  void answered(const Result<Answer>& how) { writer.answered(ingress_ref(), how, now); }

  net::Time now{std::chrono::hours(1)};
  std::string body;
  std::vector<std::string> lines;
  EventWriter writer{"gate-7", [] { return WallTime(std::chrono::hours(1)); },
                     [this](const std::string& line) { lines.push_back(line); }, Chance(1)};
};

TEST_F(EventWriterTest, FindingIsAWarningAboutTheObject) {
  writer.tell(finding("InvalidHost"));
  EXPECT_EQ(next(), "POST /apis/events.k8s.io/v1/namespaces/shop/events");
  const auto name = body.find(R"("name":")") + 8;
  EXPECT_TRUE(body.substr(name).starts_with("web.")) << body;
  const std::string rest = body.substr(body.find(R"("eventTime")"));
  EXPECT_EQ(rest,
            R"("eventTime":"1970-01-01T01:00:00.000000Z","type":"Warning","reason":"InvalidHost",)"
            R"("note":"spec.rules[0].host: there is none","action":"Configure",)"
            R"("reportingController":"sallyport.dev/controller","reportingInstance":"gate-7",)"
            R"("regarding":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","namespace":"shop","name":"web",)"
            R"("uid":"u-1","resourceVersion":"7"}})");
  answered(answer(201));
  EXPECT_EQ(writer.due(), std::nullopt);
  EXPECT_EQ(writer.counts().created, 1U);
}

TEST_F(EventWriterTest, SameFindingHasTheSameName) {
  const auto name = [](const Published& told) { return event_of(told)->name; };
  EXPECT_EQ(name(finding("InvalidHost")), name(finding("InvalidHost")));
  EXPECT_NE(name(finding("InvalidHost")), name(finding("InvalidPath")));
  EXPECT_NE(name(finding("InvalidHost")), name(finding("InvalidHost", "another message")));
  EXPECT_NE(name(finding("InvalidHost")), name(finding("InvalidHost", "there is none", "spec.rules[1].host")));
  Published anew = finding("InvalidHost");
  anew.object = object_of(ingress_text(7, "{}", "a.example.com", "web", "u-2"));
  EXPECT_NE(name(finding("InvalidHost")), name(anew));
}

TEST_F(EventWriterTest, WhatIsWellOrNotOursIsToldNobody) {
  writer.tell(all_is_well());
  Published foreign = finding("ForeignClass");
  foreign.verdict.kind = Verdict::Kind::ignored;
  writer.tell(foreign);
  Published gone = finding("InvalidHost");
  gone.object = nullptr;
  writer.tell(gone);
  EXPECT_EQ(next(), "");
}

TEST_F(EventWriterTest, AcceptedObjectWithAWarningIsTold) {
  Published told = finding("Unsupported");
  told.verdict.kind = Verdict::Kind::accepted;
  writer.tell(told);
  EXPECT_NE(next(), "");
}

TEST_F(EventWriterTest, EventThatIsThereAlreadyIsEnough) {
  writer.tell(finding("InvalidHost"));
  ASSERT_NE(next(), "");
  answered(answer(409));
  EXPECT_EQ(writer.due(), std::nullopt);
  EXPECT_EQ(writer.counts().known, 1U);
  EXPECT_TRUE(lines.empty());
}

TEST_F(EventWriterTest, FindingThatComesBackCountsUpItsSeries) {
  writer.tell(finding("InvalidHost"));
  ASSERT_NE(next(), "");
  answered(answer(201));
  for (int count = 2; count < 5; ++count) {
    writer.tell(all_is_well());
    writer.tell(finding("InvalidHost"));
    EXPECT_EQ(next(), "") << "one of an object in ten seconds";
    now += 10 * second;
    EXPECT_TRUE(next().starts_with("PATCH /apis/events.k8s.io/v1/namespaces/shop/events/web."));
    EXPECT_EQ(body,
              text::cat(R"({"series":{"count":)", count, R"(,"lastObservedTime":"1970-01-01T01:00:00.000000Z"}})"));
    answered(answer(200));
  }
  EXPECT_EQ(writer.counts().repeated, 3U);
}

TEST_F(EventWriterTest, SeriesOfAnEventThatHasExpiredIsANewEvent) {
  come_back();
  answered(answer(404));
  EXPECT_TRUE(next().starts_with("POST "));
}

TEST_F(EventWriterTest, WhatIsWellAgainBeforeItWasToldIsNotTold) {
  writer.tell(finding("InvalidHost"));
  writer.tell(all_is_well());
  EXPECT_EQ(next(), "");
}

TEST_F(EventWriterTest, NorWhatIsWellAgainWhileItsWriteFails) {
  for (const auto& how : {no_answer(), answer(503), answer(403)}) {
    writer.tell(finding("InvalidHost"));
    ASSERT_NE(next(), "");
    writer.tell(all_is_well());
    answered(how);
    EXPECT_EQ(writer.due(), std::nullopt);
    now += 600 * second;
  }
}

TEST_F(EventWriterTest, NorWhereItsSeriesHasExpiredMeanwhile) {
  come_back();
  writer.tell(all_is_well());
  answered(answer(404));
  EXPECT_EQ(writer.due(), std::nullopt);
}

TEST_F(EventWriterTest, OfFindingsInARowTheLastIsTold) {
  writer.tell(finding("InvalidHost"));
  ASSERT_NE(next(), "");
  writer.tell(finding("InvalidPath"));
  writer.tell(finding("PortNotFound"));
  EXPECT_EQ(next(), "") << "one write of an object at a time";
  answered(answer(201));
  now += 10 * second;
  ASSERT_NE(next(), "");
  EXPECT_NE(body.find("PortNotFound"), body.npos);
}

TEST_F(EventWriterTest, InAllABurstAndThenOneASecond) {
  for (int number = 0; number < 100; ++number) {
    writer.tell(finding("InvalidHost", "there is none", "spec.rules[0].host", text::cat("web-", number)));
  }
  const auto all_due = [this] {
    unsigned count = 0;
    while (writer.next(now)) ++count;
    return count;
  };
  EXPECT_EQ(all_due(), EventWriter::burst);
  EXPECT_EQ(writer.due(), now + second);
  now += 3 * second;
  EXPECT_EQ(all_due(), 3U);
}

TEST_F(EventWriterTest, WhatMayPassIsTriedAFewTimes) {
  writer.tell(finding("InvalidHost"));
  unsigned tries = 0;
  for (; tries < 20 && writer.due(); ++tries) {
    now = std::max(now, *writer.due());
    ASSERT_NE(next(), "");
    answered(no_answer());
  }
  EXPECT_EQ(tries, EventWriter::most_tries);
  EXPECT_EQ(writer.counts().dropped, 1U);
}

TEST_F(EventWriterTest, OfAnObjectThatIsGoneNothingIsWrittenOrKept) {
  writer.tell(finding("InvalidHost"));
  writer.gone(ingress_ref());
  EXPECT_EQ(next(), "");
  EXPECT_EQ(writer.due(), std::nullopt);
  EXPECT_EQ(writer.size(), 0U);
}

TEST_F(EventWriterTest, NorIsItTriedAgainOfOneThatGoesMeanwhile) {
  writer.tell(finding("InvalidHost"));
  ASSERT_NE(next(), "");
  writer.tell(finding("InvalidPath"));
  writer.gone(ingress_ref());
  answered(no_answer());
  EXPECT_EQ(writer.due(), std::nullopt);
}

TEST_F(EventWriterTest, OneThatIsMadeAgainWaitsAsAnyOther) {
  writer.tell(finding("InvalidHost"));
  ASSERT_NE(next(), "");
  writer.gone(ingress_ref());
  answered(answer(201));
  writer.tell(finding("InvalidPath"));
  EXPECT_EQ(next(), "");
  now += 10 * second;
  ASSERT_NE(next(), "");
  answered(no_answer());
  EXPECT_NE(writer.due(), std::nullopt) << "it is there, and is tried again";
}

TEST_F(EventWriterTest, WithoutTheLeaseOnlyWhatIsToBeWrittenIsKept) {
  writer.tell(finding("InvalidHost"));
  writer.tell(all_is_well());
  EXPECT_EQ(writer.size(), 0U);
  for (std::size_t number = 0; number < EventWriter::most_waiting + 2; ++number) {
    writer.tell(finding("InvalidHost", "there is none", "spec.rules[0].host", text::cat("web-", number)));
  }
  EXPECT_EQ(writer.size(), EventWriter::most_waiting);
  EXPECT_EQ(writer.counts().dropped, 2U);
  writer.tell(finding("InvalidPath", "there is none", "spec.rules[0].host", "web-7"));
  EXPECT_EQ(writer.counts().dropped, 2U) << "it stands in place of another";
  writer.gone(ingress_ref("web-7"));
  writer.tell(finding("InvalidHost", "there is none", "spec.rules[0].host", "one-more"));
  EXPECT_EQ(writer.counts().dropped, 2U);
}

TEST_F(EventWriterTest, RefusalIsToldOnceAndHarmsThatEventOnly) {
  for (const char* const name : {"web", "api"}) {
    writer.tell(finding("InvalidHost", "there is none", "spec.rules[0].host", name));
    ASSERT_NE(next(), "");
    writer.answered(ingress_ref(name), answer(403, R"({"message": "events is forbidden"})"), now);
  }
  EXPECT_EQ(lines, std::vector<std::string>{"Event about Ingress shop/web is not written: 403: events is forbidden"});
  ASSERT_TRUE(writer.due());
  EXPECT_GE(*writer.due(), now + EventWriter::longest_retry) << "the right may be given";
}

TEST_F(EventWriterTest, ANamespaceThatIsBeingDeletedTakesNoEventAndThatIsNoWantOfARight) {
  writer.tell(finding("InvalidHost"));
  ASSERT_NE(next(), "");
  answered(answer(403, R"({"reason": "Forbidden", "details": {"causes": [{"reason": "NamespaceTerminating"}]}})"));
  EXPECT_FALSE(writer.due());
  EXPECT_EQ(writer.counts().dropped, 1U);
  EXPECT_TRUE(lines.empty());
}

TEST_F(EventWriterTest, WhatIsForbiddenIsTriedAFewTimes) {
  writer.tell(finding("InvalidHost"));
  unsigned tries = 0;
  for (; tries < 20 && writer.due(); ++tries) {
    now = std::max(now, *writer.due());
    ASSERT_NE(next(), "");
    answered(answer(tries % 2 == 0 ? 401 : 403));
  }
  EXPECT_EQ(tries, EventWriter::most_tries);
  EXPECT_EQ(writer.counts().dropped, 1U);
  EXPECT_EQ(lines.size(), 1U);
}

TEST_F(EventWriterTest, RefusedForWhatItSaysIsDropped) {
  writer.tell(finding("InvalidHost"));
  ASSERT_NE(next(), "");
  answered(answer(422));
  EXPECT_EQ(writer.due(), std::nullopt);
  EXPECT_EQ(writer.counts().dropped, 1U);
}

TEST_F(EventWriterTest, TextsKeepToWhatTheApiAllows) {
  std::string umlauts;
  for (int letter = 0; letter < 800; ++letter) umlauts += "ü";
  const auto event = event_of(finding("InvalidHost", umlauts, "x", std::string(253, 'a')));
  EXPECT_LE(event->name.size(), 253U);
  EXPECT_LE(event->note.size(), 1'024U);
  EXPECT_TRUE(event->note.ends_with("ü"));
}

TEST_F(EventWriterTest, EventAboutWhatHasNoNamespaceLiesInDefault) {
  Published told;
  told.object = object_of(
      R"({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "gate", "uid": "u-9"}, "spec": {}})");
  told.verdict = {.kind = Verdict::Kind::rejected, .ref = told.object->ref, .reason = "Bad", .message = "it is"};
  const auto event = event_of(told);
  EXPECT_EQ(event->namespace_, "default");
  EXPECT_EQ(new_event_text(*event, "i", WallTime())
                    .find(R"("regarding":{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","name":"gate")") ==
                std::string::npos,
            false);
}

}  // namespace
}  // namespace sallyport::sources::api_server
