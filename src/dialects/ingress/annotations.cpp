// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/annotations.hpp"

#include <array>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "dialects/access_annotations.hpp"

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

}  // namespace

Serving note_annotations_of_others(const kube::Object& ingress, Findings& findings) {
  Serving serving = Serving::as_written;
  const auto refuse = [&](std::string_view annotation, std::string_view reason, std::string message) {
    findings.add(Verdict::rejected, kube::field("metadata.annotations", annotation), reason,
                 text::cat("annotation ", annotation, " ", message));
  };
  const auto leave_out = [&](std::string_view annotation, std::string_view why) {
    serving = Serving::left_out;
    refuse(
        annotation, "CanaryNotHonoured",
        text::cat(why, ", and as an Ingress like any other it would get all requests instead of a share: nothing of ",
                  "it is served; a GateRoute can say it"));
  };
  const auto hold = [&](std::string_view annotation, std::string_view why) {
    if (serving == Serving::as_written) serving = Serving::held;
    refuse(annotation, "AccessControlNotHonoured",
           text::cat("says who may ask and ", why, ": requests get 503, as otherwise anybody could ask"));
  };
  for (const auto& [annotation, value] : ingress.meta.annotations) {
    const std::string_view name = name_of_another(annotation);
    if (name.empty()) continue;
    if (annotation == canary && !is_switched_off(value)) {
      leave_out(annotation, "is not honoured");
    } else if (limits_access(name) && !is_switched_off(value)) {
      hold(annotation, "is not honoured");
    } else {
      findings.add(Verdict::warning, kube::field("metadata.annotations", annotation), "AnnotationNotHonoured",
                   text::cat("annotation ", annotation,
                             " of another controller is not honoured: what it asks for does not happen"));
    }
  }
  for (const std::string_view annotation : unreadable_annotations(ingress)) {
    if (annotation == canary) {
      leave_out(annotation, "cannot be read");
    } else if (limits_access(name_of_another(annotation))) {
      hold(annotation, "cannot be read");
    }
  }
  return serving;
}

}  // namespace sallyport::dialects::ingress
