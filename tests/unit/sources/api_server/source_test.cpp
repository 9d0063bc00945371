// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/source.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/loop_test.hpp"
#include "support/scripted_cluster.hpp"
#include "texts.hpp"

namespace sallyport::sources::api_server {
namespace {

using support::reply;
using support::Reply;
using support::ReplyPtr;
using Names = std::set<std::string>;

constexpr const char* ports = R"(,"spec":{"ports":[{"port":80}]})";
constexpr const char* data = R"(,"type":"Opaque","data":{"key":"c2VjcmV0"})";

ObjectRef secret_ref(std::string name, std::string namespace_ = "shop") {
  return {"", "Secret", std::move(namespace_), std::move(name)};
}

class ApiServerSourceTest : public support::LoopTest {
 protected:
  void start(SourceSettings settings = {}) {
    settings.pace = fast_pace();
    source_ = std::make_unique<ApiServerSource>(loop_, api_, std::move(settings));
    if (!wanted_.empty()) source_->want(wanted_);
    EXPECT_TRUE(source_->start([this](Changes changes) { take(std::move(changes)); }));
  }
  void take(Changes changes) {
    ++given_;
    for (const kube::ObjectPtr& object : changes.changed) objects_[object->ref] = object;
    for (const ObjectRef& ref : changes.removed) {
      objects_.erase(ref);
      gone_.push_back(ref);
    }
    unavailable_.insert(unavailable_.end(), changes.unavailable.begin(), changes.unavailable.end());
    reads_more_ = reads_more_ || changes.has_read_more;
    if (changes.problems) problems_ = *changes.problems;
    complete_ = changes.complete;
  }
  void want(const ObjectRef& ref) {
    Wanted wanted;
    wanted.added.push_back(ref);
    source_->want(wanted);
  }
  void drop(const ObjectRef& ref) {
    Wanted wanted;
    wanted.dropped.push_back(ref);
    source_->want(wanted);
  }

  bool run_until_complete() {
    return run_until([&] { return complete_; });
  }
  bool has(const ObjectRef& ref) const { return objects_.contains(ref); }
  // Of Services.
  Names names() const {
    Names names;
    for (const auto& [ref, object] : objects_) {
      if (ref.kind == "Service") names.insert(ref.namespace_ + "/" + ref.name);
    }
    return names;
  }
  // The first that is about this; empty: none.
  std::string problem(std::string_view part) const {
    for (const Problem& problem : problems_) {
      const std::string about = problem.file + (problem.ref ? to_text(*problem.ref) : "") + ": " + problem.message;
      if (about.contains(part)) return about;
    }
    return {};
  }

  // The first question for it is answered by what the cluster says then, but not before release().
  void hold(const std::string& target) {
    fault_ = [this, target](const Ask& ask) -> ReplyPtr {
      if (ask.target != target || held_ != nullptr) return nullptr;
      unheld_ = cluster_.answer(ask);
      held_ = support::open_reply();
      held_->status = unheld_->status;
      return held_;
    };
  }
  void release() {
    for (const std::string& piece : unheld_->pieces) held_->add(piece);
    held_->finish();
  }

