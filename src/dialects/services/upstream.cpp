// SPDX-License-Identifier: Apache-2.0
#include "dialects/services/upstream.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "dialects/certificates/secret_facts.hpp"
#include "dialects/certificates/server_names.hpp"
#include "dialects/services/certificate_authorities.hpp"
#include "syntax/host.hpp"
#include "syntax/token.hpp"

namespace sallyport::dialects::services {
namespace {

using model::Protocol;

constexpr std::size_t most_sans = 16;

struct Spoken {
  std::string_view app_protocol;
  Protocol protocol;
  bool tls;
};

// Gateway API's GEP-1911, and the registered names that Kubernetes allows (RFC 6335: case does not matter).
constexpr std::array<Spoken, 7> known = {{
    {"", Protocol::http1, false},
    {"http", Protocol::http1, false},
    {"https", Protocol::http2, true},
    {"grpc", Protocol::http2, false},
    {"kubernetes.io/h2c", Protocol::http2, false},
    {"kubernetes.io/ws", Protocol::http1, false},
    {"kubernetes.io/wss", Protocol::http1, true},
}};

const Spoken* spoken(std::string_view app_protocol) {
  const auto found = std::ranges::find_if(
      known, [&](const Spoken& one) { return syntax::equals_ignore_case(one.app_protocol, app_protocol); });
  return found == known.end() ? nullptr : &*found;
}

class Reader {
 public:
  Reader(const ObjectRef& service, const ServiceFacts& facts, const Lookup& lookup, Upstream& into)
      : service_(service), facts_(facts), annotations_(facts.upstream), lookup_(lookup), into_(into) {}

  void read_tls();
  void read_proxy_protocol();
  void refuse_unreadable();

 private:
  void add(Verdict verdict, std::string_view annotation, std::string_view reason, std::string message) {
    into_.problems.push_back({verdict, annotation, reason, std::move(message)});
  }
  void refuse(std::string_view annotation, std::string_view wanted) {
    add(Verdict::rejected, annotation, "InvalidAnnotation", text::cat("annotation ", annotation, " ", wanted));
  }
  void read_ca(model::UpstreamTls& tls);
  void read_sans(model::UpstreamTls& tls);
  void read_client_certificate(model::UpstreamTls& tls);

