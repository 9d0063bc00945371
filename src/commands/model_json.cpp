// SPDX-License-Identifier: Apache-2.0
#include "commands/model_json.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "base/text.hpp"
#include "commands/redacted.hpp"
#include "http/gateway_answer.hpp"
#include "routing/explanation.hpp"

namespace sallyport::commands {
namespace {

void write_member_if(JsonWriter& json, std::string_view name, std::string_view value) {
  if (!value.empty()) json.member(name, value);
}

std::string two_digits(unsigned number) { return text::cat(number < 10 ? "0" : "", number); }

}  // namespace

std::string time_text(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return text::cat(static_cast<int>(date.year()), "-", two_digits(static_cast<unsigned>(date.month())), "-",
                   two_digits(static_cast<unsigned>(date.day())), "T",
                   two_digits(static_cast<unsigned>(clock.hours().count())), ":",
                   two_digits(static_cast<unsigned>(clock.minutes().count())), ":",
                   two_digits(static_cast<unsigned>(clock.seconds().count())), "Z");
}

namespace {

// More than 53 bits are no number for most who read JSON.
std::string hex_text(std::uint64_t word) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), word, 16).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  return std::string(digits.size() - size, '0') + std::string(digits.data(), size);
}

void write_rank(JsonWriter& json, const model::Rank& rank) {
  json.begin_object();
  json.member("tier", rank.tier);
  json.key("words").begin_array();
  for (const std::uint64_t word : rank.words) json.value(hex_text(word));
  json.end_array();
  write_member_if(json, "text", rank.text);
  json.key("created");
  rank.created == model::Rank::never ? json.null() : json.value(time_text(rank.created));
  json.member("name", rank.name);
  write_member_if(json, "kind", rank.kind);
  json.member("index", rank.index);
  json.end_object();
}

void write_blocks(JsonWriter& json, const std::vector<syntax::Cidr>& blocks) {
  json.key("trusted").begin_array();
  for (const syntax::Cidr& block : blocks) json.value(block.text());
  json.end_array();
}

void write_fields(JsonWriter& json, std::string_view name, const std::vector<model::HeaderChanges::Field>& fields) {
  if (fields.empty()) return;
  json.key(name).begin_array();
  for (const auto& field : fields) {
    json.begin_object().member("name", field.name).member("value", shown_value(field.name, field.value)).end_object();
  }
  json.end_array();
}

void write_changes(JsonWriter& json, std::string_view name, const model::HeaderChanges& changes) {
  if (changes.empty()) return;
  json.key(name).begin_object();
  if (!changes.remove.empty()) {
    json.key("remove").begin_array();
    for (const std::string& field : changes.remove) json.value(field);
    json.end_array();
  }
  write_fields(json, "set", changes.set);
  write_fields(json, "add", changes.add);
  json.end_object();
}

struct PathRewriteMembers {
  JsonWriter& json;

  void operator()(const model::KeepPath&) const {}
  void operator()(const model::ReplacePrefix& by) const { json.member("replace_prefix", by.value); }
  void operator()(const model::ReplacePath& by) const { json.member("replace_path", by.value); }
  void operator()(const syntax::Substitution& by) const {
    json.member("replace_regex", by.regex()).member("by", by.replacement());
  }
};

struct FilterMembers {
  JsonWriter& json;

  void operator()(const model::ForwardedHeaders& filter) const { write_blocks(json, filter.trusted); }
  void operator()(const model::RequestId& filter) const { write_blocks(json, filter.trusted); }
  void operator()(const model::ModifyHeaders& filter) const {
    write_changes(json, "request", filter.request);
    write_changes(json, "response", filter.response);
  }
  void operator()(const model::UrlRewrite& filter) const {
    write_member_if(json, "hostname", filter.hostname);
    std::visit(PathRewriteMembers{json}, filter.path);
  }
  void operator()(const model::HttpsRedirect& filter) const {
    json.member("bound_http", filter.bound_http).member("bound_https", filter.bound_https);
  }
  void operator()(const model::TlsGuard& filter) const { json.member("policy", filter.policy); }
  void operator()(const model::GrpcWeb&) const {}
};

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_chain(JsonWriter& json, const std::vector<model::Filter>& chain) {
  if (chain.empty()) return;
  json.key("chain").begin_array();
  for (const model::Filter& filter : chain) {
    json.begin_object();
    json.member("filter", routing::name_of(filter));
    std::visit(FilterMembers{json}, filter);
    json.end_object();
  }
  json.end_array();
}

void write_destination(JsonWriter& json, const model::Destination& destination) {
  json.begin_object();
  if (const auto* backend = std::get_if<model::BackendRef>(&destination.target)) {
    json.member("backend", backend->backend);
  } else {
    const Code code = std::get<model::FixedAnswer>(destination.target).code;
    json.member("answer", http::answer_for(code).word).member("status", http::answer_for(code).status);
  }
  json.member("weight", destination.weight);
  write_chain(json, destination.chain);
  json.end_object();
}

std::string_view to_text(model::Protocol protocol) { return protocol == model::Protocol::http2 ? "http2" : "http1"; }

void write_tls(JsonWriter& json, const model::UpstreamTls& tls) {
  json.key("tls").begin_object();
  json.member("server_name", tls.server_name);
  json.key("sans").begin_array();
  for (const std::string& name : tls.sans) json.value(name);
  json.end_array();
  json.member("verify", tls.verify);
  json.member("ca", tls.ca.empty() ? "system" : "own");
  if (tls.client_certificate) {
    json.key("client_certificate").begin_object();
    json.member("id", tls.client_certificate->id);
    json.member("fingerprint", "sha256:" + tls.client_certificate->fingerprint);
    json.end_object();
  }
  json.end_object();
}

