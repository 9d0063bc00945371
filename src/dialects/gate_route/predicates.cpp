// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/predicates.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "kube/lines.hpp"
#include "syntax/address.hpp"
#include "syntax/header_name.hpp"
#include "syntax/regex.hpp"
#include "syntax/token.hpp"

namespace sallyport::dialects::gate_route {
namespace {

using model::Predicate;
using Predicates = std::vector<Predicate>;

template <class T>
void sort_and_unique(std::vector<T>& all) {
  std::ranges::sort(all);
  const auto rest = std::ranges::unique(all);
  all.erase(rest.begin(), rest.end());
}

void put_in_order(Predicates& all) {
  std::ranges::sort(all, {}, [](const Predicate& one) { return to_text(one); });
  const auto rest = std::ranges::unique(all);
  all.erase(rest.begin(), rest.end());
}

// Requests do not have it when rules are asked: it concerns this hop only, or has a place of its own.
bool is_never_seen(std::string_view name) {
  using enum syntax::HeaderId;
  const syntax::HeaderId id = syntax::header_id(name);
  return syntax::is_hop_by_hop(id) || id == host || id == content_length || id == expect;
}

std::size_t keys(const kube::GatePredicate& one) {
  return std::size_t{one.method.has_value()} + std::size_t{one.header.has_value()} +
         std::size_t{one.query.has_value()} + std::size_t{one.client.has_value()} + std::size_t{one.any.has_value()} +
         std::size_t{one.all.has_value()} + std::size_t{one.not_ != nullptr};
}

// Reads the predicates of one rule.
class Reader {
 public:
  explicit Reader(Findings& findings) : findings_(findings) {}

  std::optional<Predicates> list(const kube::List<kube::GatePredicate>& from, std::string_view field,
                                 std::size_t depth) {
    Predicates all;
    bool good = true;
    for (std::size_t at = 0; at < from.size(); ++at) {
      auto read = from[at] ? one(*from[at], kube::field(field, at), depth) : std::nullopt;
      good = good && read.has_value();
      if (read) all.push_back(*std::move(read));
    }
    put_in_order(all);
    return good ? std::optional(std::move(all)) : std::nullopt;
  }

 private:
  std::nullopt_t refuse(std::string_view field, std::string_view reason, std::string message) {
    findings_.add(Verdict::rejected, field, reason, std::move(message));
    return std::nullopt;
  }

  std::optional<Predicate> one(const kube::GatePredicate& from, const std::string& field, std::size_t depth) {
    if (++count_ > max_predicates) {
      if (count_ > max_predicates + 1) return std::nullopt;  // said already
      return refuse(field, "TooManyPredicates", text::cat("a rule has at most ", max_predicates, " predicates"));
    }
    if (depth > max_predicate_depth) {
      return refuse(field, "TooManyPredicates",
                    text::cat("predicates lie at most ", max_predicate_depth, " deep in each other"));
    }
    if (keys(from) != 1) {
      return refuse(field, "InvalidPredicate",
                    "a predicate is exactly one of method, header, query, client, any, all and not");
    }
    if (from.method) return method(*from.method, kube::field(field, "method"));
    if (from.header) return header(*from.header, kube::field(field, "header"));
    if (from.query) return query(*from.query, kube::field(field, "query"));
    if (from.client) return client(*from.client, kube::field(field, "client"));
    if (from.any) return group<model::AnyOf>(*from.any, kube::field(field, "any"), depth);
    if (from.all) return group<model::AllOf>(*from.all, kube::field(field, "all"), depth);
    return negated(one(*from.not_, kube::field(field, "not"), depth + 1));
  }

  static std::optional<Predicate> negated(std::optional<Predicate> of) {
    if (!of) return std::nullopt;
    model::Not none;
    none.of.push_back(*std::move(of));
    return Predicate{std::move(none)};
  }

  template <class Group>
  std::optional<Predicate> group(const kube::List<kube::GatePredicate>& from, const std::string& field,
                                 std::size_t depth) {
    if (from.empty()) return refuse(field, "InvalidPredicate", "an empty list of predicates says nothing");
    auto of = list(from, field, depth + 1);
    if (!of) return std::nullopt;
    return Predicate{Group{*std::move(of)}};
  }

