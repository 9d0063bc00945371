// SPDX-License-Identifier: Apache-2.0
// Every folder tests/golden/DIALECT/CASE holds objects and, in expected.txt, what becomes of them: the output of
// `check --output json` and the model. A new case needs no C++: SALLYPORT_UPDATE_GOLDEN=1 writes expected.txt anew, and
// the diff is the review. An options.txt may hold lines of "watch_without_class off", "publish ADDRESS",
// "default_certificate NAMESPACE/NAME", "https_redirect on" and "external_names on".

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "commands/check.hpp"
#include "sources/last_good/file.hpp"

namespace sallyport::commands {
namespace {

namespace fs = std::filesystem;

// The tests run from the root of the tree, or from somewhere below it.
fs::path golden_root() {
  for (fs::path at = fs::current_path();; at = at.parent_path()) {
    if (fs::exists(at / "tests/golden")) return at / "tests/golden";
    if (at == at.root_path()) return {};
  }
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

control::Settings settings_of(const fs::path& folder) {
  control::Settings settings;
  std::istringstream lines(contents(folder / "options.txt"));
  for (std::string name, value; lines >> name >> value;) {
    if (name == "watch_without_class") settings.watch_without_class = value == "on";
    if (name == "publish") settings.publish_addresses.push_back(value);
    if (name == "https_redirect") settings.https_redirect = value == "on";
    if (name == "external_names") settings.external_names = value == "on";
    if (name == "default_certificate") {
      const auto parts = text::split(value, '/');
      settings.default_certificate = ObjectRef{
          .group = "", .kind = "Secret", .namespace_ = std::string(parts.at(0)), .name = std::string(parts.at(1))};
    }
  }
  return settings;
}

std::string path_text(const model::PathMatch& path) {
  return path.kind == model::PathMatch::Kind::any ? "any path" : to_text(path);
}

std::string changes_text(std::string_view of, const model::HeaderChanges& changes) {
  std::string out;
  for (const std::string& name : changes.remove) out += text::cat(", ", of, " -", name);
  for (const auto& field : changes.set) out += text::cat(", ", of, " =", field.name, ": ", field.value);
  for (const auto& field : changes.add) out += text::cat(", ", of, " +", field.name, ": ", field.value);
  return out;
}

struct PathRewriteText {
  std::string operator()(const model::KeepPath&) const { return ""; }
  std::string operator()(const model::ReplacePrefix& by) const {
    return text::cat(", prefix becomes \"", by.value, "\"");
  }
  std::string operator()(const model::ReplacePath& by) const { return text::cat(", path becomes ", by.value); }
  std::string operator()(const syntax::Substitution& by) const {
    return text::cat(", ~\"", by.regex(), "\" becomes \"", by.replacement(), "\"");
  }
};

std::string filter_text(const model::Filter& filter) {
  if (const auto* rewrite = std::get_if<model::UrlRewrite>(&filter)) {
    return (rewrite->hostname.empty() ? "" : ", host becomes " + rewrite->hostname) +
           std::visit(PathRewriteText(), rewrite->path);
  }
  if (std::holds_alternative<model::HttpsRedirect>(filter)) return ", redirected to https";
  if (const auto* guard = std::get_if<model::TlsGuard>(&filter)) return ", only under " + guard->policy;
  if (std::holds_alternative<model::GrpcWeb>(filter)) return ", gRPC-Web";
  const auto* headers = std::get_if<model::ModifyHeaders>(&filter);
  if (headers == nullptr) return ", a filter";
  return changes_text("request", headers->request) + changes_text("response", headers->response);
}

std::string target_text(const model::Destination& destination) {
  const auto* backend = std::get_if<model::BackendRef>(&destination.target);
  if (backend != nullptr) return backend->backend;
  const bool is_no_service = std::get<model::FixedAnswer>(destination.target).code == Code::no_service;
  return is_no_service ? "answer no_service" : "answer ?";
}

std::string tls_text(const control::Parts& parts) {
  std::string out;
  for (const auto& [id, listener] : parts.listeners) {
    if (!listener->tls) continue;
    out += text::cat("listener ", id, ", port ", listener->port);
    if (!listener->default_certificate.empty()) out += ", default certificate " + listener->default_certificate;
    out += "\n";
  }
  for (const auto& [id, name] : parts.server_names) {
    out += text::cat("server name ", to_text(name->host), " -> ",
                     name->certificates.empty() ? "any" : text::join(name->certificates, ", "), ", ",
                     policy_id(name->policy), "  (", name->origin.file, ":", name->origin.line, ":", name->origin.field,
                     ")\n");
  }
  for (const auto& [id, certificate] : parts.certificates) {
    out += text::cat("certificate ", id, " of ", certificate->fingerprint.substr(0, 8), " for ",
                     text::join(certificate->names, " "), "\n");
  }
  return out;
}

// Rules in the order in which they are asked.
std::string model_text(const control::Parts& parts) {
  std::vector<const model::Rule*> rules;
  for (const auto& [id, rule] : parts.rules) rules.push_back(rule.get());
  std::ranges::sort(rules, std::less(), [](const model::Rule* rule) -> const model::Rank& { return rule->rank; });
  std::string out;
  for (const model::Rule* rule : rules) {
    out += text::cat("rule ", to_text(rule->host), " ", path_text(rule->path));
    if (!rule->predicates.empty()) out += " if " + to_text(model::Predicate{model::AllOf{rule->predicates}});
    if (rule->path_options.keep_encoded_slash) out += " (encoded slashes kept)";
    if (!rule->path_options.merge_slashes) out += " (slashes not merged)";
    for (const model::Destination& destination : rule->destinations) {
      out += " -> " + target_text(destination);
      if (destination.weight != 1) out += text::cat(" * ", destination.weight);
    }
    for (const model::Filter& filter : rule->chain) out += filter_text(filter);
    out += text::cat("  (", rule->origin.file, ":", rule->origin.line, ":", rule->origin.field, ")\n");
  }
  for (const auto& [id, backend] : parts.backends)
    out += text::cat("backend ", id, " -> ", backend->endpoint_set, "\n");
  for (const auto& [id, set] : parts.endpoint_sets) {
    out += text::cat("endpoints ", id, ":");
    for (const model::Endpoint& endpoint : set->endpoints) {
      out += text::cat(" ", endpoint.address.text());
      if (endpoint.state == model::Endpoint::State::draining) out += " (draining)";
    }
    for (const model::NamedEndpoint& named : set->names) {
      out += text::cat(" ", named.host, ":", named.port);
      if (named.state == model::Endpoint::State::draining) out += " (draining)";
    }
    out += "\n";
  }
  return out + tls_text(parts);
}

std::string outcome_of(const fs::path& folder) {
  control::Engine engine(settings_of(folder));
  const auto report = check_folder(folder.string(), engine);
  if (!report) return "unreadable\n";
  return text::cat(to_json(*report), "\n", model_text(engine.parts()));
}

std::vector<fs::path> cases() {
  std::vector<fs::path> all;
  for (const auto& dialect : fs::directory_iterator(golden_root())) {
    for (const auto& folder : fs::directory_iterator(dialect)) all.push_back(folder.path());
  }
  std::ranges::sort(all);
  return all;
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, GivesWhatIsExpected) {
  const std::string outcome = outcome_of(GetParam());
  const fs::path expected = GetParam() / "expected.txt";
  if (const char* update = std::getenv("SALLYPORT_UPDATE_GOLDEN"); update != nullptr && std::string(update) == "1") {
    std::ofstream(expected, std::ios::binary) << outcome;
  }
  EXPECT_EQ(outcome, contents(expected));
}

// "(a.yaml:12:spec.rules[0])" without the file and the line.
std::string without_places(const std::string& text) {
  static const std::regex place(R"(\([^():]*:\d+:)");
  return std::regex_replace(text, place, "(");
}

std::string verdicts_text(const control::Statuses& statuses, const control::Statuses& of) {
  std::vector<std::string> lines;
  for (const auto& [ref, status] : statuses) {
    if (!of.contains(ref)) continue;
    std::vector<std::string> reasons;  // in the order of lines, which is another when all of it is one line
    for (const auto& finding : status->findings) {
      if (finding.reason == "NoRewrite") continue;  // a null is as if it were not there, and is not kept
      reasons.push_back(finding.reason);
    }
    std::ranges::sort(reasons);
    lines.push_back(text::cat(to_text(ref), " ", static_cast<int>(status->verdict), " ", status->rules, " ",
                              text::join(reasons, " ")));
  }
  std::ranges::sort(lines);
  return text::join(lines, "\n");
}

// What is kept of it as last good makes the same model, and its objects get the same verdicts.
TEST_P(Golden, IsTheSameWhenItWasKept) {
  namespace last_good = sources::last_good;
  control::Engine engine(settings_of(GetParam()));
  ASSERT_TRUE(check_folder(GetParam().string(), engine).has_value());
  const auto key = last_good::Key::made_of("0123456789abcdef0123456789abcdef");
  const auto kept = last_good::make_text(engine.chosen(), &*key, {});
  ASSERT_TRUE(kept.has_value());
  const auto restored = last_good::read_text(kept->bytes, &*key, "last-good.json");
  ASSERT_TRUE(restored.has_value()) << restored.error().detail;
  EXPECT_EQ(restored->unreadable, 0U);
  sources::Changes all;
  all.changed = restored->objects;
  control::Engine second(settings_of(GetParam()));
  second.apply(all);
  EXPECT_EQ(without_places(model_text(second.parts())), without_places(model_text(engine.parts())));
  const auto statuses = second.statuses();
  EXPECT_EQ(verdicts_text(statuses, statuses), verdicts_text(engine.statuses(), statuses));
  EXPECT_EQ(last_good::make_text(second.chosen(), &*key, {})->content, kept->content);
}

std::string case_name(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.parent_path().filename().string() + "_" + info.param.filename().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Golden, testing::ValuesIn(cases()), case_name);

// Without leading text up to "```yaml\n", and without what follows the closing fence.
std::vector<std::string> yaml_blocks(std::string_view page) {
  constexpr std::string_view opening = "\n```yaml\n";
  std::vector<std::string> blocks;
  for (auto at = page.find(opening); at != page.npos; at = page.find(opening)) {
    page.remove_prefix(at + opening.size());
    const auto end = page.find("```");
    blocks.emplace_back(page.substr(0, end));
    page.remove_prefix(std::min(end, page.size()));
  }
  return blocks;
}

// A piece of spec becomes an object.
std::string as_object(const std::string& block) {
  if (block.starts_with("apiVersion")) return block;
  std::string spec;
  for (const std::string_view line : text::split(block, '\n')) spec += text::cat("  ", line, "\n");
  if (block.find("rules:") == block.npos) spec += "  rules: [{backends: [{service: web, port: 80}]}]\n";
  return text::cat(
      "apiVersion: sallyport.dev/v1alpha1\nkind: GateRoute\nmetadata: {name: page, namespace: shop}\nspec:\n", spec);
}

// A reader copies them: nothing of them may be rejected.
TEST(GateRoutePage, EveryExampleIsAccepted) {
  const std::vector<std::string> blocks = yaml_blocks(contents(golden_root() / "../../docs/gate-route.md"));
  EXPECT_GE(blocks.size(), 7U);
  const fs::path folder = fs::path(testing::TempDir()) / text::cat("gate-route-page-", ::getpid());
  fs::create_directories(folder);
  for (const std::string& block : blocks) {
    std::ofstream file(folder / "page.yaml", std::ios::binary);
    file << as_object(block);
    for (const std::string_view service : {"web", "api", "canary"}) {
      file << "---\n{apiVersion: v1, kind: Service, metadata: {namespace: shop, name: " << service
           << "}, spec: {ports: [{name: http, port: 80}]}}\n";
    }
    file.close();
    control::Engine engine({});
    const auto report = check_folder(folder.string(), engine);
    ASSERT_TRUE(report.has_value());
    EXPECT_FALSE(report->has_rejections()) << block << to_text(*report);
    EXPECT_FALSE(engine.parts().rules.empty()) << block;
  }
  fs::remove_all(folder);
}

TEST(GoldenCases, AreThere) { EXPECT_GE(cases().size(), 90U); }

}  // namespace
}  // namespace sallyport::commands