std::string_view to_text(model::ProxyHeaders::Mode mode) {
  return mode == model::ProxyHeaders::Mode::strict ? "strict" : "trusted";
}

void write_proxy_headers(JsonWriter& json, const model::ProxyHeaders& headers) {
  if (headers.mode == model::ProxyHeaders::Mode::off) return;
  json.key("proxy_headers").begin_object();
  json.member("mode", to_text(headers.mode));
  json.key("from").begin_array();
  for (const syntax::Cidr& block : headers.from) json.value(block.text());
  json.end_array();
  json.end_object();
}

}  // namespace

void write_origin(JsonWriter& json, const model::Origin& origin) {
  json.begin_object();
  write_member_if(json, "kind", origin.object.kind);
  write_member_if(json, "namespace", origin.object.namespace_);
  write_member_if(json, "name", origin.object.name);
  write_member_if(json, "file", origin.file);
  if (origin.line != 0) json.member("line", origin.line);
  write_member_if(json, "field", origin.field);
  json.end_object();
}

std::string_view to_text(model::Endpoint::State state) {
  return state == model::Endpoint::State::active ? "active" : "draining";
}

void write_listener(JsonWriter& json, const model::Listener& listener) {
  json.begin_object();
  json.member("id", listener.id);
  json.member("port", listener.port);
  if (listener.tls) json.member("tls", true);
  write_member_if(json, "default_certificate", listener.default_certificate);
  json.key("addresses").begin_array();
  for (const syntax::SocketAddress& address : listener.addresses) json.value(address.text());
  json.end_array();
  write_proxy_headers(json, listener.proxy_headers);
  write_chain(json, listener.chain);
  json.key("origin");
  write_origin(json, listener.origin);
  json.end_object();
}

void write_rule(JsonWriter& json, const model::Rule& rule) {
  json.begin_object();
  json.member("id", shown_id(rule));
  if (!rule.listeners.empty()) {
    json.key("listeners").begin_array();
    for (const model::Id& listener : rule.listeners) json.value(listener);
    json.end_array();
  }
  json.member("host", model::to_text(rule.host));
  json.member("path", model::to_text(rule.path));
  if (!rule.predicates.empty()) {
    json.key("predicates").begin_array();
    for (const model::Predicate& predicate : rule.predicates) json.value(shown(predicate));
    json.end_array();
  }
  json.member("falls_through", rule.falls_through);
  json.member("encoded_slash", rule.path_options.keep_encoded_slash ? "keep" : "reject");
  json.member("merge_slashes", rule.path_options.merge_slashes ? "on" : "off");
  json.key("rank");
  write_rank(json, rule.rank);
  write_chain(json, rule.chain);
  json.key("destinations").begin_array();
  for (const model::Destination& destination : rule.destinations) write_destination(json, destination);
  json.end_array();
  json.key("origin");
  write_origin(json, rule.origin);
  json.end_object();
}

void write_named(JsonWriter& json, const model::NamedEndpoint& named) {
  json.begin_object();
  json.member("name", text::cat(named.host, ":", named.port)).member("state", to_text(named.state));
  json.end_object();
}

void write_backend(JsonWriter& json, const model::Backend& backend, const model::EndpointSet* endpoints) {
  json.begin_object();
  json.member("id", backend.id);
  json.member("protocol", to_text(backend.protocol));
  if (backend.tls) write_tls(json, *backend.tls);
  if (backend.proxy_protocol != model::ProxyProtocol::none) {
    json.member("proxy_protocol", backend.proxy_protocol == model::ProxyProtocol::v1 ? "v1" : "v2");
  }
  json.member("endpoint_set", backend.endpoint_set);
  json.key("endpoints").begin_array();
  if (endpoints != nullptr) {
    for (const model::Endpoint& endpoint : endpoints->endpoints) {
      json.begin_object();
      json.member("address", endpoint.address.text()).member("state", to_text(endpoint.state));
      json.end_object();
    }
    for (const model::NamedEndpoint& named : endpoints->names) write_named(json, named);
  }
  json.end_array();
  json.key("origin");
  write_origin(json, backend.origin);
  json.end_object();
}

void write_certificate(JsonWriter& json, const model::Certificate& certificate) {
  json.begin_object();
  json.member("id", certificate.id);
  write_texts(json, "names", certificate.names);
  json.member("not_before", time_text(certificate.not_before)).member("not_after", time_text(certificate.not_after));
  json.member("fingerprint", "sha256:" + certificate.fingerprint);
  json.key("origin");
  write_origin(json, certificate.origin);
  json.end_object();
}

void write_server_name(JsonWriter& json, const model::ServerName& name) {
  const model::ClientValidation& client = name.policy.client;
  json.begin_object();
  json.member("id", name.id);
  if (!name.listeners.empty()) write_texts(json, "listeners", name.listeners);
  json.member("host", model::to_text(name.host));
  write_texts(json, "certificates", name.certificates);
  json.member("client_certificate", model::to_text(client.mode));
  write_member_if(json, "client_certificate_ca", client.authority);
  if (!client.fingerprint.empty()) json.member("client_certificate_ca_fingerprint", "sha256:" + client.fingerprint);
  if (!client.revoked.empty())
    json.member("client_certificate_crl_fingerprint", "sha256:" + client.revoked_fingerprint);
  json.member("policy", model::policy_id(name.policy));
  json.key("rank");
  write_rank(json, name.rank);
  json.key("origin");
  write_origin(json, name.origin);
  json.end_object();
}

}  // namespace sallyport::commands
