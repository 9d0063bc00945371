// SPDX-License-Identifier: Apache-2.0
#include "commands/explain_report.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/json_writer.hpp"
#include "base/printable.hpp"
#include "base/text.hpp"
#include "commands/model_json.hpp"
#include "commands/place.hpp"
#include "commands/redacted.hpp"
#include "http/gateway_answer.hpp"

namespace sallyport::commands {
namespace {

constexpr std::string_view last_good_text =
    "  of the last good version: the newest one has a fault, see check or /status";

using routing::Explanation;
using routing::Verdict;

std::string short_of(const model::Rule& rule) {
  return text::cat(object_and_place(rule.origin), ", host ", model::to_text(rule.host), ", path ",
                   model::to_text(rule.path));
}

// What the winner has before it.
std::string_view advantage(const Explanation::Loser& loser) {
  return loser.beaten_by == model::Decision::none ? "the first id among equal ranks" : model::to_text(loser.beaten_by);
}

std::string unmet(const Explanation::Loser& loser) {
  const auto& all = loser.rule->predicates;
  const auto found = std::ranges::find(all, loser.unmet, [](const model::Predicate& one) { return to_text(one); });
  return found == all.end() ? loser.unmet : shown(*found);
}

std::string why_not(const Explanation::Loser& loser) {
  switch (loser.verdict) {
    case Verdict::host:
      return "its host does not fit";
    case Verdict::path:
      return "its path does not fit";
    case Verdict::predicate:
      return text::cat("not so: ", unmet(loser));
    case Verdict::closed:
      return "a narrower host of its dialect keeps what none of its rules fits";
    case Verdict::none:
    case Verdict::fits:
      break;
  }
  return "";
}

bool was_beaten(const Explanation::Loser& loser) { return loser.verdict == Verdict::fits; }

std::string query_of(const Explained& explained) { return explained.query.empty() ? "" : "?" + explained.query; }

std::string answer_text(Code code) {
  const http::Answer& answer = http::answer_for(code);
  return text::cat(answer.status, " ", answer.word);
}

// Where there is a code.
Error answer_of(const Explanation& explanation) {
  return {.code = *explanation.code, .rule = explanation.refused_by, .detail = explanation.detail};
}

std::string refusal_text(const Error& error) {
  std::string out = error.code == Code::invalid ? error.detail : answer_text(error.code);
  if (std::string_view(error.rule) != "") out += text::cat(" (", error.rule, ")");
  if (error.code != Code::invalid && !error.detail.empty()) out += ": " + error.detail;
  return out;
}

void append_line(std::string& out, std::string_view what, std::string_view said) {
  out += what;
  out.append(what.size() < 10 ? 10 - what.size() : 1, ' ');
  out += text::printable(said);
  out += '\n';
}

void append_endpoints(std::string& out, const Explanation::Destination& destination) {
  if (destination.part == nullptr) return append_line(out, "", "no such backend: " + answer_text(Code::no_service));
  if (destination.endpoints == nullptr || destination.endpoints->is_empty()) {
    return append_line(out, "", "no endpoint is ready: " + answer_text(Code::no_endpoints));
  }
  for (const model::Endpoint& endpoint : destination.endpoints->endpoints) {
    append_line(out, "", text::cat("  ", endpoint.address.text(), " ", to_text(endpoint.state)));
  }
  for (const model::NamedEndpoint& named : destination.endpoints->names) {
    append_line(out, "", text::cat("  ", named.host, ":", named.port, " ", to_text(named.state)));
  }
}

// How its endpoints are spoken to, unless that is HTTP/1.1 in cleartext.
std::string spoken_text(const model::Backend& backend) {
  const bool http2 = backend.protocol == model::Protocol::http2;
  std::string text = http2 ? "HTTP/2" : "HTTP/1.1";
  if (backend.tls) {
    const model::UpstreamTls& tls = *backend.tls;
    if (http2) text += " or HTTP/1.1";
    text += text::cat(" over TLS to ", tls.server_name);
    if (!tls.sans.empty()) text += text::cat(", verified as ", text::join(tls.sans, " or "));
    text += !tls.verify      ? ", not verified"
            : tls.ca.empty() ? ", by the system's authorities"
                             : ", by authorities of its own";
    if (tls.client_certificate) text += text::cat(", as ", tls.client_certificate->id);
  } else if (http2) {
    text += " in cleartext";
  }
  if (backend.proxy_protocol == model::ProxyProtocol::v1) text += ", after a PROXY header v1";
  if (backend.proxy_protocol == model::ProxyProtocol::v2) text += ", after a PROXY header v2";
  return text == "HTTP/1.1" ? std::string() : text;
}

void append_destinations(std::string& out, const Explanation& explanation) {
  for (const Explanation::Destination& one : explanation.destinations) {
    const std::string share =
        one.weight == explanation.weights ? "" : text::cat(", weight ", one.weight, " of ", explanation.weights);
    const std::string chain = one.chain.empty() ? "" : ", through " + text::join(one.chain, ", ");
    if (one.backend.empty()) {
      append_line(out, "answer", text::cat(answer_text(one.answer), " by the gateway itself", share, chain));
      continue;
    }
    append_line(out, "backend", text::cat(one.backend, share, chain));
    const std::string spoken = one.part == nullptr ? std::string() : spoken_text(*one.part);
    if (!spoken.empty()) append_line(out, "", text::cat("  by ", spoken));
    append_endpoints(out, one);
  }
}

const model::UrlRewrite* rewrite_of(const model::Rule& rule) {
  for (const model::Filter& filter : rule.chain) {
    if (const auto* rewrite = std::get_if<model::UrlRewrite>(&filter)) return rewrite;
  }
  return nullptr;
}

// Under which path and host the upstream is asked, where it is asked at all.
void append_rewrite(std::string& out, const Explained& explained) {
  const model::UrlRewrite* const rewrite = rewrite_of(*explained.explanation.rule);
  if (rewrite == nullptr || explained.asked_for.empty()) return;
  append_line(out, "rewrite",
              text::cat("to ", explained.asked_for, rewrite->hostname.empty() ? "" : " of host ", rewrite->hostname));
}

void append_tls(std::string& out, const ExplainedTls& tls) {
  if (tls.certificate != nullptr) {
    append_line(out, "shows",
                text::cat("certificate ", tls.certificate->id, tls.is_default ? " (the default)" : "",
                          ", sha256:", tls.certificate->fingerprint.substr(0, 8), ", until ",
                          time_text(tls.certificate->not_after)));
  }
  if (tls.name == nullptr) return append_line(out, "name", "nobody spoke of it: no client certificate is asked for");
  append_line(out, "name", text::cat(to_text(tls.name->host), " of ", object_and_place(tls.name->origin)));
  const model::ClientValidation& client = tls.name->policy.client;
  const std::string_view keys = client.revoked.empty() ? "ca.crt" : "ca.crt and ca.crl";
  const std::string by =
      client.authority.empty() ? "" : text::cat(", judged by ", keys, " of Secret ", client.authority);
  append_line(out, "clients", text::cat("certificate: ", model::to_text(client.mode), by));
}

void append_rule(std::string& out, const Explained& explained) {
  const Explanation& explanation = explained.explanation;
  const model::Rule& rule = *explanation.rule;
  append_line(out, "host", model::to_text(rule.host));
  append_line(out, "path", text::cat(model::to_text(rule.path), ", of ", explanation.path));
  for (const model::Predicate& predicate : rule.predicates) append_line(out, "if", shown(predicate));
  append_line(out, "rule", object_and_place(rule.origin));
  if (explained.context.last_good) append_line(out, "", last_good_text);
  if (!explanation.chain.empty()) append_line(out, "chain", text::join(explanation.chain, ", "));
  append_rewrite(out, explained);
  if (!explained.answered) return append_destinations(out, explanation);
  const auto& [status, location] = *explained.answered;
  append_line(out, location.empty() ? "answer" : "redirect",
              text::cat(status, location.empty() ? " by a filter of the rule" : " to ", location));
}

// With the destinations.
bool was_told(const Explanation& explanation) {
  return !explanation.destinations.empty() &&
         (*explanation.code == Code::no_service || *explanation.code == Code::no_endpoints);
}

// Rules for the very same requests, which were told that they are shadowed.
void append_shadowed(std::string& out, const Explained& explained) {
  for (const auto& rule : explained.context.shadowed) {
    const std::string_view has = model::to_text(model::decided_by(explained.explanation.rule->rank, rule->rank));
    out += text::printable(text::cat("shadowed: ", short_of(*rule), ": the rule above has ", has));
    out += '\n';
  }
}

void append_nearby(std::string& out, const ExplainContext& context) {
  for (const auto& rule : context.nearby) {
    out += text::printable(text::cat("nearby: ", short_of(*rule), ": its path does not fit"));
    out += '\n';
  }
}

void append_losers(std::string& out, const Explanation& explanation) {
  for (const Explanation::Loser& loser : explanation.losers) {
    if (was_beaten(loser)) {
      out += text::printable(text::cat("beat: ", short_of(*loser.rule), ": the rule above has ", advantage(loser)));
      out += '\n';
    }
  }
  for (const Explanation::Loser& loser : explanation.losers) {
    if (was_beaten(loser)) continue;
    out += text::printable(text::cat("did not fit: ", short_of(*loser.rule), ": ", why_not(loser)));
    out += '\n';
  }
  if (explanation.more_losers != 0) out += text::cat("and ", explanation.more_losers, " more\n");
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string_view>& texts) {
  json.key(name).begin_array();
  for (const std::string_view one : texts) json.value(one);
  json.end_array();
}

void write_answer(JsonWriter& json, const ExplainedAnswer& answered) {
  json.key("answer").begin_object();
  json.member("status", answered.status);
  if (!answered.location.empty()) json.member("location", answered.location);
  json.end_object();
}

void write_answer(JsonWriter& json, const Error& error) {
  json.key("answer").begin_object();
  if (error.code != Code::invalid) {
    const http::Answer& answer = http::answer_for(error.code);
    json.member("status", answer.status).member("error", answer.word);
  }
  if (std::string_view(error.rule) != "") json.member("error_rule", error.rule);
  if (!error.detail.empty()) json.member("detail", error.detail);
  json.end_object();
}

void write_request(JsonWriter& json, const Explained& explained) {
  json.key("request").begin_object();
  json.member("method", explained.method);
  json.member("host", explained.host);
  json.member("path", explained.path);
  if (!explained.query.empty()) json.member("query", explained.query);
  json.member("client", explained.client.text());
  json.end_object();
}

void write_tls(JsonWriter& json, const ExplainedTls& tls) {
  json.key("tls").begin_object();
  json.key("certificate");
  tls.certificate != nullptr ? write_certificate(json, *tls.certificate) : void(json.null());
  json.member("default", tls.is_default);
  json.key("server_name");
  tls.name != nullptr ? write_server_name(json, *tls.name) : void(json.null());
  json.end_object();
}

void write_destination(JsonWriter& json, const Explanation::Destination& destination, std::uint64_t weights) {
  json.begin_object();
  json.member("weight", destination.weight).member("of", weights);
  if (!destination.chain.empty()) write_texts(json, "chain", destination.chain);
  if (destination.part == nullptr) {
    const http::Answer& answer = http::answer_for(destination.backend.empty() ? destination.answer : Code::no_service);
    json.member("status", answer.status).member("error", answer.word);
  }
  if (!destination.backend.empty()) json.member("backend", destination.backend);
  const std::string spoken = destination.part == nullptr ? std::string() : spoken_text(*destination.part);
  if (!spoken.empty()) json.member("spoken", spoken);
  if (destination.endpoints != nullptr) {
    json.key("endpoints").begin_array();
    for (const model::Endpoint& endpoint : destination.endpoints->endpoints) {
      json.begin_object();
      json.member("address", endpoint.address.text()).member("state", to_text(endpoint.state));
      json.end_object();
    }
    for (const model::NamedEndpoint& named : destination.endpoints->names) write_named(json, named);
    json.end_array();
  }
  json.end_object();
}

void write_short_rule(JsonWriter& json, const model::Rule& rule) {
  json.member("id", shown_id(rule));
  json.member("host", model::to_text(rule.host)).member("path", model::to_text(rule.path));
  json.key("origin");
  write_origin(json, rule.origin);
}

void write_rewrite(JsonWriter& json, const Explained& explained) {
  const model::UrlRewrite* const rewrite = rewrite_of(*explained.explanation.rule);
  if (rewrite == nullptr || explained.asked_for.empty()) return;
  json.key("rewritten").begin_object();
  json.member("path", explained.asked_for);
  if (!rewrite->hostname.empty()) json.member("host", rewrite->hostname);
  json.end_object();
}

void write_rule(JsonWriter& json, const Explained& explained) {
  const Explanation& explanation = explained.explanation;
  json.key("rule").begin_object();
  write_short_rule(json, *explanation.rule);
  json.key("predicates").begin_array();
  for (const model::Predicate& predicate : explanation.rule->predicates) json.value(shown(predicate));
  json.end_array();
  json.member("matched_path", explanation.path).member("matched_prefix", explanation.prefix);
  write_texts(json, "chain", explanation.chain);
  write_rewrite(json, explained);
  json.end_object();
  json.key("destinations").begin_array();
  if (!explained.answered) {
    for (const Explanation::Destination& one : explanation.destinations) {
      write_destination(json, one, explanation.weights);
    }
  }
  json.end_array();
}

void write_rules(JsonWriter& json, std::string_view name, const ExplainContext::Rules& rules) {
  json.key(name).begin_array();
  for (const auto& rule : rules) {
    json.begin_object();
    write_short_rule(json, *rule);
    json.end_object();
  }
  json.end_array();
}

void write_losers(JsonWriter& json, std::string_view name, const Explanation& explanation, bool beaten) {
  json.key(name).begin_array();
  for (const Explanation::Loser& loser : explanation.losers) {
    if (was_beaten(loser) != beaten) continue;
    json.begin_object();
    write_short_rule(json, *loser.rule);
    if (beaten) {
      json.member("by", advantage(loser));
    } else {
      json.member("why", why_not(loser));
    }
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string to_text(const Explained& explained) {
  std::string out;
  if (!explained.method.empty()) {
    append_line(out, "request",
                text::cat(explained.method, " ", explained.path, query_of(explained), " of host ", explained.host,
                          " from ", explained.client.text()));
  }
  if (explained.tls) append_tls(out, *explained.tls);
  if (explained.refused) {
    append_line(out, "refused", refusal_text(*explained.refused));
    return out;
  }
  const Explanation& explanation = explained.explanation;
  append_line(
      out, "listener",
      text::cat(explanation.listener->id, ", port ", explanation.listener->port,
                explanation.listener_chain.empty() ? "" : ", through ", text::join(explanation.listener_chain, ", ")));
  if (explanation.rule) append_rule(out, explained);
  if (explanation.code && !explained.answered && !was_told(explanation)) {
    append_line(out, "answer", refusal_text(answer_of(explanation)));
  }
  append_shadowed(out, explained);
  append_losers(out, explanation);
  append_nearby(out, explained.context);
  return out;
}

std::string to_json(const Explained& explained) {
  std::string out;
  JsonWriter json(out, 2);
  json.begin_object();
  json.member("served", explained.served());
  if (!explained.method.empty()) write_request(json, explained);
  if (explained.tls) write_tls(json, *explained.tls);
  if (explained.refused) {
    write_answer(json, *explained.refused);
  } else {
    const Explanation& explanation = explained.explanation;
    json.member("version", explanation.version);
    json.key("listener").begin_object();
    json.member("id", explanation.listener->id).member("port", explanation.listener->port);
    write_texts(json, "chain", explanation.listener_chain);
    json.end_object();
    if (explanation.rule) write_rule(json, explained);
    if (explained.answered) {
      write_answer(json, *explained.answered);
    } else if (explanation.code) {
      write_answer(json, answer_of(explanation));
    }
    if (explanation.rule) json.member("last_good", explained.context.last_good);
    write_rules(json, "shadowed", explained.context.shadowed);
    write_losers(json, "beaten", explanation, true);
    write_losers(json, "did_not_fit", explanation, false);
    json.member("more", explanation.more_losers);
    write_rules(json, "nearby", explained.context.nearby);
  }
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace sallyport::commands
