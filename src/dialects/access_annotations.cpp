// SPDX-License-Identifier: Apache-2.0
#include "dialects/access_annotations.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.hpp"

namespace sallyport::dialects {
namespace {

constexpr std::string_view ours = "sallyport.dev/";
constexpr std::string_view annotations = "metadata.annotations";

// "nginx.org/x" of "metadata.annotations[nginx.org/x]"; empty if the field is another one.
std::string_view annotation_in(std::string_view field) {
  if (!field.starts_with(annotations)) return {};
  field.remove_prefix(annotations.size());
  return field.starts_with('[') && field.ends_with(']') ? field.substr(1, field.size() - 2) : std::string_view();
}

}  // namespace

// By a name that all of them use for nothing else.
bool limits_access(std::string_view name) {
  constexpr std::array<std::string_view, 11> words = {"auth",      "jwt",       "oidc",       "whitelist",
                                                      "allowlist", "cidrs",     "allow-list", "denylist",
                                                      "deny-list", "blacklist", "block-list"};
  return std::ranges::any_of(words, [&](std::string_view word) { return name.find(word) != name.npos; });
}

bool is_switched_off(std::string_view value) {
  constexpr std::array<std::string_view, 9> off = {"", "0", "f", "F", "false", "FALSE", "False", "off", "no"};
  return std::ranges::find(off, value) != off.end();
}

std::vector<std::string_view> unreadable_annotations(const kube::Object& root) {
  std::vector<std::string_view> names;
  for (const kube::Complaint& complaint : root.complaints) {
    const std::string_view name = annotation_in(complaint.field);
    if (!name.empty() && complaint.kind == kube::Complaint::Kind::invalid) names.push_back(name);
  }
  return names;
}

bool says_who_may_ask(std::string_view annotation) {
  if (!annotation.starts_with(ours)) return false;
  annotation.remove_prefix(ours.size());
  return annotation.starts_with("client-cert") || limits_access(annotation);
}

bool note_access_not_honoured(const kube::Object& root, Findings& findings,
                              bool (*read_elsewhere)(std::string_view name)) {
  bool closes = false;
  const auto is_meant = [&](std::string_view name) {
    return says_who_may_ask(name) && (read_elsewhere == nullptr || !read_elsewhere(name));
  };
  const auto close = [&](std::string_view name, std::string_view why) {
    closes = true;
    findings.add(Verdict::rejected, kube::field(annotations, name), "AccessControlNotHonoured",
                 text::cat("annotation ", name, " says who may ask and ", why,
                           ": requests get 503, as otherwise anybody could ask"));
  };
  for (const auto& [name, value] : root.meta.annotations) {
    if (!is_meant(name)) continue;
    if (!is_switched_off(value)) {
      close(name, "has no meaning for this kind of object in this version");
      continue;
    }
    findings.add(Verdict::warning, kube::field(annotations, name), "UnknownAnnotation",
                 text::cat("annotation ", name, " has no meaning for this kind of object in this version"));
  }
  for (const std::string_view name : unreadable_annotations(root)) {
    if (is_meant(name)) close(name, "cannot be read");
  }
  return closes;
}

}  // namespace sallyport::dialects
