// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/headers.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "kube/lines.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::dialects::gate_route {
namespace {

using Fields = std::vector<model::HeaderChanges::Field>;

bool is_the_gateways(std::string_view name) {
  const syntax::HeaderId id = syntax::alias_id(name);
  return syntax::is_managed_name(name) || syntax::is_hop_by_hop(id) || id == syntax::HeaderId::expect;
}

std::size_t bytes_of(const model::HeaderChanges& changes) {
  std::size_t bytes = 0;
  for (const std::string& name : changes.remove) bytes += name.size();
  for (const auto* list : {&changes.set, &changes.add}) {
    for (const auto& header : *list) bytes += header.name.size() + header.value.size();
  }
  return bytes;
}

class Reader {
 public:
  explicit Reader(Findings& findings) : findings_(findings) {}

  std::vector<std::string> names(const kube::List<std::string>& from, const std::string& field) {
    std::vector<std::string> all;
    if (!has_room(from.size(), field)) return all;
    for (std::size_t at = 0; at < from.size(); ++at) {
      if (is_read(from[at]) && is_allowed(*from[at], kube::field(field, at))) all.push_back(*from[at]);
    }
    return all;
  }

  Fields fields(const kube::List<kube::GateHeader>& from, const std::string& field) {
    Fields all;
    if (!has_room(from.size(), field)) return all;
    for (std::size_t at = 0; at < from.size(); ++at) {
      const std::string element = kube::field(field, at);
      if (!is_read(from[at]) || !is_allowed(from[at]->name, kube::field(element, "name"))) continue;
      if (is_value(from[at]->value, kube::field(element, "value"))) all.push_back({from[at]->name, from[at]->value});
    }
    return all;
  }

  // The second value would stand beside the first one.
  void refuse_repeated(const Fields& set, const std::string& field) {
    for (std::size_t at = 0; at < set.size(); ++at) {
      const auto same = [&](const auto& other) { return syntax::equals_ignore_case(other.name, set[at].name); };
      if (std::any_of(set.begin(), set.begin() + static_cast<std::ptrdiff_t>(at), same)) {
        refuse(field, text::cat("header ", set[at].name, " is set twice"));
      }
    }
  }

  void refuse_many_bytes(const model::HeaderChanges& changes, const std::string& field) {
    if (bytes_of(changes) > max_header_bytes) {
      refuse(field, text::cat("names and values are more than ", max_header_bytes, " bytes"));
    }
  }

  bool good() const { return good_; }

 private:
  bool refuse(const std::string& field, std::string message) {
    findings_.add(Verdict::rejected, field, "InvalidHeader", std::move(message));
    return good_ = false;
  }

  // What is wrong with it was said when it was read.
  template <class T>
  bool is_read(const std::optional<T>& element) {
    if (!element) good_ = false;
    return element.has_value();
  }

  bool has_room(std::size_t count, const std::string& field) {
    return count <= max_header_changes || refuse(field, text::cat("has more than ", max_header_changes, " headers"));
  }

  bool is_allowed(const std::string& name, const std::string& field) {
    if (!syntax::is_token(name)) return refuse(field, text::cat("\"", name, "\" is no name of a header"));
    if (!is_the_gateways(name)) return true;
    return refuse(field, text::cat("header ", name, " is the gateway's own: a rule may not change it"));
  }

  bool is_value(const std::string& value, const std::string& field) {
    if (value.size() > longest_header_value) {
      return refuse(field, text::cat("value is longer than ", longest_header_value, " bytes"));
    }
    if (syntax::is_field_value(value) && syntax::trim_ows(value) == value) return true;
    return refuse(field, "value holds a control character, or a space at one of its ends");
  }

  Findings& findings_;
  bool good_ = true;
};

}  // namespace

std::optional<model::HeaderChanges> header_changes(const kube::GateHeaderChanges& from, std::string_view field,
                                                   Findings& findings) {
  Reader reader(findings);
  model::HeaderChanges changes;
  const std::string set = kube::field(field, "set");
  changes.remove = reader.names(from.remove, kube::field(field, "remove"));
  changes.set = reader.fields(from.set, set);
  changes.add = reader.fields(from.add, kube::field(field, "add"));
  reader.refuse_repeated(changes.set, set);
  reader.refuse_many_bytes(changes, std::string(field));
  if (!reader.good()) return std::nullopt;
  return changes;
}

}  // namespace sallyport::dialects::gate_route
