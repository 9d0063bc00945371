// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/list_watch.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "support/loop_test.hpp"
#include "support/scripted_api.hpp"
#include "texts.hpp"

namespace sallyport::sources::api_server {
namespace {

using support::open_reply;
using support::Reply;
using support::reply;
using support::ReplyPtr;
using Kind = Trouble::Kind;

class ListWatchTest : public support::LoopTest, public ListWatch::Keeper {
 protected:
  void objects_changed(const std::vector<ObjectRef>& changed, const std::vector<ObjectRef>& removed) override {
    ++told_;
    for (const ObjectRef& ref : changed) log_.push_back("+" + ref.name);
    for (const ObjectRef& ref : removed) log_.push_back("-" + ref.name);
  }
  void state_changed() override { ++states_; }

  // Answers one after the other; when there are no more, whoever asks waits for ever.
  void will_answer(ReplyPtr one) { replies_.push_back(std::move(one)); }
  // The lists that this server gives are asked for in pages.
  void knows_no_lists_by_watch() {
    will_answer(reply(400, status(400, "BadRequest", "sendInitialEvents is forbidden")));
  }
  void start() { list_watch_.start(); }

  bool run_until_asked(std::size_t times) {
    return run_until([&] { return api_.asked().size() >= times; });
  }
  bool knows(const std::string& name) const { return list_watch_.objects().contains(service_ref(name)); }
  std::vector<std::string> take_log() { return std::exchange(log_, {}); }
  const std::string& asked(std::size_t at) const { return api_.asked().at(at); }

