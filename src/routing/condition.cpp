// SPDX-License-Identifier: Apache-2.0
#include "routing/condition.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "syntax/token.hpp"

namespace sallyport::routing {
namespace {

using Kind = model::TextMatch::Kind;

std::optional<syntax::Regex> regex_of(const model::TextMatch& match) {
  if (match.kind != Kind::regex) return std::nullopt;
  auto regex = syntax::Regex::compile(match.value);
  return regex ? std::optional(std::move(*regex)) : std::nullopt;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The first character of a text of the query, decoded; what is no triplet stands for itself.
char take_decoded(std::string_view& text) {
  const char c = text.front();
  if (c == '%' && text.size() > 2 && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0) {
    const int octet = hex_digit(text[1]) * 16 + hex_digit(text[2]);
    text.remove_prefix(3);
    return static_cast<char>(octet);
  }
  text.remove_prefix(1);
  return c == '+' ? ' ' : c;
}

bool decodes_to(std::string_view text, std::string_view wanted) {
  for (const char c : wanted) {
    if (text.empty() || take_decoded(text) != c) return false;
  }
  return text.empty();
}

std::string decoded(std::string_view text) {
  std::string all;
  all.reserve(text.size());
  while (!text.empty()) all += take_decoded(text);
  return all;
}

// As it came, of the first parameter of that name.
std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    if (one.empty() || !decodes_to(one.substr(0, equals), name)) continue;
    return one.substr(std::min(equals + 1, one.size()));
  }
  return std::nullopt;
}

// All fields of one name, whose lines count as one text, joined by ", ".
struct Lines {
  const http::Fields& fields;
  syntax::HeaderId id;
  std::string_view name;

  bool are(const http::Field& field) const {
    return field.id == id && (id != syntax::HeaderId::other || syntax::equals_ignore_case(field.name, name));
  }
  std::size_t count() const {
    return static_cast<std::size_t>(std::ranges::count_if(fields, [this](const auto& field) { return are(field); }));
  }
  bool equal(std::string_view wanted) const {
    bool first = true;
    for (const http::Field& field : fields) {
      if (!are(field)) continue;
      if (!first) {
        if (!wanted.starts_with(between)) return false;
        wanted.remove_prefix(between.size());
      }
      first = false;
      if (!wanted.starts_with(field.value)) return false;
      wanted.remove_prefix(field.value.size());
    }
    return !first && wanted.empty();
  }
  bool fit(const syntax::Regex& regex) const {
    const std::size_t lines = count();
    std::string joined;
    std::size_t line = 0;
    for (const http::Field& field : fields) {
      if (!are(field)) continue;
      if (lines == 1) return regex.fits(field.value);
      if (line++ != 0) joined += between;
      joined += field.value;
    }
    return lines != 0 && regex.fits(joined);
  }

  static constexpr std::string_view between = ", ";
};

}  // namespace

struct Condition::Compile {
  static std::vector<Condition> all(const std::vector<model::Predicate>& predicates) {
    std::vector<Condition> conditions;
    conditions.reserve(predicates.size());
    for (const model::Predicate& one : predicates) conditions.emplace_back(one);
    return conditions;
  }

  Test operator()(const model::AllOf& of) const { return All{all(of.of)}; }
  Test operator()(const model::AnyOf& of) const { return Any{all(of.of)}; }
  Test operator()(const model::Not& of) const { return None{all(of.of)}; }
  Test operator()(const model::MethodIs& is) const { return &is; }
  Test operator()(const model::HeaderIs& is) const {
    return Header{.id = syntax::header_id(is.name), .is = &is, .regex = regex_of(is.value)};
  }
  Test operator()(const model::QueryIs& is) const { return Query{.is = &is, .regex = regex_of(is.value)}; }
  Test operator()(const model::ClientIn& in) const { return &in; }
};

struct Condition::Ask {
  const http::RequestHead& request;
  const syntax::IpAddress& client;

  bool ask(const Condition& one) const { return std::visit(*this, one.test_); }

  bool operator()(const All& all) const {
    return std::ranges::all_of(all.of, [this](const Condition& one) { return ask(one); });
  }
  bool operator()(const Any& any) const {
    return std::ranges::any_of(any.of, [this](const Condition& one) { return ask(one); });
  }
  bool operator()(const None& none) const {
    return std::ranges::none_of(none.of, [this](const Condition& one) { return ask(one); });
  }
  bool operator()(const model::MethodIs* is) const {
    return std::ranges::find(is->methods, request.method_text) != is->methods.end();
  }
  bool operator()(const model::ClientIn* in) const {
    return std::ranges::any_of(in->blocks, [this](const syntax::Cidr& block) { return block.contains(client); });
  }
  // Host is not among the fields; what goes on of it is.
  bool operator()(const Header& header) const {
    if (header.id == syntax::HeaderId::host) return fits(header.is->value, header.regex, request.authority);
    const Lines lines{.fields = request.fields, .id = header.id, .name = header.is->name};
    switch (header.is->value.kind) {
      case Kind::exact:
        return lines.equal(header.is->value.value);
      case Kind::regex:
        return header.regex && lines.fit(*header.regex);
      case Kind::present:
        break;
    }
    return lines.count() != 0;
  }
  bool operator()(const Query& query) const {
    const auto value = parameter(request.query, query.is->name);
    if (!value) return false;
    if (query.is->value.kind == Kind::exact) return decodes_to(*value, query.is->value.value);
    const bool is_plain = value->find_first_of("%+") == std::string_view::npos;
    return is_plain || query.is->value.kind == Kind::present ? fits(query.is->value, query.regex, *value)
                                                             : fits(query.is->value, query.regex, decoded(*value));
  }

  static bool fits(const model::TextMatch& match, const std::optional<syntax::Regex>& regex, std::string_view text) {
    switch (match.kind) {
      case Kind::exact:
        return text == match.value;
      case Kind::regex:
        return regex && regex->fits(text);
      case Kind::present:
        break;
    }
    return true;
  }
};

Condition::Condition(const model::Predicate& predicate) : test_(std::visit(Compile(), predicate.test)) {}

bool Condition::holds(const http::RequestHead& request, const syntax::IpAddress& client) const {
  return Ask{request, client}.ask(*this);
}

}  // namespace sallyport::routing
