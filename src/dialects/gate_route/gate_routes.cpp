// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/gate_routes.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "dialects/findings.hpp"
#include "dialects/gate_route/rules.hpp"
#include "kube/decode.hpp"

namespace sallyport::dialects::gate_route {
namespace {

constexpr std::array<RootKind, 1> root_kinds = {{{kube::own_group, "GateRoute"}}};

// What the hosts, the priority and the list of rules say holds for all of the object.
bool harms_all(const kube::Complaint& complaint) {
  if (complaint.kind == kube::Complaint::Kind::unknown_field) {
    return kube::is_within(complaint.field, "spec") && !kube::is_within(complaint.field, "spec.rules");
  }
  constexpr std::array<std::string_view, 4> fields = {"spec.hosts", "spec.hostRegexes", "spec.priority", "spec.rules"};
  return std::ranges::any_of(fields, [&](auto field) { return kube::is_within(field, complaint.field); });
}

}  // namespace

std::span<const RootKind> GateRoutes::roots() const { return root_kinds; }

std::vector<Finding> GateRoutes::faults(const kube::Object& root) const {
  Findings findings(root, "spec");
  findings.add_complaints_if(harms_all);
  const kube::GateRouteSpec& spec = kube::as<kube::GateRoute>(root)->spec;
  const std::size_t hosts = std::max<std::size_t>(spec.hosts.size() + spec.host_regexes.size(), 1);
  if (std::max<std::size_t>(spec.rules.size(), 1) > max_claims / hosts) {
    findings.add(Verdict::rejected, "spec", "TooLarge",
                 text::cat("hosts times rules are more than ", max_claims, ": more objects can hold more"));
  }
  if (spec.host_regexes.size() > max_host_regexes) {
    findings.add(Verdict::rejected, "spec.hostRegexes", "TooLarge",
                 text::cat("has more than ", max_host_regexes, " regular expressions"));
  }
  // Past the cap unknown fields are no longer named, so nobody knows which rules they are in.
  if (root.complaints.size() + 1 >= kube::max_complaints) {
    findings.add(Verdict::rejected, "spec", "TooManyMistakes",
                 text::cat("has ", kube::max_complaints - 1, " mistakes or more"));
  }
  return findings.take();
}

Translation GateRoutes::translate(const kube::Object& root, const Lookup& lookup) const {
  return Rules(root, lookup, paths_, endpoints_).translate();
}

}  // namespace sallyport::dialects::gate_route
