// SPDX-License-Identifier: Apache-2.0
#include "commands/admin_reports.hpp"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "base/printable.hpp"
#include "base/text.hpp"
#include "commands/explain_report.hpp"
#include "commands/query.hpp"
#include "syntax/address.hpp"

namespace sallyport::commands {
namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view text_type = "text/plain; charset=utf-8";
constexpr std::array<std::string_view, 3> status_parameters = {"namespace", "kind", "name"};
constexpr std::array<std::string_view, 5> explain_parameters = {"url", "method", "header", "from", "output"};

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

admin::Page wrong(std::string_view why) { return page(400, text_type, text::printable(why) + "\n"); }

// Nobody sees the text that HEAD stands for, so none is made.
bool is_head(const http::RequestHead& request) { return request.method == http::Method::head; }

admin::Page json_page(std::unique_ptr<http::TextSource> text) {
  return {.content_type = json_type, .text = std::move(text)};
}

admin::Page config_page(const Telling& telling, const http::RequestHead& request) {
  if (const std::string why = Query(request.query).misnamed({}); !why.empty()) return wrong(why);
  return json_page(is_head(request) ? std::unique_ptr<http::TextSource>(std::make_unique<http::EmptyText>())
                                    : std::make_unique<ConfigText>(telling.config()));
}

admin::Page limits_page(const Telling& telling, const http::RequestHead& request) {
  if (const std::string why = Query(request.query).misnamed({}); !why.empty()) return wrong(why);
  return page(200, json_type, telling.limits());
}

StatusFilter status_filter(const Query& query) {
  return {.namespace_ = query.first("namespace"), .kind = query.first("kind"), .name = query.first("name")};
}

// Whoever asks for plain text by name; a browser, which takes anything, gets JSON.
bool wants_text(const http::RequestHead& request, const Query& query) {
  if (const auto output = query.first("output")) return *output == "text";
  const http::Field* accept = request.fields.find("accept");
  return accept != nullptr && accept->value.starts_with("text/plain");
}

admin::Page status_page(const Telling& telling, const http::RequestHead& request) {
  const Query query(request.query);
  if (const std::string why = query.misnamed(status_parameters); !why.empty()) return wrong(why);
  return json_page(is_head(request) ? std::unique_ptr<http::TextSource>(std::make_unique<http::EmptyText>())
                                    : std::make_unique<StatusText>(telling.status(), status_filter(query)));
}

admin::Page explain_page(const Telling& telling, const http::RequestHead& request) {
  const Query query(request.query);
  if (const std::string why = query.misnamed(explain_parameters, "header"); !why.empty()) return wrong(why);
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
      .config = [shared](const http::RequestHead& request) { return config_page(*shared, request); },
      .limits = [shared](const http::RequestHead& request) { return limits_page(*shared, request); },
      .status = [shared](const http::RequestHead& request) { return status_page(*shared, request); },
      .explain = [shared](const http::RequestHead& request) { return explain_page(*shared, request); },
  };
}

}  // namespace sallyport::commands