  std::optional<Predicate> method(const kube::List<std::string>& from, const std::string& field) {
    if (from.empty()) return refuse(field, "InvalidMethod", "method needs at least one");
    model::MethodIs is;
    for (std::size_t at = 0; at < from.size(); ++at) {
      if (!from[at]) return std::nullopt;
      if (!syntax::is_token(*from[at])) {
        return refuse(kube::field(field, at), "InvalidMethod", text::cat("\"", *from[at], "\" is no method"));
      }
      if (std::ranges::any_of(*from[at], [](char c) { return c >= 'a' && c <= 'z'; })) {
        return refuse(kube::field(field, at), "InvalidMethod",
                      text::cat("method \"", *from[at], "\" has to be in upper case: methods have a case"));
      }
      is.methods.push_back(*from[at]);
    }
    sort_and_unique(is.methods);
    return Predicate{std::move(is)};
  }

  std::optional<Predicate> client(const kube::List<std::string>& from, const std::string& field) {
    if (from.empty()) return refuse(field, "InvalidClient", "client needs at least one block of addresses");
    model::ClientIn in;
    for (std::size_t at = 0; at < from.size(); ++at) {
      if (!from[at]) return std::nullopt;
      auto block = syntax::Cidr::parse(*from[at]);
      if (!block) return refuse(kube::field(field, at), "InvalidClient", std::move(block.error().detail));
      in.blocks.push_back(*block);
    }
    sort_and_unique(in.blocks);
    return Predicate{std::move(in)};
  }

  std::optional<Predicate> header(const kube::GateTextTest& from, const std::string& field) {
    const std::string name_field = kube::field(field, "name");
    if (!syntax::is_token(from.name)) {
      return refuse(name_field, "InvalidHeader", text::cat("\"", from.name, "\" is no name of a header"));
    }
    if (is_never_seen(from.name)) {
      return refuse(name_field, "InvalidHeader", text::cat("rules do not see the header ", from.name));
    }
    if (from.exact && (!syntax::is_field_value(*from.exact) || syntax::trim_ows(*from.exact) != *from.exact)) {
      return refuse(kube::field(field, "exact"), "InvalidHeader",
                    "no header has this value: it holds a control character, or a space at one of its ends");
    }
    return compared<model::HeaderIs>(syntax::lower(from.name), from, field);
  }

  std::optional<Predicate> query(const kube::GateTextTest& from, const std::string& field) {
    if (from.name.empty()) return refuse(kube::field(field, "name"), "InvalidQuery", "name is empty");
    return compared<model::QueryIs>(from.name, from, field);
  }

  template <class Is>
  std::optional<Predicate> compared(std::string name, const kube::GateTextTest& from, const std::string& field) {
    using Kind = model::TextMatch::Kind;
    const int given = int{from.exact.has_value()} + int{from.regex.has_value()} + int{from.present.has_value()};
    if (given != 1) return refuse(field, "InvalidPredicate", "needs exactly one of exact, regex and present");
    Is is{.name = std::move(name), .value = {}};
    if (from.exact) is.value = {.kind = Kind::exact, .value = *from.exact};
    if (from.regex) {
      auto regex = syntax::Regex::compile(*from.regex);
      if (!regex) return refuse(kube::field(field, "regex"), "InvalidRegex", std::move(regex.error().detail));
      is.value = {.kind = Kind::regex, .value = *from.regex};
    }
    const bool absent = from.present && !*from.present;
    Predicate read{std::move(is)};
    return absent ? negated(std::move(read)) : std::optional(std::move(read));
  }

  Findings& findings_;
  std::size_t count_ = 0;
};

}  // namespace

std::optional<Predicates> predicates_of(const kube::List<kube::GatePredicate>& list, std::string_view field,
                                        Findings& findings) {
  return Reader(findings).list(list, field, 1);
}

}  // namespace sallyport::dialects::gate_route
