// SPDX-License-Identifier: Apache-2.0
#include "commands/admin_reports.hpp"

#include <memory>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "commands/explain_report.hpp"
#include "commands/query.hpp"
#include "syntax/address.hpp"

namespace sallyport::commands {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view text_type = "text/plain; charset=utf-8";

class WholeText final : public http::TextSource {
 public:
  explicit WholeText(std::string text) : text_(std::move(text)) {}

  bool append_to(std::string& out) override {
    out += text_;
    return false;
  }

 private:
  std::string text_;
};

admin::Page page(std::uint16_t status, std::string_view type, std::string text) {
  return {.status = status, .content_type = type, .text = std::make_unique<WholeText>(std::move(text))};
}

admin::Page wrong(std::string_view why) { return page(400, text_type, text::cat(why, "\n")); }

StatusFilter status_filter(std::string_view text) {
  const Query query(text);
  return {.namespace_ = query.first("namespace"), .kind = query.first("kind"), .name = query.first("name")};
}

// Whoever asks for plain text by name; a browser, which takes anything, gets JSON.
bool wants_text(const http::RequestHead& request, const Query& query) {
  if (const auto output = query.first("output")) return *output == "text";
  const http::Field* accept = request.fields.find("accept");
  return accept != nullptr && accept->value.starts_with("text/plain");
}

admin::Page explain_page(const Telling& telling, const http::RequestHead& request) {
  const Query query(request.query);
  const auto url = query.first("url");
  if (!url) return wrong("a parameter url=http://HOST/PATH is expected; also method, header, from and output");
  Asked asked{.method = query.first("method").value_or("GET"), .url = *url, .headers = query.all("header")};
  if (const auto from = query.first("from")) {
    const auto address = syntax::IpAddress::parse(*from);
    if (!address) return wrong(text::cat("from=", *from, ": ", address.error().detail));
    asked.from = *address;
  }
  const auto output = query.first("output");
  if (output && *output != "text" && *output != "json") return wrong("output is text or json");
  const Result<Explained> explained = telling.explain(asked);
  if (!explained) return wrong(explained.error().detail);
  const bool text = wants_text(request, query);
  return page(200, text ? text_type : json_type, text ? to_text(*explained) : to_json(*explained));
}

}  // namespace

admin::AdminReports admin_reports(Telling telling) {
  const auto shared = std::make_shared<const Telling>(std::move(telling));
  return {
      .config =
          [shared](const http::RequestHead&) {
            return admin::Page{.content_type = json_type, .text = std::make_unique<ConfigText>(shared->config())};
          },
      .status =
          [shared](const http::RequestHead& request) {
            return admin::Page{.content_type = json_type,
                               .text = std::make_unique<StatusText>(shared->status(), status_filter(request.query))};
          },
      .explain = [shared](const http::RequestHead& request) { return explain_page(*shared, request); },
  };
}

}  // namespace sallyport::commands
