// SPDX-License-Identifier: Apache-2.0
#include "support/lenient_judge.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

namespace sallyport::support::smuggling {
namespace {

using enum Habits::Coding;
using enum Habits::Number;
using LineEnd = Habits::LineEnd;
using Fold = Habits::Fold;
using Length = Habits::Length;

constexpr std::array all_judges = {
    Habits{.name = "the first length counts, a coding only when it is exact"},
    Habits{.name = "the last length counts, blanks before colons and any prefix of a number",
           .length = Length::last,
           .number = any_prefix,
           .trims_name = true,
           .last_host = true},
    Habits{.name = "lengths win, folded lines are dropped",
           .fold = Fold::drops,
           .number = any_base,
           .coding_wins = false,
           .checks_chunk_end = false},
    Habits{.name = "whatever contains chunked is, a bare CR ends lines",
           .line_end = LineEnd::or_cr,
           .coding = contains_chunked,
           .length = Length::longest,
           .trims_controls = true},
    Habits{.name = "the last of the codings counts, names are those of CGI",
           .coding = last_is_chunked,
           .trims_name = true,
           .underscore_is_dash = true,
           .skips_any_lead = true},
    Habits{.name = "only CRLF, folded lines are lines, NUL ends values",
           .line_end = LineEnd::crlf,
           .fold = Fold::is_a_line,
           .coding = first_line,
           .trims_name = true,
           .nul_ends_value = true},
    Habits{.name = "blanks are an empty line, controls are blanks",
           .coding = contains_chunked,
           .number = any_base,
           .coding_wins = false,
           .trims_name = true,
           .trims_controls = true,
           .underscore_is_dash = true,
           .blank_line_ends_head = true,
           .checks_chunk_end = false,
           .skips_any_lead = true},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool is_blank(char c) { return c == ' ' || c == '\t'; }

class Judge {
 public:
  Judge(std::string_view bytes, const Habits& habits) : bytes_(bytes), habits_(habits) { verdict_.messages.reserve(4); }

  Verdict requests() {
    while (at_ < bytes_.size() && message(std::nullopt)) {
    }
    return std::move(verdict_);
  }

  Verdict responses(std::span<const std::string> methods) {
    for (const std::string& method : methods) {
      do {
        if (!message(method)) {
          verdict_.whole = false;
          return std::move(verdict_);
        }
      } while (verdict_.messages.back().method.starts_with('1'));
    }
    verdict_.whole = verdict_.whole && at_ == bytes_.size();
    return std::move(verdict_);
  }

 private:
  struct Head {
    std::optional<std::string> length;
    std::optional<std::string> coding;
    std::string_view host;
    bool has_host = false;
  };

  // The line from at_ on, without its end; nothing when it has none.
  std::optional<std::string_view> line() {
    const std::string_view rest = bytes_.substr(at_);
    const std::size_t end = habits_.line_end == LineEnd::crlf    ? rest.find("\r\n")
                            : habits_.line_end == LineEnd::or_lf ? rest.find('\n')
                                                                 : rest.find_first_of("\r\n");
    if (end == rest.npos) return std::nullopt;
    const bool two = rest[end] == '\r' && end + 1 < rest.size() && rest[end + 1] == '\n';
    at_ += end + (two ? 2 : 1);
    std::string_view text = rest.substr(0, end);
    if (habits_.line_end == LineEnd::or_lf && text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }

  bool cut() {
    verdict_.whole = false;
    return false;
  }

  bool message(const std::optional<std::string_view>& asked_with) {
    if (habits_.skips_any_lead) at_ += std::min(bytes_.substr(at_).find_first_not_of("\r\n \t"), bytes_.size() - at_);
    const auto first = line();
    if (!first) return cut();
    Seen seen;
    const std::size_t space = std::min(first->find(' '), first->size());
    seen.method = first->substr(0, space);
    const std::string_view rest = first->substr(std::min(space + 1, first->size()));
    seen.target = rest.substr(0, rest.rfind(' '));
    if (asked_with) {
      seen.method = rest.substr(0, 3);
      seen.target = {};
    }
    Head head;
    if (!fields(head)) return cut();
    seen.host = head.host;
    const bool has_body = !asked_with || !(seen.method.starts_with('1') || seen.method == "204" ||
                                           seen.method == "304" || *asked_with == "HEAD");
    if (has_body && !body(head, asked_with.has_value(), seen.body)) return cut();
    verdict_.messages.push_back(std::move(seen));
    return true;
  }

  bool fields(Head& head) {
    std::string_view before;
    bool folded = false;
    for (;;) {
      const auto text = line();
      if (!text) return false;
      const bool blank = std::ranges::all_of(*text, is_blank);
      if (text->empty() || (blank && habits_.blank_line_ends_head)) {
        if (!before.empty()) field(head, before, folded);
        return true;
      }
      if (is_blank(text->front()) && habits_.fold != Fold::is_a_line) {
        // The text of both lines stands in the bytes as it is; the line end between them counts as a blank.
        if (habits_.fold == Fold::joins && !before.empty()) {
          before = std::string_view(before.data(), static_cast<std::size_t>(text->end() - before.data()));
          folded = true;
        }
        continue;
      }
      if (!before.empty()) field(head, before, folded);
      before = *text;
      folded = false;
    }
  }

  void field(Head& head, std::string_view text, bool folded) {
    const std::size_t colon = text.find(':');
    if (colon == text.npos) return;
    std::string_view name = text.substr(0, colon);
    if (habits_.trims_name) name = trimmed(name);
    const bool is_length = named(name, "content-length");
    const bool is_coding = named(name, "transfer-encoding");
    if (named(name, "host") && (!head.has_host || habits_.last_host)) {
      head.host = trimmed(text.substr(colon + 1));
      head.has_host = true;
    }
    if (!is_length && !is_coding) return;
    std::string value(text.substr(colon + 1));
    if (folded) std::ranges::replace_if(value, [](char c) { return c == '\r' || c == '\n'; }, ' ');
    if (habits_.nul_ends_value) value.resize(std::min(value.find('\0'), value.size()));
    value = std::string(trimmed(value));
    if (is_coding) add_coding(head, value);
    if (is_length) add_length(head, value);
  }

  void add_coding(Head& head, const std::string& value) {
    if (!head.coding) {
      head.coding = value;
    } else if (habits_.coding != first_line) {
      *head.coding += "," + value;
    }
  }

  void add_length(Head& head, const std::string& value) {
    const bool replaces = !head.length || habits_.length == Length::last ||
                          (habits_.length == Length::longest && number(value) > number(*head.length));
    if (replaces) head.length = value;
  }

  bool named(std::string_view name, std::string_view wanted) const {
    return std::ranges::equal(name, wanted, [this](char c, char other) {
      return lower(c) == other || (habits_.underscore_is_dash && c == '_' && other == '-');
    });
  }

  std::string_view trimmed(std::string_view text) const {
    const auto drops = [this](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return is_blank(c) || (habits_.trims_controls && (byte <= 0x20 || byte == 0x85 || byte == 0xa0));
    };
    while (!text.empty() && drops(text.front())) text.remove_prefix(1);
    while (!text.empty() && drops(text.back())) text.remove_suffix(1);
    return text;
  }

  // Nothing: this judge sees no number in it.
  std::optional<std::uint64_t> number(const std::string& text) const {
    const bool digits_only = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
    if (habits_.number == digits && !digits_only) return std::nullopt;
    const std::uint64_t value = std::strtoull(text.c_str(), nullptr, habits_.number == any_base ? 0 : 10);
    return text.empty() ? std::nullopt : std::optional(value);
  }

  bool is_chunked(const std::string& coding) const {
    std::string text = coding;
    std::ranges::transform(text, text.begin(), lower);
    switch (habits_.coding) {
      case exact:
      case first_line:
        return text == "chunked";
      case contains_chunked:
        return text.find("chunked") != text.npos;
      case last_is_chunked:
        return trimmed(text.substr(std::min(text.rfind(',') + 1, text.size()))) == "chunked";
    }
    return false;
  }

  bool body(const Head& head, bool of_response, std::string& body) {
    const auto length = head.length ? number(*head.length) : std::nullopt;
    const bool chunked = head.coding && is_chunked(*head.coding);
    if (chunked && (habits_.coding_wins || !length)) return chunks(body);
    if (!length && of_response) {
      body = bytes_.substr(at_);
      at_ = bytes_.size();
      return true;
    }
    const std::uint64_t size = length.value_or(0);
    if (bytes_.size() - at_ < size) return false;
    body = bytes_.substr(at_, static_cast<std::size_t>(size));
    at_ += static_cast<std::size_t>(size);
    return true;
  }

  bool chunks(std::string& body) {
    for (;;) {
      const auto first = line();
      if (!first) return false;
      const std::uint64_t size = std::strtoull(std::string(*first).c_str(), nullptr, 16);
      if (size == 0) break;
      if (bytes_.size() - at_ < size) return false;
      body += bytes_.substr(at_, static_cast<std::size_t>(size));
      at_ += static_cast<std::size_t>(size);
      if (habits_.checks_chunk_end) {
        const auto end = line();
        if (!end || !end->empty()) return false;
      } else if (bytes_.size() - at_ < 2) {
        return false;
      } else {
        at_ += 2;
      }
    }
    for (;;) {
      const auto trailer = line();
      if (!trailer) return false;
      if (trailer->empty()) return true;
    }
  }

  std::string_view bytes_;
  const Habits& habits_;
  std::size_t at_ = 0;
  Verdict verdict_;
};

}  // namespace

std::span<const Habits> judges() { return all_judges; }

Verdict judge_requests(std::string_view bytes, const Habits& habits) { return Judge(bytes, habits).requests(); }

Verdict judge_responses(std::string_view bytes, std::span<const std::string> methods, const Habits& habits) {
  Habits of_client = habits;
  of_client.underscore_is_dash = false;
  return Judge(bytes, of_client).responses(methods);
}

}  // namespace sallyport::support::smuggling