  const ObjectRef& service_;
  const ServiceFacts& facts_;
  const UpstreamAnnotations& annotations_;
  const Lookup& lookup_;
  Upstream& into_;
};

void Reader::read_tls() {
  model::UpstreamTls& tls = into_.tls.emplace();
  const std::string within = text::cat(service_.name, ".", service_.namespace_, ".svc");
  tls.server_name = facts_.external_host.empty() ? within : facts_.external_host;
  if (annotations_.server_name) {
    tls.server_name = *annotations_.server_name;
    if (!syntax::is_hostname(tls.server_name)) refuse(upstream_server_name, "is a host name in lower case");
  }
  read_sans(tls);
  if (annotations_.verify && *annotations_.verify == "off") {
    tls.verify = false;
    add(Verdict::warning, upstream_verify, "NotVerified",
        "whoever answers at the address of an endpoint is taken for it: its certificate is not verified");
  } else if (annotations_.verify && *annotations_.verify != "on") {
    refuse(upstream_verify, "is \"on\" or \"off\"");
  }
  read_ca(tls);
  read_client_certificate(tls);
}

void Reader::read_client_certificate(model::UpstreamTls& tls) {
  if (!annotations_.client_certificate) return;
  const auto where = client_certificate_ref(*annotations_.client_certificate, service_.namespace_);
  if (!where) return refuse(upstream_client_certificate, "names a Secret");
  const auto pair = lookup_.read<&certificates::pair_of>(*where);
  if (!pair) {
    return add(Verdict::rejected, upstream_client_certificate, "ClientCertificateNotFound",
               text::cat("there is no ", to_text(*where), " that can be used"));
  }
  if (!pair->problem.empty()) {
    return add(Verdict::rejected, upstream_client_certificate, "ClientCertificateBroken",
               text::cat(pair->problem.key, " of ", to_text(*where), " ", pair->problem.why));
  }
  tls.client_certificate = model::ClientCertificate{.id = certificates::certificate_id(*where),
                                                    .chain = pair->facts->pem,
                                                    .key = pair->key,
                                                    .fingerprint = pair->facts->fingerprint};
}

void Reader::read_ca(model::UpstreamTls& tls) {
  if (!annotations_.ca) return;
  const std::optional<ObjectRef> where = authorities_ref(*annotations_.ca, service_.namespace_);
  if (!where) return refuse(upstream_ca, "names a Secret, or a ConfigMap as configmap/NAME");
  const auto read = lookup_.read_newest<&authorities_of>(*where);
  if (!read) return add(Verdict::rejected, upstream_ca, "CaNotFound", text::cat("there is no ", to_text(*where)));
  if (!read->problem.empty()) {
    return add(Verdict::rejected, upstream_ca, "CaBroken",
               text::cat("ca.crt of ", to_text(*where), " ", read->problem));
  }
  tls.ca = read->pem;
}

void Reader::read_sans(model::UpstreamTls& tls) {
  if (!annotations_.sans) return;
  syntax::for_each_list_item(*annotations_.sans, [&](std::string_view name) { tls.sans.emplace_back(name); });
  const bool good =
      !tls.sans.empty() && tls.sans.size() <= most_sans && std::ranges::all_of(tls.sans, syntax::is_hostname);
  if (!good) refuse(upstream_sans, text::cat("is a list of 1 to ", most_sans, " host names with commas between"));
}

void Reader::read_proxy_protocol() {
  if (!annotations_.proxy_protocol) return;
  if (*annotations_.proxy_protocol == "v1") {
    into_.proxy_protocol = model::ProxyProtocol::v1;
  } else if (*annotations_.proxy_protocol == "v2") {
    into_.proxy_protocol = model::ProxyProtocol::v2;
  } else {
    refuse(upstream_proxy_protocol, "is \"v1\" or \"v2\"");
  }
}

// Those about TLS say nothing where there is none.
void Reader::refuse_unreadable() {
  for (const std::string_view name : annotations_.unreadable) {
    if (into_.tls || name == upstream_proxy_protocol) refuse(name, "cannot be read");
  }
}

// Of what a TLS connection depends on; each text with its length, so that none runs into the next.
std::string digest(const model::UpstreamTls& tls) {
  std::string all = text::cat(tls.verify ? "verify " : "trust ", tls.server_name.size(), " ", tls.server_name);
  for (const std::string& name : tls.sans) all += text::cat(" ", name.size(), " ", name);
  all += text::cat(" / ", tls.ca);
  if (tls.client_certificate) {
    const model::ClientCertificate& own = *tls.client_certificate;
    all += text::cat(" / ", own.id.size(), " ", own.id, " ", own.chain);
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (EVP_Digest(all.data(), all.size(), bytes.data(), &size, EVP_sha256(), nullptr) != 1) return all;
  return hex(std::span(bytes).first(8));
}

}  // namespace

const UpstreamProblem* Upstream::closed_by() const {
  const auto found = std::ranges::find(problems, Verdict::rejected, &UpstreamProblem::verdict);
  return found == problems.end() ? nullptr : &*found;
}

std::optional<ObjectRef> client_certificate_ref(std::string_view written, std::string_view namespace_) {
  if (!syntax::is_hostname(written)) return std::nullopt;
  return certificates::secret_ref(std::string(namespace_), std::string(written));
}

Upstream read_upstream(const ObjectRef& service, std::string_view app_protocol, const ServiceFacts& facts,
                       const Lookup& lookup) {
  Upstream upstream;
  const Spoken* const by = spoken(app_protocol);
  upstream.knows_app_protocol = by != nullptr;
  if (by != nullptr) upstream.protocol = by->protocol;
  Reader reader(service, facts, lookup, upstream);
  if (by != nullptr && by->tls) reader.read_tls();
  reader.read_proxy_protocol();
  reader.refuse_unreadable();
  return upstream;
}

std::string upstream_key(const Upstream& upstream) {
  std::string key = upstream.protocol == Protocol::http2 ? "http2" : "http1";
  if (upstream.tls) key += "+tls";
  if (upstream.proxy_protocol != model::ProxyProtocol::none) {
    key += upstream.proxy_protocol == model::ProxyProtocol::v1 ? "+proxy-v1" : "+proxy-v2";
  }
  if (upstream.tls) key += " " + digest(*upstream.tls);
  return key;
}

std::vector<UpstreamProblem> upstream_problems(const ObjectRef& service, const ServiceFacts& facts,
                                               const Lookup& lookup) {
  std::vector<UpstreamProblem> all;
  bool any_tls = false;
  for (const ServicePortFacts& port : facts.ports) {
    Upstream upstream = read_upstream(service, port.app_protocol, facts, lookup);
    any_tls = any_tls || upstream.tls;
    for (UpstreamProblem& problem : upstream.problems) {
      const bool said = std::ranges::any_of(all, [&](const UpstreamProblem& one) {
        return one.annotation == problem.annotation && one.reason == problem.reason;
      });
      if (!said) all.push_back(std::move(problem));
    }
  }
  const UpstreamAnnotations& given = facts.upstream;
  const std::array<std::pair<const std::optional<std::string>*, std::string_view>, 5> of_tls = {{
      {&given.ca, upstream_ca},
      {&given.server_name, upstream_server_name},
      {&given.sans, upstream_sans},
      {&given.verify, upstream_verify},
      {&given.client_certificate, upstream_client_certificate},
  }};
  for (const auto& [value, annotation] : of_tls) {
    if (any_tls || !*value) continue;
    all.push_back({Verdict::warning, annotation, "NoTls",
                   text::cat("annotation ", annotation, " changes nothing: no port has appProtocol https or ",
                             "kubernetes.io/wss, so its endpoints are spoken to without TLS")});
  }
  return all;
}

}  // namespace sallyport::dialects::services
