// SPDX-License-Identifier: Apache-2.0
#include "routing/condition.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "syntax/token.hpp"

namespace sallyport::routing {
namespace {

using Kind = model::TextMatch::Kind;

// What is not known stays so when it is negated.
enum class Truth : std::uint8_t { no, yes, unknown };

Truth truth(bool is) { return is ? Truth::yes : Truth::no; }

Truth negated(Truth one) {
  if (one == Truth::unknown) return Truth::unknown;
  return truth(one == Truth::no);
}

// All fields of one name, whose lines count as one text, joined by ", ".
struct Lines {
  const http::Fields& fields;
  syntax::HeaderId id;
  std::string_view name;

  bool are(const http::Field& field) const {
    return field.id == id && (id != syntax::HeaderId::other || syntax::equals_ignore_case(field.name, name));
  }
  bool any() const {
    return std::ranges::any_of(fields, [this](const http::Field& field) { return are(field); });
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
    const http::Field* only = nullptr;
    std::string joined;
    for (const http::Field& field : fields) {
      if (!are(field)) continue;
      if (only == nullptr) {
        only = &field;
        continue;
      }
      if (joined.empty()) joined = only->value;
      joined.append(between).append(field.value);
    }
    return only != nullptr && regex.fits(joined.empty() ? only->value : std::string_view(joined));
  }

  static constexpr std::string_view between = ", ";
};

bool fits(const model::TextMatch& match, const SharedRegex& regex, std::string_view text) {
  switch (match.kind) {
    case Kind::exact:
      return text == match.value;
    case Kind::regex:
      return regex != nullptr && regex->fits(text);
    case Kind::present:
      break;
  }
  return true;
}

}  // namespace

struct Condition::Compile {
  Regexes& regexes;

  std::vector<Condition> all(const std::vector<model::Predicate>& predicates) const {
    std::vector<Condition> conditions;
    conditions.reserve(predicates.size());
    for (const model::Predicate& one : predicates) conditions.emplace_back(one, regexes);
    return conditions;
  }
  SharedRegex regex_of(const model::TextMatch& match) const {
    return match.kind == Kind::regex ? regexes.get(match.value) : nullptr;
  }

  Test operator()(const model::AllOf& of) const { return All{all(of.of)}; }
  Test operator()(const model::AnyOf& of) const { return Any{all(of.of)}; }
  Test operator()(const model::Not& of) const { return None{all(of.of)}; }
  Test operator()(const model::MethodIs& is) const { return &is; }
  Test operator()(const model::HeaderIs& is) const {
    return Header{.id = syntax::header_id(is.name), .is = &is, .regex = regex_of(is.value)};
  }
  Test operator()(const model::QueryIs& is) const {
    return Query{.hash = parameter_hash(is.name), .is = &is, .regex = regex_of(is.value)};
  }
  Test operator()(const model::ClientIn& in) const { return &in; }
};

struct Condition::Ask {
  Facts& facts;

  Truth ask(const Condition& one) const { return std::visit(*this, one.test_); }

  // The first that is `decides` decides; otherwise one that is not known leaves it so.
  Truth unless_one_is(Truth decides, const std::vector<Condition>& of) const {
    Truth all = negated(decides);
    for (const Condition& one : of) {
      const Truth now = ask(one);
      if (now == decides) return decides;
      if (now == Truth::unknown) all = Truth::unknown;
    }
    return all;
  }

  Truth operator()(const All& all) const { return unless_one_is(Truth::no, all.of); }
  Truth operator()(const Any& any) const { return unless_one_is(Truth::yes, any.of); }
  Truth operator()(const None& none) const { return negated(unless_one_is(Truth::yes, none.of)); }
  Truth operator()(const model::MethodIs* is) const {
    return truth(std::ranges::find(is->methods, facts.request.method_text) != is->methods.end());
  }
  Truth operator()(const model::ClientIn* in) const {
    return truth(
        std::ranges::any_of(in->blocks, [this](const syntax::Cidr& block) { return block.contains(facts.client); }));
  }
  // Host is not among the fields; what goes on of it is.
  Truth operator()(const Header& header) const {
    const model::TextMatch& match = header.is->value;
    if (header.id == syntax::HeaderId::host) return truth(fits(match, header.regex, facts.request.authority));
    const Lines lines{.fields = facts.request.fields, .id = header.id, .name = header.is->name};
    if (match.kind == Kind::exact) return truth(lines.equal(match.value));
    if (match.kind == Kind::present) return truth(lines.any());
    return truth(header.regex != nullptr && lines.fit(*header.regex));
  }
  Truth operator()(const Query& query) const {
    Parameters& all = facts.parameters;
    Parameters::Parameter* const found = all.find(facts.request.query, query.is->name, query.hash);
    if (found == nullptr) return all.has_more() ? Truth::unknown : Truth::no;
    const model::TextMatch& match = query.is->value;
    if (match.kind == Kind::exact) return truth(decodes_to(all.value(*found), match.value));
    if (match.kind == Kind::present) return Truth::yes;
    return truth(query.regex != nullptr && query.regex->fits(all.decoded(*found)));
  }
};

Condition::Condition(const model::Predicate& predicate, Regexes& regexes)
    : test_(std::visit(Compile{regexes}, predicate.test)) {}

bool Condition::holds(Facts& facts) const { return Ask{facts}.ask(*this) == Truth::yes; }

}  // namespace sallyport::routing
