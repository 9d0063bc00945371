// SPDX-License-Identifier: Apache-2.0
#include "commands/check_report.hpp"

#include <algorithm>
#include <string_view>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "control/control.hpp"
#include "kube/kinds.hpp"
#include "syntax/address.hpp"

namespace sallyport::commands {
namespace {

using control::ObjectStatus;
using dialects::Finding;
using dialects::Verdict;

// A document of another kind is no failure; a second document for one object is.
bool is_failure(const sources::Problem& problem) {
  return problem.kind == sources::Problem::Kind::broken || problem.kind == sources::Problem::Kind::duplicate;
}

struct Totals {
  std::size_t accepted = 0;
  std::size_t ignored = 0;
  std::size_t rejected = 0;
  std::size_t warnings = 0;
  std::size_t problems = 0;
};

Totals totals_of(const CheckReport& report) {
  Totals totals;
  for (const ObjectStatus& object : report.objects) {
    totals.accepted += object.verdict == Verdict::accepted ? 1 : 0;
    totals.ignored += object.verdict == Verdict::ignored ? 1 : 0;
    totals.rejected += object.verdict == Verdict::rejected ? 1 : 0;
    totals.warnings +=
        static_cast<std::size_t>(std::ranges::count(object.findings, Verdict::warning, &Finding::verdict));
  }
  for (const sources::Problem& problem : report.problems) {
    ++(problem.kind == sources::Problem::Kind::ignored ? totals.ignored : totals.problems);
  }
  return totals;
}

std::string place(const model::Origin& origin) {
  if (origin.file.empty()) return {};
  return text::cat("(", origin.file, ":", origin.line, origin.field.empty() ? "" : ":", origin.field, ")");
}

void append_text(std::string& out, const ObjectStatus& object) {
  const Finding* first = control::leading(object);
  out += text::cat(dialects::to_text(object.verdict), " ", sallyport::to_text(object.origin.object), " ",
                   place(first == nullptr ? object.origin : first->origin));
  if (first != nullptr) out += text::cat(": ", first->reason, ": ", first->message);
  out += '\n';
  for (const Finding& finding : object.findings) {
    if (&finding == first) continue;
    out += text::cat("  ", dialects::to_text(finding.verdict), " ", place(finding.origin), ": ", finding.reason, ": ",
                     finding.message, "\n");
  }
}

void write_finding(JsonWriter& json, const Finding& finding) {
  json.begin_object();
  json.member("verdict", dialects::to_text(finding.verdict));
  json.member("reason", finding.reason);
  json.member("message", finding.message);
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
      json.member("message",
                  text::cat(finding.origin.field, finding.origin.field.empty() ? "" : ": ", finding.message));
      json.end_object();
    }
  }
  json.end_array();
}

void write_load_balancer(JsonWriter& json, const ObjectStatus& object) {
  json.key("status").begin_object();
  if (!object.load_balancer.empty()) {
    json.key("loadBalancer").begin_object().key("ingress").begin_array();
    for (const std::string& address : object.load_balancer) {
      const bool is_ip = syntax::IpAddress::parse(address).has_value();
      json.begin_object().member(is_ip ? "ip" : "hostname", address).end_object();
    }
    json.end_array().end_object();
  }
  json.end_object();
}

std::string api_version(const ObjectRef& ref) {
  const kube::Kind* kind = kube::find_kind(ref.group, ref.kind);
  const std::string_view version = kind == nullptr ? std::string_view("v1") : kind->version;
  return ref.group.empty() ? std::string(version) : text::cat(ref.group, "/", version);
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

std::string_view to_text(sources::Problem::Kind kind) {
  switch (kind) {
    case sources::Problem::Kind::broken:
      return "broken";
    case sources::Problem::Kind::duplicate:
      return "duplicate";
    case sources::Problem::Kind::ignored:
      return "ignored";
    case sources::Problem::Kind::watch:
      return "watch";
  }
  return "";
}

void write_problem(JsonWriter& json, const sources::Problem& problem) {
  json.begin_object();
  json.member("kind", to_text(problem.kind));
  json.member("file", problem.file);
  json.member("line", problem.line);
  if (problem.ref) json.member("object", sallyport::to_text(*problem.ref));
  json.member("message", problem.message);
  json.end_object();
}

}  // namespace

bool CheckReport::has_rejections() const {
  return std::ranges::find(objects, Verdict::rejected, &ObjectStatus::verdict) != objects.end() ||
         std::ranges::any_of(problems, is_failure);
}

std::string to_text(const CheckReport& report) {
  std::string out;
  for (const ObjectStatus& object : report.objects) append_text(out, object);
  for (const sources::Problem& problem : report.problems) out += text::cat(control::to_line(problem), "\n");
  const Totals totals = totals_of(report);
  out += text::cat(totals.accepted, " accepted, ", totals.ignored, " ignored, ", totals.rejected, " rejected; ",
                   totals.warnings, totals.warnings == 1 ? " warning, " : " warnings, ", totals.problems,
                   totals.problems == 1 ? " broken file or document\n" : " broken files or documents\n");
  return out;
}

std::string to_json(const CheckReport& report) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_object();
  json.key("objects").begin_array();
  for (const ObjectStatus& object : report.objects) write_object(json, object);
  json.end_array();
  json.key("problems").begin_array();
  for (const sources::Problem& problem : report.problems) write_problem(json, problem);
  json.end_array();
  const Totals totals = totals_of(report);
  json.key("totals").begin_object();
  json.member("accepted", totals.accepted).member("ignored", totals.ignored).member("rejected", totals.rejected);
  json.member("warnings", totals.warnings).member("problems", totals.problems);
  json.end_object();
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace sallyport::commands