  Pace pace_ = fast_pace();
  Chance chance_{1};
  std::deque<ReplyPtr> replies_;
  support::ScriptedApi api_{loop_, [this](const Ask&) {
                              if (replies_.empty()) return open_reply();
                              ReplyPtr one = std::move(replies_.front());
                              replies_.pop_front();
                              return one;
                            }};
  std::vector<std::string> log_;
  int told_ = 0;
  int states_ = 0;
  ListWatch list_watch_{loop_, api_, chance_, pace_, service_resource(), *this};
};

using Log = std::vector<std::string>;

ReplyPtr listed(std::string_view version, const std::vector<std::string>& objects) {
  std::vector<std::string> lines;
  for (const std::string& object : objects) lines.push_back(event("ADDED", object));
  lines.push_back(end_of_list(version));
  return open_reply(std::move(lines));
}

TEST_F(ListWatchTest, ListsByAWatchAndWatchesFromWhereItEnded) {
  will_answer(listed("20", {service("web", "3"), service("api", "5")}));
  const ReplyPtr watch = open_reply();
  will_answer(watch);
  start();
  EXPECT_TRUE(list_watch_.is_listed());
  EXPECT_EQ(take_log(), Log({"+api", "+web"}));
  EXPECT_EQ(told_, 1) << "a list is told in one piece";
  ASSERT_EQ(api_.asked().size(), 2U);
  EXPECT_TRUE(asked(0).contains("sendInitialEvents=true&resourceVersionMatch=NotOlderThan"));
  EXPECT_TRUE(asked(1).ends_with("&resourceVersion=20"));
}

TEST_F(ListWatchTest, EventsAreToldAsTheyCome) {
  will_answer(listed("20", {service("web", "3")}));
  const ReplyPtr watch = open_reply();
  will_answer(watch);
  start();
  take_log();
  watch->add(event("ADDED", service("api", "21")));
  EXPECT_EQ(take_log(), Log({"+api"}));
  watch->add(event("MODIFIED", service("web", "22")) + event("DELETED", service("api", "23")));
  EXPECT_EQ(take_log(), Log({"+web", "-api"}));
  EXPECT_EQ(list_watch_.objects().at(service_ref("web")).version, "22");
}

TEST_F(ListWatchTest, AServerWithoutListsByWatchIsNeverAskedForThemAgain) {
  for (const unsigned code : {400U, 422U}) {
    ListWatch other(loop_, api_, chance_, pace_, service_resource(), *this);
    will_answer(reply(code, status(code, "Invalid", "sendInitialEvents is forbidden")));
    will_answer(reply(200, services("20", {service("web", "3")})));
    will_answer(reply(410, status(410, "Expired", "too old")));
    will_answer(reply(200, services("30", {service("web", "3")})));
    const std::size_t before = api_.asked().size();
    other.start();
    run_until_asked(before + 5);
    EXPECT_TRUE(asked(before + 1).contains("?limit=500"));
    EXPECT_TRUE(asked(before + 2).contains("&resourceVersion=20"));
    EXPECT_TRUE(asked(before + 3).contains("?limit=500"));
    EXPECT_TRUE(asked(before + 4).contains("&resourceVersion=30"));
  }
}

TEST_F(ListWatchTest, AListOfSeveralPagesIsToldWhenItIsWhole) {
  knows_no_lists_by_watch();
  will_answer(reply(200, services("20", {service("web", "3")}, "more")));
  const ReplyPtr second = open_reply();
  will_answer(second);
  start();
  EXPECT_EQ(told_, 0);
  EXPECT_TRUE(asked(2).ends_with("?limit=500&continue=more"));
  second->add(services("20", {service("api", "5")})).finish();
  EXPECT_EQ(take_log(), Log({"+api", "+web"}));
  EXPECT_TRUE(asked(3).ends_with("&resourceVersion=20"));
}

TEST_F(ListWatchTest, PagesThatTookTooLongAreFollowedByAListWithoutPages) {
  knows_no_lists_by_watch();
  will_answer(reply(200, services("20", {service("old", "3")}, "more")));
  will_answer(reply(410, status(410, "Expired", "continue is too old")));
  will_answer(reply(200, services("25", {service("web", "3")})));
  start();
  EXPECT_TRUE(asked(3).contains("?limit=0"));
  EXPECT_EQ(take_log(), Log({"+web"}));
}

TEST_F(ListWatchTest, AWatchThatEndsGoesOnWhereTheLastBookmarkWas) {
  will_answer(listed("20", {}));
  const ReplyPtr watch = open_reply({bookmark("33")});
  will_answer(watch);
  start();
  watch->finish();
  run_until_asked(3);
  EXPECT_TRUE(asked(2).ends_with("&resourceVersion=33"));
}

TEST_F(ListWatchTest, AnEventMovesWhereItGoesOn) {
  will_answer(listed("20", {}));
  const ReplyPtr watch = open_reply({event("ADDED", service("web", "21"))});
  will_answer(watch);
  start();
  watch->finish(Reply::End::broken);
  run_until_asked(3);
  EXPECT_TRUE(asked(2).ends_with("&resourceVersion=21"));
}

TEST_F(ListWatchTest, VersionsThatGoBackAreNotFollowed) {
  will_answer(listed("20", {}));
  const ReplyPtr watch = open_reply({bookmark("30"), bookmark("25")});
  will_answer(watch);
  start();
  watch->finish();
  run_until_asked(3);
  EXPECT_TRUE(asked(2).ends_with("&resourceVersion=30"));
}

TEST_F(ListWatchTest, VersionsThatAreNoNumbersAreSentBackAsTheyCame) {
  will_answer(listed("a", {service("web", "b")}));
  const ReplyPtr watch = open_reply({event("MODIFIED", service("web", "a"))});
  will_answer(watch);
  start();
  EXPECT_EQ(take_log(), Log({"+web", "+web"}));
  watch->add(bookmark("Z z"));
  watch->finish();
  run_until_asked(3);
  EXPECT_TRUE(asked(2).ends_with("&resourceVersion=Z%20z"));
}

// 410 as a status and as an event.
TEST_F(ListWatchTest, WhereTheServerHasForgottenUsItIsListedAgainAndNothingIsLostMeanwhile) {
  for (const bool in_stream : {false, true}) {
    ListWatch other(loop_, api_, chance_, pace_, service_resource(), *this);
    will_answer(listed("20", {service("web", "3"), service("gone", "4"), service("api", "5")}));
    const std::string expired = status(410, "Expired", "too old resource version");
    will_answer(in_stream ? open_reply({event("ERROR", expired)}) : reply(410, expired));
    const ReplyPtr list = open_reply();
    will_answer(list);
    const std::size_t before = api_.asked().size();
    other.start();
    take_log();
    run_until_asked(before + 3);
    list->add(event("ADDED", service("api", "5")));
    EXPECT_EQ(other.objects().size(), 3U);
    EXPECT_TRUE(take_log().empty());
    list->add(event("ADDED", service("web", "31")) + event("ADDED", service("new", "32")) + end_of_list("40"));
    EXPECT_EQ(take_log(), Log({"+new", "+web", "-gone"})) << "only what differs";
  }
}

TEST_F(ListWatchTest, AnyOtherErrorInTheStreamIsFollowedByAList) {
  will_answer(listed("20", {service("web", "3")}));
  will_answer(open_reply({event("ERROR", status(500, "InternalError", "unable to decode an event"))}));
  will_answer(listed("30", {service("web", "3")}));
  start();
  run_until_asked(4);
  EXPECT_TRUE(asked(2).contains("sendInitialEvents"));
  EXPECT_TRUE(asked(3).ends_with("&resourceVersion=30"));
}

TEST_F(ListWatchTest, TooManyRequestsInTheStreamIsNoReasonToList) {
  will_answer(listed("20", {}));
  will_answer(open_reply({event("ERROR", status(429, "TooManyRequests", "slow down"))}));
  start();
  run_until_asked(3);
  EXPECT_TRUE(asked(2).ends_with("&resourceVersion=20"));
}

TEST_F(ListWatchTest, AServerBehindOurVersionIsListed) {
  will_answer(listed("20", {}));
  will_answer(reply(504, status(504, "Timeout", "Too large resource version: 20, current: 7")));
  will_answer(listed("7", {service("web", "3")}));
  start();
  run_until_asked(4);
  EXPECT_TRUE(asked(3).ends_with("&resourceVersion=7")) << "a list is believed, also when it goes back";
  EXPECT_TRUE(knows("web"));
}

TEST_F(ListWatchTest, ATimeoutOfSomebodyOnTheWayIsNoReasonToList) {
  will_answer(listed("20", {service("web", "3")}));
  will_answer(reply(504, "<html>Gateway Time-out</html>"));
  start();
  EXPECT_EQ(list_watch_.trouble().kind, Kind::unavailable);
  run_until_asked(3);
  EXPECT_TRUE(asked(2).ends_with("&resourceVersion=20"));
  EXPECT_EQ(api_.count("sendInitialEvents"), 1U);
  EXPECT_EQ(list_watch_.trouble(), Trouble());
}

TEST_F(ListWatchTest, AListThatAlwaysTimesOutIsSaid) {
  will_answer(reply(504, status(504, "Timeout", "request did not complete")));
  will_answer(reply(504, status(504, "Timeout", "request did not complete")));
  start();
  EXPECT_EQ(list_watch_.trouble(), (Trouble{Kind::unavailable, "the API server refuses: request did not complete"}));
  EXPECT_FALSE(list_watch_.is_decided());
  run_until_asked(3);
  EXPECT_EQ(list_watch_.trouble().kind, Kind::unavailable);
}

TEST_F(ListWatchTest, AListThatBreaksOffRemovesNothing) {
  knows_no_lists_by_watch();
  will_answer(reply(200, services("20", {service("web", "3"), service("api", "5")})));
  will_answer(reply(410, status(410, "Expired", "too old")));
  const ReplyPtr half = open_reply();
  const std::string whole = services("30", {service("web", "3")});
  half->add(whole.substr(0, whole.size() - 2)).finish();
  will_answer(half);
  const ReplyPtr last = open_reply();
  will_answer(last);
  start();
  run_until_asked(5);
  EXPECT_TRUE(knows("web") && knows("api"));
  last->add(whole).finish();
  EXPECT_FALSE(knows("api"));
}

TEST_F(ListWatchTest, DuplicatesAndOldNewsChangeNothing) {
  will_answer(listed("20", {service("web", "10")}));
  const ReplyPtr watch = open_reply();
  will_answer(watch);
  start();
  take_log();
  watch->add(event("MODIFIED", service("web", "22")) + event("MODIFIED", service("web", "22")) +
             event("MODIFIED", service("web", "21")) + event("DELETED", service("web", "20")));
  EXPECT_EQ(take_log(), Log({"+web"}));
  EXPECT_TRUE(knows("web"));
  watch->add(event("DELETED", service("web", "22")));
  EXPECT_FALSE(knows("web")) << "a server may name the last version that there was";
}

TEST_F(ListWatchTest, OldNewsOfAnObjectThatIsNotThereIsFollowedByAList) {
  for (const bool is_there : {false, true}) {
    ListWatch other(loop_, api_, chance_, pace_, service_resource(), *this);
    will_answer(listed("20", {}));
    will_answer(open_reply({event("DELETED", service("web", "22")), event("ADDED", service("web", "21"))}));
    std::vector<std::string> there;
    if (is_there) there.push_back(service("web", "23"));
    will_answer(listed("30", there));
    const std::size_t before = api_.asked().size();
    other.start();
    run_until_asked(before + 4);
    EXPECT_EQ(other.objects().contains(service_ref("web")), is_there);
    EXPECT_TRUE(asked(before + 3).ends_with("&resourceVersion=30"));
  }
}

TEST_F(ListWatchTest, AnEventThatComesInPiecesIsOne) {
  will_answer(listed("20", {}));
  const ReplyPtr watch = open_reply();
  will_answer(watch);
  start();
  for (const char c : event("ADDED", service("web", "21"))) watch->add(std::string(1, c));
  EXPECT_TRUE(knows("web"));
}

TEST_F(ListWatchTest, HalfALineAtTheEndIsNothing) {
  will_answer(listed("20", {}));
  const std::string whole = event("ADDED", service("web", "21"));
  const ReplyPtr watch = open_reply({whole.substr(0, whole.size() / 2)});
  will_answer(watch);
  start();
  watch->finish();
  run_until_asked(3);
  EXPECT_TRUE(asked(2).ends_with("&resourceVersion=20"));
  EXPECT_TRUE(list_watch_.unreadable().empty());
}

TEST_F(ListWatchTest, AnObjectThatIsTooLargeHarmsItselfOnly) {
  will_answer(listed("20", {service("large", "3"), service("web", "4")}));
  const ReplyPtr watch = open_reply();
  will_answer(watch);
  start();
  take_log();
  std::string large = event("MODIFIED", service("large", "21"));
  large.insert(large.find(R"("spec")"), R"("x":")" + std::string(10 * 1024 * 1024, 'x') + R"(",)");
  watch->add(large + event("MODIFIED", service("web", "22")));
  EXPECT_EQ(take_log(), Log({"+web"}));
  EXPECT_TRUE(knows("large")) << "as it was";
  ASSERT_TRUE(list_watch_.unreadable().contains(service_ref("large")));
  EXPECT_EQ(list_watch_.unreadable().at(service_ref("large")), "larger than 4 MiB");
  watch->add(event("MODIFIED", service("large", "23")));
  EXPECT_TRUE(list_watch_.unreadable().empty()) << "mended";
}

TEST_F(ListWatchTest, SoInAList) {
  knows_no_lists_by_watch();
  std::string broken = service("broken", "5");
  broken.replace(broken.find("80"), 2, "8-");
  std::string large = service("large", "6");
  large.insert(large.find(R"("spec")"), R"("x":")" + std::string(10 * 1024 * 1024, 'x') + R"(",)");
  will_answer(reply(200, services("20", {service("web", "3"), broken, large, service("api", "4")})));
  start();
  EXPECT_EQ(take_log(), Log({"+api", "+web"}));
  EXPECT_EQ(list_watch_.unreadable().size(), 2U);
  EXPECT_TRUE(list_watch_.unreadable().contains(service_ref("broken")));
  EXPECT_TRUE(list_watch_.unreadable().contains(service_ref("large")));
}

TEST_F(ListWatchTest, WhereAnObjectDoesNotSayWhichItIsNothingIsRemoved) {
  will_answer(listed("20", {service("web", "3")}));
  will_answer(reply(410, status(410, "Expired", "too old")));
  will_answer(open_reply({event("ADDED", R"({"kind":"Service"})"), end_of_list("30")}));
  start();
  run_until_asked(4);
  EXPECT_TRUE(knows("web"));
  EXPECT_TRUE(list_watch_.unreadable().contains(std::nullopt));
}

TEST_F(ListWatchTest, AnEventAboutNobodyKnowsWhatIsFollowedByAList) {
  will_answer(listed("20", {}));
  will_answer(open_reply({"{\"type\":\"MODIFIED\",\"obj\n"}));
  will_answer(listed("30", {service("web", "25")}));
  start();
  run_until_asked(4);
  EXPECT_TRUE(knows("web"));
  EXPECT_TRUE(list_watch_.unreadable().empty());
}

TEST_F(ListWatchTest, AWatchThatIsClosedAtOnceIsNotAskedForAtOnce) {
  will_answer(listed("20", {}));
  for (int i = 0; i < 5; ++i) will_answer(reply(200, ""));
  start();
  EXPECT_EQ(api_.asked().size(), 2U) << "it waits first";
  run_until_asked(7);
  EXPECT_TRUE(asked(6).ends_with("&resourceVersion=20"));
}

TEST_F(ListWatchTest, ItComesBackNoSoonerThanItIsAskedTo) {
  const ReplyPtr busy = reply(429, status(429, "TooManyRequests", "slow down"));
  busy->retry_after = net::Duration(30);
  will_answer(busy);
  start();
  const net::Time began = loop_.now();
  EXPECT_EQ(list_watch_.trouble().kind, Kind::unavailable);
  EXPECT_FALSE(list_watch_.is_decided());
  run_until_asked(2);
  EXPECT_GE(loop_.now() - began, net::Duration(30));
}

TEST_F(ListWatchTest, AWatchThatDiesInSilenceIsAskedForAgain) {
  pace_.watch_least = pace_.watch_most = net::Duration(2);
  pace_.margin = net::Duration(2);
  will_answer(listed("20", {}));
  const ReplyPtr dead = open_reply();
  will_answer(dead);
  start();
  run_until_asked(3);
  EXPECT_TRUE(dead->is_dropped);
  EXPECT_TRUE(asked(2).ends_with("&resourceVersion=20"));
}

TEST_F(ListWatchTest, AListThatDiesInSilenceIsAskedForAgain) {
  pace_.list_silence = net::Duration(2);
  will_answer(open_reply({event("ADDED", service("web", "3"))}));
  start();
  run_until_asked(2);
  EXPECT_EQ(told_, 0);
}

// A piece now and then keeps it alive, but not for ever.
TEST_F(ListWatchTest, AListThatNeverComesToItsEndIsAskedForAgain) {
  pace_.longest_list = pace_.margin = net::Duration(2);
  const ReplyPtr by_watch = open_reply({event("ADDED", service("web", "3"))});
  will_answer(by_watch);
  start();
  ASSERT_TRUE(run_until_asked(2));
  EXPECT_TRUE(by_watch->is_dropped);
  EXPECT_TRUE(asked(0).contains("timeoutSeconds=1"));
  EXPECT_EQ(told_, 0);
}

TEST_F(ListWatchTest, NorDoesAPageLastForEver) {
  pace_.longest_list = pace_.margin = net::Duration(2);
  knows_no_lists_by_watch();
  const ReplyPtr page = open_reply({R"({"kind":"ServiceList","items":[)"});
  will_answer(page);
  start();
  ASSERT_TRUE(run_until_asked(3));
  EXPECT_TRUE(page->is_dropped);
}

TEST_F(ListWatchTest, FromTimeToTimeItIsComparedWhole) {
  pace_.compare = net::Duration(8);
  will_answer(listed("20", {service("web", "3"), service("phantom", "4")}));
  will_answer(open_reply());
  will_answer(listed("30", {service("web", "3"), service("missed", "11")}));
  start();
  take_log();
  run_until_asked(3);
  run_until([&] { return knows("missed"); });
  EXPECT_EQ(take_log(), Log({"+missed", "-phantom"}));
  EXPECT_EQ(list_watch_.lost_events(), 1U);
}

TEST_F(ListWatchTest, ReloadListsAtOnce) {
  will_answer(listed("20", {service("web", "3")}));
  const ReplyPtr watch = open_reply();
  will_answer(watch);
  will_answer(listed("30", {}));
  start();
  list_watch_.reload();
  EXPECT_TRUE(watch->is_dropped);
  EXPECT_FALSE(knows("web"));
}

TEST_F(ListWatchTest, WhatIsForbiddenIsSaidAndComesAliveWhenItIsNot) {
  const auto forbidden = [] {
    return reply(403, status(403, "Forbidden", "services is forbidden: User sallyport cannot list"));
  };
  will_answer(forbidden());
  will_answer(forbidden());
  will_answer(listed("20", {service("web", "3")}));
  start();
  EXPECT_EQ(list_watch_.trouble().kind, Kind::forbidden);
  EXPECT_TRUE(list_watch_.trouble().message.contains("services is forbidden")) << list_watch_.trouble().message;
  EXPECT_FALSE(list_watch_.is_decided()) << "once may be said by a server that has just begun";
  const int before = states_;
  run_until_asked(2);
  EXPECT_TRUE(list_watch_.is_decided());
  EXPECT_GT(states_, before) << "whoever waits for it is told";
  EXPECT_FALSE(list_watch_.is_listed());
  run_until([&] { return knows("web"); });
  EXPECT_EQ(list_watch_.trouble(), Trouble());
}

TEST_F(ListWatchTest, WhatIsNotServedComesAliveWhenItIs) {
  will_answer(reply(404, "404 page not found"));
  will_answer(reply(404, "404 page not found"));
  will_answer(listed("20", {service("web", "3")}));
  start();
  EXPECT_EQ(list_watch_.trouble().kind, Kind::not_served);
  EXPECT_FALSE(list_watch_.is_decided());
  run_until_asked(2);
  EXPECT_TRUE(list_watch_.is_decided());
  run_until([&] { return knows("web"); });
}

TEST_F(ListWatchTest, WhatIsNotServedAnyMoreRemovesNothing) {
  will_answer(listed("20", {service("web", "3")}));
  will_answer(reply(404, "404 page not found"));
  will_answer(reply(404, "404 page not found"));
  start();
  run_until_asked(4);
  EXPECT_EQ(list_watch_.trouble().kind, Kind::not_served);
  EXPECT_TRUE(knows("web"));
}

TEST_F(ListWatchTest, AServerThatIsNotThereIsAskedUntilItIs) {
  will_answer(nullptr);
  will_answer(nullptr);
  will_answer(listed("20", {service("web", "3")}));
  start();
  EXPECT_EQ(list_watch_.trouble().kind, Kind::unreachable);
  EXPECT_EQ(list_watch_.trouble().message, "no answer from the API server: connection refused");
  EXPECT_FALSE(list_watch_.is_decided());
  run_until([&] { return knows("web"); });
  EXPECT_EQ(list_watch_.trouble(), Trouble());
}

TEST_F(ListWatchTest, OneConnectionThatBreaksIsNotWorthAWord) {
  will_answer(listed("20", {}));
  const ReplyPtr watch = open_reply({bookmark("21")});
  will_answer(watch);
  start();
  const int before = states_;
  watch->finish(Reply::End::broken);
  run_until_asked(3);
  EXPECT_EQ(states_, before);
}

TEST_F(ListWatchTest, AnOutageEndsWithoutAList) {
  will_answer(listed("20", {service("web", "3")}));
  const ReplyPtr watch = open_reply({bookmark("21")});
  will_answer(watch);
  for (int i = 0; i < 4; ++i) will_answer(nullptr);
  start();
  watch->finish(Reply::End::broken);
  run_until_asked(7);
  EXPECT_EQ(api_.count("sendInitialEvents"), 1U);
  EXPECT_EQ(list_watch_.trouble(), Trouble());
  EXPECT_TRUE(knows("web"));
}

TEST_F(ListWatchTest, WhateverTheServerSaysProvesThatWhatIsKnownIsNotOld) {
  EXPECT_EQ(list_watch_.proven(), std::nullopt);
  will_answer(listed("20", {service("web", "3")}));
  const ReplyPtr watch = open_reply();
  will_answer(watch);
  start();
  ASSERT_TRUE(list_watch_.proven());
  EXPECT_EQ(list_watch_.lists(), 1U);
  net::Time last = *list_watch_.proven();
  const auto is_proven_by = [&](const std::string& line) {
    run_past(loop_.now() + net::Duration(2));
    EXPECT_EQ(*list_watch_.proven(), last) << "time alone proves nothing";
    line.empty() ? watch->finish() : watch->add(line);
    const bool is_newer = *list_watch_.proven() > last;
    last = *list_watch_.proven();
    return is_newer;
  };
  EXPECT_TRUE(is_proven_by(event("ADDED", service("api", "21"))));
  EXPECT_TRUE(is_proven_by(bookmark("30")));
  EXPECT_TRUE(is_proven_by("")) << "the end that was asked for";
  EXPECT_EQ(list_watch_.lists(), 1U);
}

TEST_F(ListWatchTest, AnOutageProvesNothingAndAListAgainIsCounted) {
  will_answer(listed("20", {service("web", "3")}));
  const ReplyPtr watch = open_reply();
  will_answer(watch);
  will_answer(reply(503, status(503, "ServiceUnavailable", "away")));
  will_answer(reply(410, status(410, "Expired", "too old resource version")));
  start();
  const net::Time before = *list_watch_.proven();
  watch->finish(Reply::End::broken);
  run_until_asked(5);
  EXPECT_EQ(*list_watch_.proven(), before);
  EXPECT_EQ(list_watch_.lists(), 1U);
  list_watch_.reload();
  EXPECT_EQ(list_watch_.lists(), 1U) << "nothing came of it yet";
  will_answer(listed("30", {service("web", "3")}));
  list_watch_.reload();
  EXPECT_EQ(list_watch_.lists(), 2U);
  EXPECT_GT(*list_watch_.proven(), before);
}

TEST_F(ListWatchTest, AfterALongOutageOfAServerThatHasForgottenUsItIsListedAtOnce) {
  constexpr std::size_t tries = 25;  // as many waits of answers, each twice as long, would be hours
  pace_.longest_wait = net::Duration(3'600'000);
  will_answer(listed("20", {service("web", "3")}));
  const ReplyPtr watch = open_reply({bookmark("21")});
  will_answer(watch);
  for (std::size_t i = 0; i < tries; ++i) will_answer(nullptr);
  will_answer(open_reply({event("ERROR", status(410, "Expired", "too old resource version"))}));
  will_answer(listed("40", {service("new", "32")}));
  start();
  watch->finish(Reply::End::broken);
  EXPECT_TRUE(run_until([&] { return knows("new"); })) << api_.asked().size();
}

}  // namespace
}  // namespace sallyport::sources::api_server
