// SPDX-License-Identifier: Apache-2.0
#include "commands/status_text.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace sallyport::commands {
namespace {

control::StatusPtr object(std::string namespace_, std::string kind, std::string name,
                          dialects::Verdict verdict = dialects::Verdict::accepted) {
  control::ObjectStatus status;
  status.origin.object = {
      .group = "", .kind = std::move(kind), .namespace_ = std::move(namespace_), .name = std::move(name)};
  status.verdict = verdict;
  return std::make_shared<const control::ObjectStatus>(std::move(status));
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++found;
  return found;
}

StatusReport many(std::size_t objects) {
  StatusReport report{.version = 7};
  for (std::size_t number = 0; number < objects; ++number) {
    report.objects.push_back(object("shop", number % 2 == 0 ? "Ingress" : "Service", text::cat("n", number)));
  }
  return report;
}

TEST(StatusText, ComesInPiecesOfBoundedSize) {
  StatusText text(many(5000), {});
  std::string all;
  std::size_t pieces = 0;
  for (bool more = true; more; ++pieces) {
    std::string piece;
    more = text.append_to(piece);
    EXPECT_LT(piece.size(), 200'000U);
    all += piece;
  }
  EXPECT_GT(pieces, 5U);
  EXPECT_EQ(count(all, "\"verdict\": \"accepted\""), 5000U);
  EXPECT_NE(all.find("\"accepted\": 5000"), all.npos);
  EXPECT_TRUE(all.starts_with("{\n")) << all.substr(0, 20);
  EXPECT_TRUE(all.ends_with("}\n"));
}

TEST(StatusText, AFilterListsWhatFitsAndCountsAll) {
  struct Case {
    StatusFilter filter;
    std::size_t listed;
  };
  const Case cases[] = {
      {{}, 10},
      {{.kind = "Ingress"}, 5},
      {{.name = "n3"}, 1},
      {{.namespace_ = "shop", .kind = "Service", .name = "n3"}, 1},
      {{.kind = "Ingress", .name = "n3"}, 0},
      {{.namespace_ = "", .kind = "", .name = ""}, 10},
      {{.namespace_ = "", .kind = "Ingress"}, 5},
      {{.namespace_ = "other"}, 0},
  };
  for (const Case& one : cases) {
    StatusText text(many(10), one.filter);
    const std::string all = whole_text(text);
    EXPECT_EQ(count(all, "\"apiVersion\""), one.listed);
    EXPECT_NE(all.find("\"accepted\": 10"), all.npos);
  }
}

TEST(StatusText, HasProblemsListenersAndRulesOutsideTheIndex) {
  StatusReport report{.version = 7};
  report.objects.push_back(object("shop", "Ingress", "bad", dialects::Verdict::rejected));
  report.problems.push_back({.kind = sources::Problem::Kind::broken, .file = "a.yaml", .line = 3, .message = "no"});
  report.problems.push_back({.kind = sources::Problem::Kind::ignored, .file = "b.yaml", .message = "other"});
  report.unbound.push_back(
      {.listener = "http", .address = *syntax::SocketAddress::parse("127.0.0.1:80"), .problem = "taken"});
  model::Origin origin;
  origin.file = "r.yaml";
  origin.line = 12;
  report.outside_index.push_back(origin);
  StatusText text(report, {});
  const std::string all = whole_text(text);
  for (const std::string_view member :
       {R"("version": 7)", R"("rejected": 1)", R"("problems": 1)", R"("ignored": 1)", R"("kind": "broken")",
        R"("address": "127.0.0.1:80")", R"("problem": "taken")", R"("file": "r.yaml")", R"("outside_index": 1)"}) {
    EXPECT_NE(all.find(member), all.npos) << member << "\n" << all;
  }
}

TEST(StatusText, OfACheckHasNeitherVersionNorListeners) {
  StatusText text({}, {});
  const std::string all = whole_text(text);
  EXPECT_EQ(all.find("version"), all.npos);
  EXPECT_EQ(all.find("listeners"), all.npos);
  EXPECT_NE(all.find("\"objects\": []"), all.npos) << all;
}

}  // namespace
}  // namespace sallyport::commands
