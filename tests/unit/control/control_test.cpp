// SPDX-License-Identifier: Apache-2.0
#include "control/control.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sources/file_table.hpp"
#include "unit/control/objects.hpp"

namespace sallyport::control {
namespace {

class HandSource final : public sources::Source {
 public:
  Result<void> start(sources::OnChanges on_changes) override {
    give = std::move(on_changes);
    return {};
  }
  void reload() override { ++reloads; }
  bool has_read(const ObjectRef&) const override { return true; }

  sources::OnChanges give;
  int reloads = 0;
};

struct ControlTest : testing::Test {
  ControlTest() { EXPECT_TRUE(control.start()); }

  std::vector<std::string> take_lines() { return std::exchange(lines, {}); }

  static inline net::Time hand;  // of the clock

  HandSource source;
  std::vector<std::string> lines;
  std::vector<model::Delta> deltas;
  bool was_ready_early = false;  // while the first version was handed on
  LineSink sink{[this](std::string line) { lines.push_back(std::move(line)); }};
  Control control{source,
                  sink,
                  Settings{},
                  [this](model::Delta delta) {
                    deltas.push_back(std::move(delta));
                    was_ready_early = was_ready_early || (deltas.size() == 1 && control.is_ready());
                  },
                  [this](std::string line) { lines.push_back(std::move(line)); },
                  [] { return hand; }};
};

using Lines = std::vector<std::string>;

TEST_F(ControlTest, VerdictIsToldOnlyAfterAdoption) {
  source.give(changed(ingress("a", rules({rule("a.example.com", "nowhere")}))));
  ASSERT_EQ(deltas.size(), 1U);
  EXPECT_EQ(take_lines(), Lines{});
  EXPECT_TRUE(control.statuses().empty());
  EXPECT_FALSE(control.is_ready());
  EXPECT_FALSE(was_ready_early);

  control.adopted({.version = deltas[0].version});
  EXPECT_EQ(take_lines(),
            Lines{"rejected Ingress shop/a (test.yaml:5:spec.rules[0].http.paths[0].path): InvalidPath: no request can "
                  "have the path \"nowhere\": the path does not begin with '/'"});
  EXPECT_TRUE(control.statuses().contains(ingress_ref("a")));
  EXPECT_TRUE(control.is_ready());
}

TEST_F(ControlTest, LineComesOnlyOnChange) {
  const std::string text = service() + slice("10.0.0.1") + ingress("a", rules({rule("a.example.com", "/")}));
  source.give(changed(text));
  control.adopted({.version = 1});
  EXPECT_EQ(take_lines(),
            (Lines{"accepted Service shop/web (test.yaml:2)", "accepted EndpointSlice shop/web-1 (test.yaml:7)",
                   "accepted Ingress shop/a (test.yaml:14)"}));

  source.give(changed(text));
  source.give(changed("\n\n" + text));  // every line moved
  control.adopted({.version = control.version()});
  EXPECT_EQ(take_lines(), Lines{});
  EXPECT_EQ(control.statuses().at(ingress_ref("a"))->origin.line, 16U);
}

TEST_F(ControlTest, LinesThatMovedAreToldOnlyWithTheNextChange) {
  const std::string text = ingress("a", rules({rule("a.example.com", "/")}));
  sources::FileTable table;
  const auto give = [&](const std::string& yaml) {
    kube::Digest digest;
    digest.add(yaml);
    table.put("web.yaml", digest, kube::read_objects("web.yaml", yaml));
    sources::Changes changes = table.take({});
    changes.complete = true;
    source.give(std::move(changes));
    control.adopted({.version = control.version()});
  };
  give(text);
  ASSERT_EQ(deltas.size(), 1U);
  const Lines first = take_lines();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(first[0].starts_with("rejected Ingress shop/a (web.yaml:5:")) << first[0];

  std::string comments;
  for (int line = 0; line < 30; ++line) comments += "# a comment\n";
  give(comments + text);
  EXPECT_EQ(deltas.size(), 2U) << "the new lines";
  EXPECT_EQ(take_lines(), Lines{});
  const ObjectStatus& status = *control.statuses().at(ingress_ref("a"));
  EXPECT_EQ(status.origin.line, 32U);
  EXPECT_EQ(status.findings.at(0).origin.line, 35U);
  EXPECT_EQ(deltas[1].rules.changed.at(0)->origin.line, 35U);

  source.give(
      changed("---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"
              "spec: {ports: [{port: 81}]}\n"));
  control.adopted({.version = control.version()});
  const Lines told = take_lines();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_TRUE(told[1].starts_with("rejected Ingress shop/a (web.yaml:35:")) << told[1];
  EXPECT_TRUE(told[1].find("PortNotFound") != std::string::npos) << told[1];
}

TEST_F(ControlTest, FindingsThatMovedPastEachOtherAreNoNewLine) {
  const std::string head =
      "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a, namespace: shop}\n";
  const std::string back = "  defaultBackend: {service: {name: gone, port: {number: 80}}}\n";
  const std::string rule_text = "  " + rules({rule("a.example.com", "/")}) + "\n";
  source.give(changed(head + "spec:\n" + back + rule_text));
  control.adopted({.version = control.version()});
  const Lines first = take_lines();
  ASSERT_EQ(first.size(), 1U);
  source.give(changed(head + "spec:\n" + rule_text + back));
  control.adopted({.version = control.version()});
  EXPECT_EQ(take_lines(), Lines{});
  EXPECT_EQ(deltas.size(), 2U) << "the new lines";
}

TEST_F(ControlTest, WinnerThatMovedIsNoNewLineForTheLoser) {
  const std::string web = service() + slice("10.0.0.1");
  const std::string winner = ingress("a", rules({rule("x.example.com", "/")}));
  const std::string loser = ingress("b", rules({rule("x.example.com", "/")}));
  source.give(changed(web + loser + winner));
  control.adopted({.version = control.version()});
  const Lines first = take_lines();
  ASSERT_EQ(first.size(), 4U);
  EXPECT_EQ(first[3],
            "rejected Ingress shop/b (test.yaml:17:spec.rules[0].http.paths[0]): Shadowed: shadowed by Ingress shop/a "
            "(test.yaml:22), which has the first namespace and name");

  source.give(changed("\n\n" + winner));
  control.adopted({.version = control.version()});
  EXPECT_EQ(take_lines(), Lines{});
  const dialects::Finding& finding = control.statuses().at(ingress_ref("b"))->findings.at(0);
  EXPECT_EQ(sentence(finding), "shadowed by Ingress shop/a (test.yaml:7), which has the first namespace and name");
}

TEST_F(ControlTest, OlderReportDoesNotPublishNewerVersions) {
  source.give(changed(service()));
  source.give(changed(ingress("a", rules({rule("a.example.com", "/")}))));
  control.adopted({.version = 1});
  EXPECT_FALSE(control.statuses().contains(ingress_ref("a")));
  control.adopted({.version = 2});
  EXPECT_TRUE(control.statuses().contains(ingress_ref("a")));
}

TEST_F(ControlTest, ChangeWithoutDeltaWaitsForTheVersionThatIsBeingAdopted) {
  source.give(changed(service()));
  source.give(changed(ingress("a", "rules: nonsense")));
  EXPECT_EQ(deltas.size(), 1U);
  EXPECT_TRUE(control.statuses().empty());
  control.adopted({.version = 1});
  EXPECT_EQ(control.statuses().at(ingress_ref("a"))->verdict, dialects::Verdict::rejected);
}

TEST_F(ControlTest, OfSeveralChangesOnlyTheLastIsTold) {
  source.give(changed(ingress("a", "rules: nonsense")));
  source.give(changed(service() + ingress("a", rules({rule("a.example.com", "/")}))));
  source.give(removed(ingress_ref("a")));
  source.give(changed(ingress("a", rules({rule("b.example.com", "/")}))));
  control.adopted({.version = control.version()});
  const Lines told = take_lines();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_TRUE(told[1].starts_with("accepted Ingress shop/a")) << told[1];
}

TEST_F(ControlTest, RemovedObjectHasNoStatusAndIsNewWhenItReturns) {
  const std::string text = service() + slice("10.0.0.1") + ingress("a", rules({rule("a.example.com", "/")}));
  source.give(changed(text));
  control.adopted({.version = 1});
  take_lines();
  source.give(removed(ingress_ref("a")));
  EXPECT_EQ(take_lines(), Lines{}) << "it is still served";
  control.adopted({.version = 2});
  EXPECT_EQ(take_lines(), Lines{"removed Ingress shop/a"});
  EXPECT_FALSE(control.statuses().contains(ingress_ref("a")));
  source.give(changed(text));
  control.adopted({.version = 3});
  EXPECT_EQ(take_lines().size(), 1U);
}

TEST_F(ControlTest, ObjectThatReturnsBeforeItsLeavingWasAdoptedIsNoLine) {
  const std::string text = service() + slice("10.0.0.1") + ingress("a", rules({rule("a.example.com", "/")}));
  source.give(changed(text));
  control.adopted({.version = 1});
  take_lines();
  source.give(removed(ingress_ref("a")));
  source.give(changed(text));
  source.give(changed(ingress("b", rules({rule("b.example.com", "/")}))));
  source.give(removed(ingress_ref("b")));
  control.adopted({.version = control.version()});
  EXPECT_EQ(take_lines(), Lines{}) << "one returned, the other came and went";
  EXPECT_TRUE(control.statuses().contains(ingress_ref("a")));
}

TEST_F(ControlTest, TotalsAreOfWhatIsPublished) {
  source.give(changed(service() + slice("10.0.0.1") +
                      ingress("a", rules({rule("a.example.com", "/")}), ", generation: 1") +
                      ingress("b", "rules: nonsense") + ingress("c", "ingressClassName: nobody")));
  EXPECT_EQ(control.totals(), Totals());
  control.adopted({.version = control.version()});
  EXPECT_EQ(control.totals(), (Totals{.accepted = 3, .ignored = 1, .rejected = 1, .last_good = 0, .rules = 1}));

  source.give(changed(ingress("a", "rules: nonsense", ", generation: 2")));
  control.adopted({.version = control.version()});
  EXPECT_EQ(control.totals(), (Totals{.accepted = 2, .ignored = 1, .rejected = 2, .last_good = 1, .rules = 1}));

  source.give(removed(ingress_ref("a")));
  source.give(removed(ingress_ref("b")));
  source.give(removed(ingress_ref("c")));
  control.adopted({.version = control.version()});
  EXPECT_EQ(control.totals(), (Totals{.accepted = 2, .ignored = 0, .rejected = 0, .last_good = 0, .rules = 0}));
}

TEST_F(ControlTest, HookIsCalledWhenSomethingWasPublished) {
  int calls = 0;
  control.on_change([&] { ++calls; });
  source.give(changed(service()));
  EXPECT_EQ(calls, 0);
  control.adopted({.version = 1});
  EXPECT_EQ(calls, 1);
  source.give(changed(service()));
  EXPECT_EQ(calls, 1) << "nothing changed";
  source.give(changed(service() + slice("10.0.0.1")));
  EXPECT_EQ(calls, 1);
  control.adopted({.version = 2});
  EXPECT_EQ(calls, 2);
}

TEST_F(ControlTest, PropagationIsTakenForEachVersionOnce) {
  hand = {};
  source.give(changed(service()));
  hand += std::chrono::milliseconds(7);
  source.give(changed(slice("10.0.0.1")));
  source.give(changed(slice("10.0.0.1", "nobody", "unread")));  // no version of its own
  hand += std::chrono::milliseconds(13);
  control.adopted({.version = 2});
  const Propagation& times = control.propagation();
  EXPECT_EQ(times.count, 2U);
  EXPECT_EQ(times.counts[4], 2U) << "13 ms and 20 ms are of at most 20";
  EXPECT_DOUBLE_EQ(times.sum, 0.033);

  source.give(changed(slice("10.0.0.2")));
  hand += std::chrono::minutes(1);
  control.adopted({.version = 3});
  EXPECT_EQ(times.counts.back(), 1U);
}

TEST_F(ControlTest, FirstReadingCountsAsOne) {
  sources::Changes half = changed(ingress("a", rules({rule("a.example.com", "/")})));
  half.complete = false;
  source.give(std::move(half));
  EXPECT_TRUE(deltas.empty());
  source.give(changed(service() + slice("10.0.0.1")));
  ASSERT_EQ(deltas.size(), 1U);
  control.adopted({.version = 1});
  EXPECT_EQ(control.statuses().at(ingress_ref("a"))->verdict, dialects::Verdict::accepted);
}

TEST_F(ControlTest, FileProblemIsALineOnce) {
  const sources::Problem problem{
      .kind = sources::Problem::Kind::broken, .file = "b.yaml", .line = 3, .ref = {}, .message = "not YAML"};
  for (int times = 0; times < 2; ++times) {
    sources::Changes changes;
    changes.problems = {problem};
    changes.complete = true;
    source.give(std::move(changes));
  }
  EXPECT_EQ(take_lines(), Lines{"broken (b.yaml:3): not YAML"});
  EXPECT_EQ(control.problems().size(), 1U);
}

TEST_F(ControlTest, EachObjectWithTheSameProblemIsNamed) {
  const auto give = [&](const std::vector<std::string>& names) {
    sources::Changes changes;
    changes.problems.emplace();
    for (const std::string& name : names) {
      changes.problems->push_back({.kind = sources::Problem::Kind::broken,
                                   .file = {},
                                   .line = 0,
                                   .ref = ingress_ref(name),
                                   .message = "may not be fetched"});
    }
    changes.complete = true;
    source.give(std::move(changes));
    return take_lines();
  };
  EXPECT_EQ(give({"a"}), Lines{"broken Ingress shop/a: may not be fetched"});
  EXPECT_EQ(give({"a", "b"}), Lines{"broken Ingress shop/b: may not be fetched"});
  EXPECT_EQ(give({"b"}), Lines{"mended Ingress shop/a: was broken: may not be fetched"});
}

TEST_F(ControlTest, MendedFileIsALineOnceNothingOfItsKindIsLeft) {
  using Kind = sources::Problem::Kind;
  const auto give = [&](std::vector<sources::Problem> problems) {
    sources::Changes changes;
    changes.problems = std::move(problems);
    changes.complete = true;
    source.give(std::move(changes));
    return take_lines();
  };
  const sources::Problem first{.kind = Kind::broken, .file = "b.yaml", .line = 3, .ref = {}, .message = "not YAML"};
  const sources::Problem second{.kind = Kind::broken, .file = "b.yaml", .line = 9, .ref = {}, .message = "no kind"};
  const sources::Problem twice{
      .kind = Kind::duplicate, .file = "c.yaml", .line = 1, .ref = ingress_ref("a"), .message = "a.yaml has it"};
  const sources::Problem unread{.kind = Kind::ignored, .file = "d.yaml", .line = 1, .ref = {}, .message = "a Pod"};
  const sources::Problem blind{.kind = Kind::watch, .file = {}, .line = 0, .ref = {}, .message = "no watch left"};
  EXPECT_EQ(give({first, twice, unread, blind}).size(), 4U);

  sources::Problem moved = first;
  moved.line = 5;
  EXPECT_EQ(give({moved, twice, unread, blind}), Lines{}) << "only its line is another";
  EXPECT_EQ(control.problems()[0].line, 5U);
  EXPECT_EQ(give({second, twice, unread, blind}), Lines{"broken (b.yaml:9): no kind"}) << "still broken";
  EXPECT_EQ(give({}), (Lines{"mended (b.yaml:9): was broken: no kind",
                             "mended Ingress shop/a (c.yaml:1): was duplicate: a.yaml has it",
                             "mended: was watch: no watch left"}));
  EXPECT_EQ(give({blind}), Lines{"watch: no watch left"});
}

TEST_F(ControlTest, BindFailureIsALineOnceAndAgainAfterItWasGood) {
  const auto address = *syntax::SocketAddress::parse("127.0.0.1:80");
  const model::Bound failed{.listener = "http", .address = address, .problem = "port 80 is taken"};
  const model::Bound good{.listener = "http", .address = address, .problem = {}};
  control.bound(good);
  EXPECT_EQ(take_lines(), Lines{}) << "nothing was wrong before";
  control.bound(failed);
  control.bound(failed);
  EXPECT_EQ(take_lines(), Lines{"listener http on 127.0.0.1:80: port 80 is taken"});
  control.bound(good);
  control.bound(good);
  EXPECT_EQ(take_lines(), Lines{"listener http on 127.0.0.1:80: listening again"});
  control.bound(failed);
  EXPECT_EQ(take_lines().size(), 1U);
}

TEST_F(ControlTest, ReloadReachesTheSource) {
  control.reload();
  EXPECT_EQ(source.reloads, 1);
}

class NotingStatuses final : public sources::StatusSink {
 public:
  void seen(const kube::ObjectPtr& object) override { said.push_back("seen " + to_text(object->ref)); }
  void gone(const ObjectRef& ref) override { said.push_back("gone " + to_text(ref)); }
  void write(const sources::Published& published) override {
    std::string what = "left alone";
    if (std::holds_alternative<sources::Withdrawn>(published.fields)) what = "withdrawn";
    if (const auto* const wanted = std::get_if<sources::LoadBalancer>(&published.fields)) {
      what = text::join(wanted->addresses, ", ");
    }
    if (published.object == nullptr) what += " (gone)";
    said.push_back(text::cat(to_text(published.verdict.ref), ": ", what));
  }

