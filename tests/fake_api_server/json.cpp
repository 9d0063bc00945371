// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/json.hpp"

#include <algorithm>
#include <utility>

#include "base/json_writer.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "kube/json.hpp"
#include "kube/scalar.hpp"
#include "kube/yaml.hpp"

namespace sallyport::fake_api {
namespace {

// RFC 8259 6, which is narrower than what YAML calls a number.
bool is_json_number(std::string_view text) {
  const auto digits = [&text] {
    const std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leads_with_zero = text.starts_with('0');
  const std::size_t whole = digits();
  if (whole == 0 || (leads_with_zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

void write(const Json& value, JsonWriter& json) {
  switch (value.kind()) {
    case Json::Kind::plain:
      json.written(value.text());
      return;
    case Json::Kind::text:
      json.value(value.text());
      return;
    case Json::Kind::list:
      json.begin_array();
      for (const Json::Member& element : value.members()) write(element.value, json);
      json.end_array();
      return;
    case Json::Kind::map:
      json.begin_object();
      for (const Json::Member& member : value.members()) {
        json.key(member.name);
        write(member.value, json);
      }
      json.end_object();
      return;
  }
}

}  // namespace

Json::Json() = default;

Json::Json(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

Json::Json(std::string_view text) : Json(Kind::text, std::string(text)) {}

Json::Json(const char* text) : Json(std::string_view(text)) {}

Json::Json(const std::string& text) : Json(std::string_view(text)) {}

Json Json::map() { return {Kind::map, {}}; }

Json Json::list() { return {Kind::list, {}}; }

Json Json::boolean(bool value) { return {Kind::plain, value ? "true" : "false"}; }

Json Json::number(std::uint64_t value) { return {Kind::plain, std::to_string(value)}; }

Json Json::of(const kube::Node& node) {
  using NodeKind = kube::Node::Kind;
  if (node.kind == NodeKind::text) return Json(node.text);
  if (node.kind == NodeKind::plain) {
    if (node.is_null()) return {};
    if (kube::scalar::is_core_boolean(node.text)) return boolean(kube::scalar::boolean(node.text).value_or(false));
    return Json(is_json_number(node.text) ? Kind::plain : Kind::text, node.text);
  }
  Json made(node.kind == NodeKind::list ? Kind::list : Kind::map, {});
  made.members_.reserve(node.entries.size());
  for (const kube::Node::Entry& entry : node.entries) made.members_.push_back({entry.key, of(*entry.value)});
  return made;
}

Result<Json> Json::parse(std::string_view bytes) {
  const auto trees = kube::parse_json(bytes);
  if (!trees) return fail(invalid(trees.error().message));
  if (trees->empty()) return fail(invalid("no JSON: it is empty"));
  return of(*trees->front().root());
}

Result<std::vector<Json>> Json::parse_yaml(std::string_view bytes) {
  const auto trees = kube::parse_yaml(bytes);
  if (!trees) return fail(invalid(text::cat("line ", trees.error().line, ": ", trees.error().message)));
  std::vector<Json> documents;
  for (const kube::Tree& tree : *trees) documents.push_back(of(*tree.root()));
  return documents;
}

const Json* Json::find(std::string_view name) const {
  const auto found = std::ranges::find(members_, name, &Member::name);
  return !is_map() || found == members_.end() ? nullptr : &found->value;
}

Json* Json::find(std::string_view name) { return const_cast<Json*>(std::as_const(*this).find(name)); }

const Json* Json::at(std::initializer_list<std::string_view> way) const {
  const Json* here = this;
  for (const std::string_view name : way) {
    here = here->find(name);
    if (here == nullptr) return nullptr;
  }
  return here;
}

std::string_view Json::text_at(std::initializer_list<std::string_view> way) const {
  const Json* const found = at(way);
  return found != nullptr && found->is_text() ? std::string_view(found->text()) : std::string_view();
}

Json& Json::operator[](std::string_view name) {
  if (!is_map()) *this = map();
  if (Json* const found = find(name)) return *found;
  members_.push_back({std::string(name), Json()});
  return members_.back().value;
}

void Json::remove(std::string_view name) {
  std::erase_if(members_, [name](const Member& member) { return member.name == name; });
}

void Json::add(Json element) { members_.push_back({{}, std::move(element)}); }

void Json::append_to(std::string& out) const {
  JsonWriter json(out);
  write(*this, json);
}

std::string Json::written() const {
  std::string out;
  append_to(out);
  return out;
}

bool Json::operator==(const Json& other) const {
  if (kind_ != other.kind_ || members_.size() != other.members_.size()) return false;
  if (kind_ == Kind::plain || kind_ == Kind::text) return text_ == other.text_;
  if (kind_ == Kind::list) {
    return std::ranges::equal(members_, other.members_, {}, &Member::value, &Member::value);
  }
  return std::ranges::all_of(members_, [&other](const Member& member) {
    const Json* const there = other.find(member.name);
    return there != nullptr && *there == member.value;
  });
}

Result<std::optional<std::uint64_t>> number_at(const Json& of, std::string_view name) {
  const Json* const found = of.find(name);
  if (found == nullptr) return std::optional<std::uint64_t>();
  const auto number = found->is_text() ? std::nullopt : parse_decimal<std::uint64_t>(found->text());
  if (!number) return fail(invalid(text::cat(name, ": a number that is not negative is expected")));
  return number;
}

Result<std::optional<bool>> truth_at(const Json& of, std::string_view name) {
  const Json* const found = of.find(name);
  if (found == nullptr) return std::optional<bool>();
  const bool is_truth = !found->is_text() && (found->text() == "true" || found->text() == "false");
  if (!is_truth) return fail(invalid(text::cat(name, ": true or false is expected")));
  return found->is_true();
}

}  // namespace sallyport::fake_api
