// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/annotations.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"

namespace sallyport::dialects::ingress {
namespace {

constexpr std::string_view canary = "nginx.ingress.kubernetes.io/canary";

// Whose annotations change what is served: silence about them would be read as consent.
constexpr std::array<std::string_view, 9> prefixes = {
    "nginx.ingress.kubernetes.io/",   "nginx.org/",        "nginx.com/",
    "traefik.ingress.kubernetes.io/", "konghq.com/",       "haproxy.org/",
    "haproxy-ingress.github.io/",     "getambassador.io/", "alb.ingress.kubernetes.io/"};

// What the name says behind the prefix; empty if it is nobody's.
std::string_view name_of_another(std::string_view annotation) {
  for (const std::string_view prefix : prefixes) {
    if (annotation.starts_with(prefix)) return annotation.substr(prefix.size());
  }
  return {};
}

bool is_off(std::string_view value) {
  constexpr std::array<std::string_view, 9> off = {"", "0", "f", "F", "false", "FALSE", "False", "off", "no"};
  return std::ranges::find(off, value) != off.end();
}

// Who may ask: by a name that all of them use for nothing else.
bool limits_access(std::string_view name) {
  constexpr std::array<std::string_view, 11> words = {"auth",      "jwt",       "oidc",       "whitelist",
                                                      "allowlist", "cidrs",     "allow-list", "denylist",
                                                      "deny-list", "blacklist", "block-list"};
  return std::ranges::any_of(words, [&](std::string_view word) { return name.find(word) != name.npos; });
}

}  // namespace

Serving note_annotations_of_others(const kube::Object& ingress, Findings& findings) {
  Serving serving = Serving::as_written;
  for (const auto& [annotation, value] : ingress.meta.annotations) {
    const std::string_view name = name_of_another(annotation);
    if (name.empty()) continue;
    const std::string field = kube::field("metadata.annotations", annotation);
    if (annotation == canary && !is_off(value)) {
      serving = Serving::left_out;
      findings.add(
          Verdict::rejected, field, "CanaryNotHonoured",
          text::cat("annotation ", annotation, " is not honoured, and as an Ingress like any other it would get ",
                    "all requests instead of a share: nothing of it is served; a GateRoute can say it"));
    } else if (limits_access(name) && !is_off(value)) {
      if (serving == Serving::as_written) serving = Serving::held;
      findings.add(Verdict::rejected, field, "AccessControlNotHonoured",
                   text::cat("annotation ", annotation, " says who may ask and is not honoured: requests get 503, as ",
                             "otherwise anybody could ask"));
    } else {
      findings.add(Verdict::warning, field, "AnnotationNotHonoured",
                   text::cat("annotation ", annotation,
                             " of another controller is not honoured: what it asks for does not happen"));
    }
  }
  return serving;
}

}  // namespace sallyport::dialects::ingress
