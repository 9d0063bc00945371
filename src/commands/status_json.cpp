// SPDX-License-Identifier: Apache-2.0
#include "commands/status_json.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include "base/text.hpp"
#include "control/control.hpp"
#include "kube/kinds.hpp"
#include "sources/api_server/load_balancer_status.hpp"

namespace sallyport::commands {
namespace {

using control::ObjectStatus;
using dialects::Finding;
using dialects::Verdict;

void write_finding(JsonWriter& json, const Finding& finding) {
  json.begin_object();
  json.member("verdict", dialects::to_text(finding.verdict));
  json.member("reason", finding.reason);
  json.member("message", dialects::sentence(finding));
  json.member("file", finding.origin.file);
  json.member("line", finding.origin.line);
  json.member("field", finding.origin.field);
  json.end_object();
}

// An object that is not ours gets no status and no event from us (gateway-api.md 5.3, 4).
void write_events(JsonWriter& json, const ObjectStatus& object) {
  json.key("events").begin_array();
  if (object.verdict != Verdict::ignored) {
    for (const Finding& finding : object.findings) {
      json.begin_object();
      json.member("type", finding.verdict == Verdict::accepted ? "Normal" : "Warning");
      json.member("reason", finding.reason);
      json.member("message", text::cat(finding.origin.field, finding.origin.field.empty() ? "" : ": ",
                                       dialects::sentence(finding)));
      json.end_object();
    }
  }
  json.end_array();
}

void write_load_balancer(JsonWriter& json, const ObjectStatus& object) {
  json.key("status").begin_object();
  const auto* const wanted = std::get_if<sources::LoadBalancer>(&object.fields);
  if (wanted != nullptr && !wanted->addresses.empty()) {
    sources::api_server::write_load_balancer(json.key("loadBalancer"), wanted->addresses);
  }
  json.end_object();
}

std::string api_version(const ObjectRef& ref) {
  const kube::Kind* kind = kube::find_kind(ref.group, ref.kind);
  const std::string_view version = kind == nullptr ? std::string_view("v1") : kind->version;
  return ref.group.empty() ? std::string(version) : text::cat(ref.group, "/", version);
}

}  // namespace

void Totals::add(const ObjectStatus& object) {
  accepted += object.verdict == Verdict::accepted ? 1 : 0;
  ignored += object.verdict == Verdict::ignored ? 1 : 0;
  rejected += object.verdict == Verdict::rejected ? 1 : 0;
  warnings += static_cast<std::size_t>(std::ranges::count(object.findings, Verdict::warning, &Finding::verdict));
}

void Totals::add(const sources::Problem& problem) {
  ++(problem.kind == sources::Problem::Kind::ignored ? ignored : problems);
}

bool is_failure(const sources::Problem& problem) {
  return problem.kind == sources::Problem::Kind::broken || problem.kind == sources::Problem::Kind::duplicate;
}

void write_object(JsonWriter& json, const ObjectStatus& object) {
  const ObjectRef& ref = object.origin.object;
  json.begin_object();
  json.member("apiVersion", api_version(ref));
  json.member("kind", ref.kind);
  if (!ref.namespace_.empty()) json.member("namespace", ref.namespace_);
  json.member("name", ref.name);
  json.member("file", object.origin.file);
  json.member("line", object.origin.line);
  if (object.generation) json.member("generation", *object.generation);
  json.member("verdict", dialects::to_text(object.verdict));
  json.key("findings").begin_array();
  for (const Finding& finding : object.findings) write_finding(json, finding);
  json.end_array();
  write_load_balancer(json, object);
  write_events(json, object);
  json.end_object();
}

void write_problem(JsonWriter& json, const sources::Problem& problem) {
  json.begin_object();
  json.member("kind", control::word(problem.kind));
  json.member("file", problem.file);
  json.member("line", problem.line);
  if (problem.ref) json.member("object", sallyport::to_text(*problem.ref));
  json.member("message", problem.message);
  json.end_object();
}

void write_bound(JsonWriter& json, const model::Bound& bound) {
  json.begin_object();
  json.member("listener", bound.listener);
  json.member("address", bound.address.text());
  json.member("problem", bound.problem);
  json.end_object();
}

void write_totals(JsonWriter& json, const Totals& totals) {
  json.begin_object();
  json.member("accepted", totals.accepted).member("ignored", totals.ignored).member("rejected", totals.rejected);
  json.member("warnings", totals.warnings).member("problems", totals.problems);
  json.member("outside_index", totals.outside_index);
  json.end_object();
}

}  // namespace sallyport::commands