  std::vector<std::string> said;
};

TEST(ControlStatuses, AreToldOfWhatTheSourceSaysAndOfWhatIsServed) {
  HandSource source;
  NotingStatuses statuses;
  LineSink lines([](const std::string&) {});
  Settings settings;
  settings.publish_addresses = {"192.0.2.1", "lb.example.com"};
  Control control(source, lines, settings, [](const model::Delta&) {}, [](const std::string&) {});
  control.send_statuses_to(statuses);
  ASSERT_TRUE(control.start());

  source.give(changed(service() + ingress("a", rules({rule("a.example.com", "/")}))));
  std::ranges::sort(statuses.said);
  EXPECT_EQ(std::exchange(statuses.said, {}), (Lines{"seen Ingress shop/a", "seen Service shop/web"}));
  control.adopted({.version = control.version()});
  EXPECT_EQ(std::exchange(statuses.said, {}),
            (Lines{"Service shop/web: withdrawn", "Ingress shop/a: 192.0.2.1, lb.example.com"}));

  source.give(changed(ingress("a", "ingressClassName: another")));
  control.adopted({.version = control.version()});
  EXPECT_EQ(std::exchange(statuses.said, {}), (Lines{"seen Ingress shop/a", "Ingress shop/a: withdrawn"}));

  source.give(removed(ingress_ref("a")));
  control.adopted({.version = control.version()});
  EXPECT_EQ(std::exchange(statuses.said, {}), (Lines{"gone Ingress shop/a", "gone Ingress shop/a"}));
}

TEST(ControlStatuses, ListTheAddressesOfTheServiceThatIsPublished) {
  HandSource source;
  NotingStatuses statuses;
  LineSink lines([](const std::string&) {});
  Settings settings;
  settings.publish_service = ObjectRef{.group = "", .kind = "Service", .namespace_ = "shop", .name = "gate"};
  Control control(source, lines, settings, [](const model::Delta&) {}, [](const std::string&) {});
  control.send_statuses_to(statuses);
  ASSERT_TRUE(control.start());
  const auto told = [&](const sources::Changes& changes) {
    source.give(sources::Changes(changes));
    control.adopted({.version = control.version()});
    std::string last = "nothing";
    for (const std::string& one : std::exchange(statuses.said, {})) {
      if (one.starts_with("Ingress shop/a: ")) last = one.substr(16);
    }
    return last;
  };
  const auto gate = [](std::string_view status) {
    return changed(
        text::cat("apiVersion: v1\nkind: Service\nmetadata: {name: gate, namespace: shop}\n"
                  "spec: {type: LoadBalancer, ports: [{port: 80}]}\nstatus: ",
                  status, "\n"));
  };
  EXPECT_EQ(told(changed(service() + ingress("a", rules({rule("a.example.com", "/")})))), "left alone");
  EXPECT_EQ(told(gate("{loadBalancer: {ingress: [{ip: 192.0.2.1}]}}")), "192.0.2.1");
  const Work before = control.work();
  EXPECT_EQ(told(gate("{loadBalancer: {ingress: [{ip: 192.0.2.2}]}}")), "192.0.2.2");
  EXPECT_EQ((control.work() - before).translate, 0U) << "the Service means the same";
  EXPECT_EQ(told(gate("{loadBalancer: {ingress: [{ip: 192.0.2.2}]}, conditions: []}")), "nothing");
  EXPECT_EQ(told(gate("{}")), "");
  EXPECT_EQ(told(removed({.group = "", .kind = "Service", .namespace_ = "shop", .name = "gate"})), "left alone");
}

TEST(ControlStatuses, ListWhereWeAreReachedAsSoonAsThatIsFoundOut) {
  HandSource source;
  NotingStatuses statuses;
  LineSink lines([](const std::string&) {});
  std::size_t deltas = 0;
  Control control(source, lines, Settings(), [&](const model::Delta&) { ++deltas; }, [](const std::string&) {});
  control.send_statuses_to(statuses);
  ASSERT_TRUE(control.start());
  using Found = std::optional<std::vector<std::string>>;

  control.reached_at(Found({"192.0.2.1"}));
  EXPECT_EQ(deltas, 0U) << "nothing was read yet";
  source.give(changed(service() + ingress("a", rules({rule("a.example.com", "/")}))));
  control.adopted({.version = control.version()});
  EXPECT_EQ(statuses.said.back(), "Ingress shop/a: 192.0.2.1");
  statuses.said.clear();

  const Work before = control.work();
  control.reached_at(Found({"192.0.2.1", "192.0.2.2"}));
  control.reached_at(Found({"192.0.2.1", "192.0.2.2"}));
  EXPECT_EQ(std::exchange(statuses.said, {}), Lines{"Ingress shop/a: 192.0.2.1, 192.0.2.2"});
  control.reached_at(std::nullopt);
  EXPECT_EQ(std::exchange(statuses.said, {}), Lines{"Ingress shop/a: left alone"});
  EXPECT_EQ((control.work() - before).translate, 0U);
  EXPECT_EQ(deltas, 1U);
}

}  // namespace
}  // namespace sallyport::control
