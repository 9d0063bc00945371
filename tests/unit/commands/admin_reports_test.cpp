// SPDX-License-Identifier: Apache-2.0
#include "commands/admin_reports.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace sallyport::commands {
namespace {

struct AdminReportsTest : testing::Test {
  AdminReportsTest() : request(arena) {}

  Result<Explained> explain(const Asked& question) {
    asked.push_back(question);
    if (question.url == "none") return fail(invalid("no URL"));
    Explained explained;
    explained.refused = Error{.code = Code::bad_path, .rule = "H1-20"};
    return explained;
  }
  ConfigReport config() {
    ++made;
    return {.version = 5};
  }
  StatusReport status() {
    ++made;
    return {.version = 6};
  }
  std::string ask(admin::Report& report, std::string_view query) {
    request.query = query;
    page = report(request);
    return whole_text(*page.text);
  }

  Arena arena;
  http::RequestHead request;
  std::vector<Asked> asked;
  int made = 0;  // reports of config and status
  admin::Page page;
  admin::AdminReports reports = admin_reports({
      .config = [this] { return config(); },
      .limits = [] { return std::string("limits"); },
      .status = [this] { return status(); },
      .explain = [this](const Asked& question) { return explain(question); },
  });
};

TEST_F(AdminReportsTest, ConfigAndStatusAreOfTheMoment) {
  EXPECT_NE(ask(reports.config, "").find("\"version\": 5"), std::string::npos);
  EXPECT_NE(ask(reports.status, "kind=Ingress").find("\"version\": 6"), std::string::npos);
  EXPECT_EQ(page.content_type, "application/json");
}

TEST_F(AdminReportsTest, LimitsHaveNoParameters) {
  EXPECT_EQ(ask(reports.limits, ""), "limits");
  EXPECT_EQ(page.content_type, "application/json");
  ask(reports.limits, "name=head-bytes");
  EXPECT_EQ(page.status, 400);
}

TEST_F(AdminReportsTest, AQuestionIsReadFromTheQuery) {
  ask(reports.explain, "method=PUT&url=http%3A%2F%2Fa.test%2Fb&header=A:%201&header=B:+2&from=192.0.2.1");
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].method, "PUT");
  EXPECT_EQ(asked[0].url, "http://a.test/b");
  EXPECT_EQ(asked[0].headers, (std::vector<std::string>{"A: 1", "B: 2"}));
  EXPECT_EQ(asked[0].from.text(), "192.0.2.1");
  ask(reports.explain, "url=http://a.test/");
  EXPECT_EQ(asked[1].method, "GET");
  EXPECT_EQ(asked[1].from.text(), "127.0.0.1");
}

TEST_F(AdminReportsTest, AnExplanationIsJsonOrTextAsOneAsks) {
  struct Case {
    std::string_view query;
    std::string_view accept;
    bool text;
  };
  const Case cases[] = {
      {"", "", false},
      {"", "text/html,application/xhtml+xml,*/*;q=0.8", false},
      {"", "application/json", false},
      {"", "text/plain", true},
      {"", "text/plain;q=0.9, */*", true},
      {"&output=text", "application/json", true},
      {"&output=json", "text/plain", false},
  };
  for (const Case& one : cases) {
    request.fields.clear();
    const bool added = one.accept.empty() || request.fields.add("Accept", one.accept);
    ASSERT_TRUE(added);
    const std::string query = "url=http://a.test/" + std::string(one.query);
    const std::string said = ask(reports.explain, query);
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.content_type, one.text ? "text/plain; charset=utf-8" : "application/json") << one.accept;
    EXPECT_EQ(said.starts_with("refused   400 bad_path (H1-20)"), one.text) << said;
  }
}

TEST_F(AdminReportsTest, ForHeadNoReportIsMade) {
  request.method = http::Method::head;
  for (admin::Report* report : {&reports.config, &reports.status}) {
    EXPECT_EQ(ask(*report, ""), "");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.content_type, "application/json");
  }
  EXPECT_EQ(made, 0);
}

TEST_F(AdminReportsTest, AParameterThatIsUnknownOrGivenTwiceIsNamed) {
  struct Case {
    admin::Report& report;
    std::string_view query;
    std::string_view said;
  };
  const Case cases[] = {
      {reports.config, "kind=a", "unknown parameter kind; there are none\n"},
      {reports.status, "names=a", "unknown parameter names; there are namespace, kind, name\n"},
      {reports.status, "kind=a&name=b&kind=c", "parameter kind is given twice; there are namespace, kind, name\n"},
      {reports.explain, "url=http://a.test/&headers=a",
       "unknown parameter headers; there are url, method, header, from, output\n"},
      {reports.explain, "url=http://a.test/&url=http://b.test/",
       "parameter url is given twice; there are url, method, header, from, output\n"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(ask(one.report, one.query), one.said);
    EXPECT_EQ(page.status, 400);
  }
  ask(reports.explain, "url=http://a.test/&header=A:b&header=C:d");
  EXPECT_EQ(page.status, 200);
}

TEST_F(AdminReportsTest, WhatIsWrongIsSaidInOneLine) {
  const std::string said = ask(reports.explain, "url=http://a.test/&from=a%0ab%1b%7f");
  EXPECT_EQ(page.status, 400);
  EXPECT_EQ(std::ranges::count(said, '\n'), 1) << said;
  EXPECT_NE(said.find("a\\x0ab\\x1b\\x7f"), std::string::npos) << said;
}

TEST_F(AdminReportsTest, AWrongQuestionIsAnsweredWithWhatIsWrong) {
  for (const std::string_view query :
       {"", "method=GET", "url=none", "url=http://a.test/&from=here", "url=http://a.test/&output=xml"}) {
    const std::string said = ask(reports.explain, query);
    EXPECT_EQ(page.status, 400) << query;
    EXPECT_EQ(page.content_type, "text/plain; charset=utf-8");
    EXPECT_FALSE(said.empty());
  }
}

}  // namespace
}  // namespace sallyport::commands
