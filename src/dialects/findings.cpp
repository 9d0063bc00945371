// SPDX-License-Identifier: Apache-2.0
#include "dialects/findings.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace sallyport::dialects {
namespace {

// "rules[0]" of "spec.rules[0]": what a complaint's sentence is about. A key in brackets may hold dots.
std::string_view last_part(std::string_view field) {
  std::size_t depth = 0;
  for (std::size_t at = field.size(); at-- > 0;) {
    if (field[at] == ']') ++depth;
    if (field[at] == '[' && depth != 0) --depth;
    if (field[at] == '.' && depth == 0) return field.substr(at + 1);
  }
  return field;
}

}  // namespace

model::Origin origin_of(const kube::Object& object, std::string_view field) {
  return {
      .object = object.ref,
      .file = object.file,
      .line = field.empty() ? object.line : object.lines.at(field),
      .field = std::string(field),
  };
}

void Findings::add(Verdict verdict, std::string_view field, std::string_view reason, std::string message) {
  if (!subject_.empty()) message = text::cat(subject_, ": ", message);
  all_.push_back({verdict, std::string(reason), std::move(message), origin_of(root_, field)});
}

void Findings::add(const kube::Complaint& complaint) {
  // A status is written by controllers, not by the object's author, and nothing here reads it.
  const bool unknown = complaint.kind == kube::Complaint::Kind::unknown_field;
  const bool strict = strict_ && kube::is_within(complaint.field, *strict_);
  const bool harmless = (unknown && !strict) || kube::is_within(complaint.field, "status");
  model::Origin origin = origin_of(root_, complaint.field);
  if (complaint.line != 0) origin.line = complaint.line;
  all_.push_back(
      {harmless ? Verdict::warning : Verdict::rejected, unknown ? "UnknownField" : "InvalidField",
       text::cat(complaint.field.empty() ? "the object" : last_part(complaint.field), " ", complaint.message),
       std::move(origin)});
}

void Findings::add_complaints() {
  add_complaints_if([](const kube::Complaint&) { return true; });
}

void Findings::add_complaints_at(std::initializer_list<std::string_view> fields) {
  add_complaints_if([&](const kube::Complaint& complaint) {
    const auto is_harmed = [&](std::string_view field) { return kube::is_within(field, complaint.field); };
    return complaint.kind == kube::Complaint::Kind::invalid && std::ranges::any_of(fields, is_harmed);
  });
}

}  // namespace sallyport::dialects