  support::ScriptedCluster cluster_;
  Ask fetch_;                                                                          // the last GET of a Secret
  std::function<ReplyPtr(const Ask&)> fault_ = [](const Ask&) { return ReplyPtr(); };  // null: the cluster answers
  ReplyPtr held_;
  ReplyPtr unheld_;
  support::ScriptedApi api_{loop_, [this](const Ask& ask) {
                              if (ask.target.contains("/secrets/")) fetch_ = ask;
                              const ReplyPtr fault = fault_(ask);
                              return fault == nullptr ? cluster_.answer(ask) : fault;
                            }};
  Wanted wanted_;  // before the start
  std::unique_ptr<ApiServerSource> source_;
  std::map<ObjectRef, kube::ObjectPtr> objects_;
  std::vector<ObjectRef> gone_;
  std::vector<ObjectRef> unavailable_;
  bool reads_more_ = false;
  std::vector<Problem> problems_;
  int given_ = 0;
  bool complete_ = false;
};

TEST_F(ApiServerSourceTest, GivesWhatThereIsAndThenWhatChanges) {
  cluster_.put("services", "shop", "web", ports);
  cluster_.put("services", "blog", "web", ports);
  start();
  run_until_complete();
  EXPECT_EQ(names(), Names({"blog/web", "shop/web"}));
  cluster_.put("services", "shop", "api", ports);
  cluster_.remove("services", "blog", "web");
  const int before = given_;
  turn();
  EXPECT_EQ(given_, before + 1) << "what changed in one turn is one Changes";
  EXPECT_EQ(names(), Names({"shop/api", "shop/web"}));
}

TEST_F(ApiServerSourceTest, IsCompleteOnlyWhenEveryKindWasListed) {
  cluster_.put("services", "shop", "web", ports);
  const auto slow = std::make_shared<Reply>(503);
  slow->finish();
  cluster_.refusals["/apis/networking.k8s.io/v1/ingresses"] = slow;
  start();
  run_until([&] { return !problem("ingresses.networking.k8s.io: the API server is not able to answer").empty(); });
  EXPECT_TRUE(has(service_ref("web")));
  EXPECT_FALSE(complete_);
  cluster_.refusals.clear();
  run_until_complete();
  EXPECT_EQ(problem("ingresses"), "");
}

TEST_F(ApiServerSourceTest, AKindThatIsNotServedIsSaidOnceAndComesAlive) {
  start();
  run_until_complete();
  EXPECT_EQ(problem("gateroutes"),
            "gateroutes.sallyport.dev: not served by the API server: there will be none of them until it is");
  EXPECT_EQ(api_.count("/gateroutes"), 0U);
  EXPECT_FALSE(source_->has_read({"sallyport.dev", "GateRoute", "shop", "web"}));
  cluster_.serve("gateroutes");
  cluster_.put("gateroutes", "shop", "web", R"(,"spec":{"rules":[]})");
  run_until([&] { return has({"sallyport.dev", "GateRoute", "shop", "web"}); });
  EXPECT_EQ(problem("gateroutes"), "");
}

TEST_F(ApiServerSourceTest, WithoutAggregatedDiscoveryToo) {
  cluster_.aggregates_discovery = false;
  start();
  run_until_complete();
  EXPECT_NE(api_.count("/apis/sallyport.dev/v1alpha1"), 0U);
  EXPECT_NE(problem("gateroutes.sallyport.dev: not served"), "");
}

TEST_F(ApiServerSourceTest, WhatIsForbiddenIsNamedAndTheRestGoesOn) {
  cluster_.put("services", "shop", "web", ports);
  cluster_.refusals["/apis/networking.k8s.io/v1/ingressclasses"] =
      reply(403, status(403, "Forbidden", "ingressclasses is forbidden"));
  start();
  run_until_complete();
  EXPECT_EQ(problem("ingressclasses"),
            "ingressclasses.networking.k8s.io: may not be listed and watched: ingressclasses is forbidden");
  EXPECT_TRUE(has(service_ref("web")));
  EXPECT_FALSE(source_->has_read({"networking.k8s.io", "IngressClass", "", "sallyport"}));
  EXPECT_TRUE(source_->has_read(service_ref("other")));
}

TEST_F(ApiServerSourceTest, WhatIsForbiddenForAMomentAtTheStartIsWaitedFor) {
  cluster_.put("services", "shop", "web", ports);
  fault_ = [is_first = true](const Ask& ask) mutable -> ReplyPtr {
    if (!ask.target.starts_with("/api/v1/services") || !std::exchange(is_first, false)) return nullptr;
    return reply(403, status(403, "Forbidden", "services is forbidden"));
  };
  start();
  run_until_complete();
  EXPECT_TRUE(has(service_ref("web")));
}

TEST_F(ApiServerSourceTest, WhatIsNotServedForAMomentAtTheStartIsWaitedFor) {
  cluster_.put("gateroutes", "shop", "web", R"(,"spec":{"rules":[]})");
  fault_ = [this, is_first = true](const Ask& ask) mutable -> ReplyPtr {
    if (ask.target != "/apis" || !std::exchange(is_first, false)) return nullptr;
    const ReplyPtr before = cluster_.answer(ask);
    cluster_.serve("gateroutes");
    return before;
  };
  start();
  run_until_complete();
  EXPECT_TRUE(has({"sallyport.dev", "GateRoute", "shop", "web"}));
}

TEST_F(ApiServerSourceTest, AServerThatIsNotThereIsOneProblemAndIsWaitedFor) {
  cluster_.is_there = false;
  cluster_.put("services", "shop", "web", ports);
  start();
  run_until([&] { return !problems_.empty(); });
  ASSERT_EQ(problems_.size(), 1U);
  EXPECT_EQ(problems_[0].message, "no answer from the API server: connection refused");
  EXPECT_FALSE(complete_);
  cluster_.is_there = true;
  run_until_complete();
  EXPECT_TRUE(has(service_ref("web")));
}

TEST_F(ApiServerSourceTest, WhatWasReadStaysWhileTheServerIsAway) {
  cluster_.put("services", "shop", "web", ports);
  start();
  run_until_complete();
  cluster_.is_there = false;
  cluster_.end_watches();
  run_until([&] { return !problem("no answer").empty(); });
  EXPECT_EQ(problem("no answer"), ": no answer from the API server: connection refused; what is known stays in force");
  EXPECT_TRUE(has(service_ref("web")));
  EXPECT_TRUE(complete_);
  const std::size_t lists = api_.count("sendInitialEvents");
  cluster_.is_there = true;
  run_until([&] { return problem("no answer").empty(); });
  EXPECT_EQ(api_.count("sendInitialEvents"), lists);
}

TEST_F(ApiServerSourceTest, SomeNamespacesAreAskedForOneByOne) {
  cluster_.put("services", "shop", "web", ports);
  cluster_.put("services", "blog", "web", ports);
  cluster_.put("services", "other", "web", ports);
  start({.namespaces = {"shop", "blog"}, .namespace_selector = {}, .pace = {}});
  run_until_complete();
  EXPECT_EQ(names(), Names({"blog/web", "shop/web"}));
  EXPECT_EQ(api_.count("/api/v1/services"), 0U);
  EXPECT_NE(api_.count("/api/v1/namespaces/shop/services"), 0U);
  EXPECT_NE(api_.count("/apis/networking.k8s.io/v1/ingressclasses"), 0U);
}

TEST_F(ApiServerSourceTest, LabelledNamespacesComeAndGoWithTheirLabel) {
  cluster_.put("services", "shop", "web", ports);
  cluster_.put("services", "blog", "web", ports);
  cluster_.put("secrets", "blog", "cert", data);
  cluster_.put("namespaces", "", "shop");
  start({.namespaces = {}, .namespace_selector = "team=shop", .pace = {}});
  run_until_complete();
  EXPECT_NE(api_.count("labelSelector=team%3dshop"), 0U);
  EXPECT_EQ(names(), Names({"shop/web"}));
  want(secret_ref("cert", "blog"));
  EXPECT_FALSE(source_->is_awaited(secret_ref("cert", "blog"))) << "it is not ours";

  cluster_.put("namespaces", "", "blog");
  run_until([&] { return has(secret_ref("cert", "blog")); });
  EXPECT_EQ(names(), Names({"blog/web", "shop/web"}));

  cluster_.remove("namespaces", "", "blog");
  turn();
  EXPECT_EQ(names(), Names({"shop/web"}));
  EXPECT_FALSE(has(secret_ref("cert", "blog")));
}

TEST_F(ApiServerSourceTest, OfSecretsOnlyNamesAreListed) {
  cluster_.put("secrets", "shop", "cert", data);
  start();
  run_until_complete();
  EXPECT_FALSE(has(secret_ref("cert")));
  EXPECT_TRUE(source_->is_awaited(secret_ref("cert"))) << "whoever refers to it waits";
  EXPECT_FALSE(source_->is_awaited(secret_ref("none")));
  EXPECT_EQ(api_.count("/secrets/cert"), 0U);
}

TEST_F(ApiServerSourceTest, AWantedOneIsFetchedWheneverItsVersionMoves) {
  cluster_.put("secrets", "shop", "cert", data);
  start();
  run_until_complete();
  want(secret_ref("cert"));
  turn();
  ASSERT_TRUE(has(secret_ref("cert")));
  EXPECT_FALSE(source_->is_awaited(secret_ref("cert")));
  EXPECT_EQ(kube::as<kube::Secret>(*objects_[secret_ref("cert")])->data.at("key").reveal(), "secret");
  EXPECT_EQ(api_.count("/secrets/cert"), 1U);
  cluster_.put("secrets", "shop", "cert", R"(,"data":{"key":"bmV3"})");
  turn();
  EXPECT_EQ(kube::as<kube::Secret>(*objects_[secret_ref("cert")])->data.at("key").reveal(), "new");
  EXPECT_EQ(api_.count("/secrets/cert"), 2U);
  cluster_.put("secrets", "shop", "other", data);
  turn();
  EXPECT_EQ(api_.count("/secrets/"), 2U) << "nobody wants the other";
}

TEST_F(ApiServerSourceTest, OneThatIsWantedEarlyComesWithTheFirst) {
  cluster_.put("secrets", "shop", "cert", data);
  wanted_.added.push_back(secret_ref("cert"));
  start();
  run_until([&] { return has(secret_ref("cert")); });
}

TEST_F(ApiServerSourceTest, OneThatNobodyWantsAnyMoreIsDropped) {
  cluster_.put("secrets", "shop", "cert", data);
  start();
  run_until_complete();
  want(secret_ref("cert"));
  turn();
  drop(secret_ref("cert"));
  turn();
  EXPECT_FALSE(has(secret_ref("cert")));
  cluster_.put("secrets", "shop", "cert", data);
  turn();
  EXPECT_EQ(api_.count("/secrets/cert"), 1U);
}

TEST_F(ApiServerSourceTest, OneThatIsDeletedIsGoneAndThatOfItsNameComesBack) {
  cluster_.put("secrets", "shop", "cert", data);
  start();
  run_until_complete();
  want(secret_ref("cert"));
  turn();
  cluster_.remove("secrets", "shop", "cert");
  turn();
  EXPECT_FALSE(has(secret_ref("cert")));
  cluster_.put("secrets", "shop", "cert", data);
  run_until([&] { return has(secret_ref("cert")); });
}

TEST_F(ApiServerSourceTest, OneThatGoesWhileItIsFetchedIsNotGiven) {
  cluster_.put("secrets", "shop", "cert", data);
  start();
  run_until_complete();
  hold("/api/v1/namespaces/shop/secrets/cert");
  want(secret_ref("cert"));
  ASSERT_TRUE(run_until([&] { return held_ != nullptr; }));
  cluster_.remove("secrets", "shop", "cert");
  turn();
  release();
  turn();
  EXPECT_FALSE(has(secret_ref("cert")));
  cluster_.put("secrets", "shop", "cert", data);
  EXPECT_TRUE(run_until([&] { return has(secret_ref("cert")); })) << "it is fetched when it is back";
}

TEST_F(ApiServerSourceTest, OneWhoseNamespaceLosesItsLabelWhileItIsFetchedIsNotGiven) {
  cluster_.put("secrets", "blog", "cert", data);
  cluster_.put("namespaces", "", "blog");
  start({.namespaces = {}, .namespace_selector = "team=shop", .pace = {}});
  run_until_complete();
  hold("/api/v1/namespaces/blog/secrets/cert");
  want(secret_ref("cert", "blog"));
  ASSERT_TRUE(run_until([&] { return held_ != nullptr; }));
  cluster_.remove("namespaces", "", "blog");
  turn();
  release();
  turn();
  EXPECT_FALSE(has(secret_ref("cert", "blog")));
}

TEST_F(ApiServerSourceTest, OneThatMayNotBeFetchedIsNotWaitedForAndComesWhenItMay) {
  cluster_.put("secrets", "shop", "cert", data);
  cluster_.refusals["/api/v1/namespaces/shop/secrets/cert"] =
      reply(403, status(403, "Forbidden", "cannot get secrets"));
  start();
  run_until_complete();
  want(secret_ref("cert"));
  turn();
  EXPECT_FALSE(source_->is_awaited(secret_ref("cert")));
  EXPECT_EQ(unavailable_, std::vector<ObjectRef>({secret_ref("cert")})) << "whoever waits is told";
  EXPECT_TRUE(gone_.empty());
  EXPECT_FALSE(source_->has_read(secret_ref("cert")));
  EXPECT_EQ(problem("Secret"), "Secret shop/cert: may not be fetched: cannot get secrets");
  cluster_.refusals.clear();
  reads_more_ = false;
  run_until([&] { return has(secret_ref("cert")); });
  turn();
  EXPECT_EQ(problem("Secret"), "");
  EXPECT_TRUE(source_->has_read(secret_ref("cert")));
  EXPECT_TRUE(reads_more_);
}

TEST_F(ApiServerSourceTest, OneThatMayNotBeFetchedAndIsDeletedIsGone) {
  cluster_.put("secrets", "shop", "cert", data);
  cluster_.refusals["/api/v1/namespaces/shop/secrets/cert"] = reply(403, "");
  start();
  run_until_complete();
  want(secret_ref("cert"));
  run_until([&] { return !unavailable_.empty(); });
  cluster_.remove("secrets", "shop", "cert");
  run_until([&] { return !gone_.empty(); });
  EXPECT_TRUE(source_->has_read(secret_ref("cert")));
}

TEST_F(ApiServerSourceTest, OneThatFailsIsTriedAgainBeforeNobodyWaitsForIt) {
  cluster_.put("secrets", "shop", "cert", data);
  cluster_.refusals["/api/v1/namespaces/shop/secrets/cert"] = reply(500, "");
  start();
  run_until_complete();
  want(secret_ref("cert"));
  EXPECT_TRUE(source_->is_awaited(secret_ref("cert")));
  run_until([&] { return !unavailable_.empty(); });
  EXPECT_TRUE(gone_.empty());
  EXPECT_EQ(api_.count("/secrets/cert"), 4U);
  EXPECT_EQ(problem("Secret"), "Secret shop/cert: cannot be fetched: status 500");
  cluster_.refusals.clear();
  run_until([&] { return has(secret_ref("cert")); });
}

TEST_F(ApiServerSourceTest, OneThatHangsIsTriedForSomeSeconds) {
  cluster_.put("secrets", "shop", "cert", data);
  start();
  run_until_complete();
  want(secret_ref("cert"));
  EXPECT_EQ(fetch_.target, "/api/v1/namespaces/shop/secrets/cert");
  EXPECT_LE(fetch_.patience, net::Duration(5'000)) << "four times, before it is waited for no longer";
}

TEST_F(ApiServerSourceTest, OneThatCannotBeReadStaysAsItWas) {
  cluster_.put("secrets", "shop", "cert", data);
  start();
  run_until_complete();
  want(secret_ref("cert"));
  turn();
  cluster_.put("secrets", "shop", "cert", R"(,"data":{)");
  turn();
  EXPECT_TRUE(has(secret_ref("cert")));
  EXPECT_TRUE(problem("Secret shop/cert").contains("not JSON")) << problem("Secret");
  EXPECT_EQ(api_.count("/secrets/cert"), 2U) << "it is not asked for again before it changes";
  cluster_.put("secrets", "shop", "cert", data);
  turn();
  EXPECT_EQ(problem("Secret"), "");
}

TEST_F(ApiServerSourceTest, AnObjectThatCannotBeReadIsNamed) {
  cluster_.put("services", "shop", "web", ports);
  start();
  run_until_complete();
  cluster_.put("services", "shop", "web", R"(,"spec":{"ports")");
  turn();
  EXPECT_TRUE(problem("Service shop/web: cannot be read: not JSON").ends_with("; what it was stays"))
      << problem("Service");
  EXPECT_TRUE(has(service_ref("web")));
  EXPECT_FALSE(source_->has_read(service_ref("web")));
}

TEST_F(ApiServerSourceTest, ReloadListsEverythingAndAnswersEvenIfNothingChanged) {
  cluster_.put("services", "shop", "web", ports);
  start();
  run_until_complete();
  const int before = given_;
  const std::size_t lists = api_.count("sendInitialEvents");
  source_->reload();
  turn();
  EXPECT_GT(given_, before);
  EXPECT_EQ(api_.count("sendInitialEvents"), 2 * lists);
}

TEST_F(ApiServerSourceTest, ItIsFreedWhateverItWaitsFor) {
  cluster_.put("secrets", "shop", "cert", data);
  start();
  run_until_complete();
  EXPECT_NE(cluster_.watches(), 0U);
  source_.reset();
  EXPECT_EQ(cluster_.watches(), 0U);
}

TEST_F(ApiServerSourceTest, TellsHowItStandsWithEachKind) {
  cluster_.put("services", "shop", "web", ports);
  cluster_.put("services", "blog", "web", ports);
  cluster_.put("secrets", "shop", "cert", data);
  cluster_.refusals["/apis/networking.k8s.io/v1/ingressclasses"] = reply(403, status(403, "Forbidden", "no"));
  start();
  run_until_complete();
  std::map<std::string, KindFigures> kinds;
  const auto look = [&] {
    kinds.clear();
    for (const KindFigures& figures : source_->figures()) kinds[figures.kind] = figures;
  };
  look();
  EXPECT_EQ(kinds.size(), 7U) << "no Endpoints, and no Namespaces without a selector";
  EXPECT_EQ(kinds["services"].state, KindState::live);
  EXPECT_EQ(kinds["services"].objects, 2U);
  EXPECT_EQ(kinds["services"].lists, 1U);
  EXPECT_TRUE(kinds["services"].age);
  EXPECT_EQ(kinds["secrets"].objects, 1U);
  EXPECT_EQ(kinds["ingressclasses.networking.k8s.io"].state, KindState::forbidden);
  EXPECT_FALSE(kinds["ingressclasses.networking.k8s.io"].age) << "nothing of it is in force";
  EXPECT_EQ(kinds["gateroutes.sallyport.dev"].state, KindState::not_served);

  cluster_.is_there = false;
  cluster_.end_watches();
  run_until([&] { return !problem("no answer").empty(); });
  run_past(loop_.now() + net::Duration(5));
  look();
  EXPECT_EQ(kinds["services"].state, KindState::stale);
  EXPECT_GE(kinds["services"].age, net::Duration(5));
  EXPECT_EQ(kinds["services"].objects, 2U);
  cluster_.is_there = true;
  source_->reload();
  run_until([&] { return problem("no answer").empty(); });
  look();
  EXPECT_EQ(kinds["services"].state, KindState::live);
  EXPECT_EQ(kinds["services"].lists, 2U);
}

TEST_F(ApiServerSourceTest, OfSeveralNamespacesTheWorstCounts) {
  cluster_.put("services", "shop", "web", ports);
  cluster_.put("services", "blog", "web", ports);
  cluster_.refusals["/api/v1/namespaces/blog/services"] = reply(403, status(403, "Forbidden", "no"));
  start({.namespaces = {"shop", "blog"}, .namespace_selector = {}, .pace = {}});
  run_until_complete();
  for (const KindFigures& figures : source_->figures()) {
    if (figures.kind != "services") continue;
    EXPECT_EQ(figures.state, KindState::forbidden);
    EXPECT_EQ(figures.objects, 1U);
  }
}

}  // namespace
}  // namespace sallyport::sources::api_server
