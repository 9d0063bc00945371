// SPDX-License-Identifier: Apache-2.0
#include "dialects/ingress/tls.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "dialects/certificates/server_names.hpp"
#include "dialects/matches.hpp"

namespace sallyport::dialects::ingress {
namespace {

using certificates::Coverage;
using Kind = model::HostPattern::Kind;

constexpr std::string_view annotations = "metadata.annotations";
constexpr std::string_view redirect_name = "sallyport.dev/https-redirect";
constexpr std::string_view client_name = "sallyport.dev/client-certificate";
constexpr std::string_view authority_name = "sallyport.dev/client-certificate-ca";

// As a certificate would have it.
std::string name_of(const model::HostPattern& host) {
  return host.kind == Kind::exact ? host.name : text::cat("*.", host.name);
}

// The wildcard that fits the name too; none above a name of one label.
std::optional<model::HostPattern> wildcard_above(const model::HostPattern& host) {
  const std::size_t dot = host.name.find('.');
  if (host.kind != Kind::exact || dot == host.name.npos) return std::nullopt;
  return model::HostPattern{.kind = Kind::one_label, .name = host.name.substr(dot + 1)};
}

}  // namespace

bool Tls::is_annotation(std::string_view name) {
  return name == redirect_name || name == client_name || name == authority_name;
}

Tls::Tls(const kube::Object& root, const Lookup& lookup, const TlsSettings& settings, Findings& findings)
    : root_(root),
      spec_(kube::as<kube::Ingress>(root)->spec),
      lookup_(lookup),
      settings_(settings),
      findings_(findings),
      redirects_(settings.redirect) {
  read_client_validation();
  read_redirect();
  for (std::size_t at = 0; at < spec_.tls.size(); ++at) {
    if (spec_.tls[at]) add_entry(*spec_.tls[at], kube::field("spec.tls", at));
  }
}

std::vector<Claim> Tls::claims() { return std::move(claims_); }

std::optional<std::string> Tls::annotation(std::string_view name) const {
  const auto found = root_.meta.annotations.find(name);
  return found == root_.meta.annotations.end() ? std::nullopt : std::optional(found->second);
}

void Tls::read_redirect() {
  const auto said = annotation(redirect_name);
  if (!said) return;
  if (*said == "true" || *said == "false") {
    redirects_ = *said == "true";
    return;
  }
  findings_.add(Verdict::rejected, kube::field(annotations, redirect_name), "InvalidAnnotation",
                text::cat("annotation ", redirect_name, " is \"true\" or \"false\""));
}

void Tls::refuse_clients(std::string_view field, std::string_view reason, std::string message) {
  policy_.client = {};
  policy_.client.mode = Mode::refuse;
  findings_.add(Verdict::rejected, field, reason, text::cat(message, ": no client is let in"));
}

// `off` also where what is said cannot be read, which read_client_validation() has seen to before.
Tls::Mode Tls::mode_wanted() {
  const auto said = annotation(client_name);
  if (!said) return annotation(authority_name) ? Mode::require : Mode::off;
  if (*said == "require") return Mode::require;
  if (*said == "optional") return Mode::optional;
  refuse_clients(kube::field(annotations, client_name), "InvalidAnnotation",
                 text::cat("annotation ", client_name, " is \"require\" or \"optional\""));
  return Mode::off;
}

void Tls::read_client_validation() {
  for (const std::string_view name : {client_name, authority_name}) {
    const std::string field = kube::field(annotations, name);
    if (root_.invalid_within(field) == nullptr) continue;
    return refuse_clients(field, "InvalidAnnotation", text::cat("annotation ", name, " cannot be read"));
  }
  const Mode mode = mode_wanted();
  if (mode == Mode::off) return;
  const std::string field = kube::field(annotations, authority_name);
  const auto secret = annotation(authority_name);
  if (!secret || secret->empty()) {
    return refuse_clients(kube::field(annotations, client_name), "ClientCaMissing",
                          text::cat("annotation ", authority_name, " has to name the Secret with the authorities"));
  }
  const ObjectRef ref = certificates::secret_ref(root_.ref.namespace_, *secret);
  use(*secret, field);
  const auto bundle = lookup_.read_newest<&certificates::bundle_of>(ref);
  if (!bundle) return refuse_clients(field, "SecretNotFound", text::cat("there is no ", to_text(ref)));
  if (!bundle->problem.empty()) {
    return refuse_clients(field, "InvalidClientCa",
                          text::cat(bundle->problem.key, " of ", to_text(ref), " ", bundle->problem.why));
  }
  policy_.client = {.mode = mode,
                    .authority = certificates::certificate_id(ref),
                    .bundle = bundle->facts.pem,
                    .fingerprint = bundle->facts.fingerprint,
                    .revoked = bundle->revoked.pem,
                    .revoked_fingerprint = bundle->revoked.fingerprint};
}

void Tls::use(const std::string& secret, std::string_view field) {
  if (!used_.insert(secret).second) return;
  claims_.push_back(certificates::claim_use(certificates::secret_ref(root_.ref.namespace_, secret), root_, field));
}

void Tls::use_certificate(const std::string& secret, std::string_view field) {
  use(secret, field);
  if (!shown_.insert(secret).second) return;
  const ObjectRef ref = certificates::secret_ref(root_.ref.namespace_, secret);
  claims_.push_back(certificates::claim_certificate(ref, root_, field));
}

void Tls::add_entry(const kube::IngressTls& entry, std::string_view field) {
  const std::string secret_field = kube::field(field, "secretName");
  std::shared_ptr<const Coverage> covered;
  if (entry.secret_name.empty()) {
    if (root_.invalid_within(secret_field) == nullptr && !settings_.default_certificate) {
      findings_.add(Verdict::warning, field, "NoDefaultCertificate",
                    "it names no Secret, and there is no --default-certificate");
    }
  } else {
    const ObjectRef ref = certificates::secret_ref(root_.ref.namespace_, entry.secret_name);
    use_certificate(entry.secret_name, secret_field);
    covered = lookup_.read<&certificates::coverage_of>(ref).value;
    if (covered == nullptr) {
      findings_.add(
          Verdict::rejected, secret_field, "SecretNotFound",
          text::cat("there is no ", to_text(ref), " that can be used: its hosts get the default certificate"));
    } else if (!covered->problem.empty()) {
      findings_.add(Verdict::rejected, secret_field, "InvalidCertificate",
                    text::cat(covered->problem.key, " of ", to_text(ref), " ", covered->problem.why,
                              ": its hosts get the default certificate"));
      covered = nullptr;
    }
  }
  if (entry.hosts.empty()) {
    if (root_.invalid_within(kube::field(field, "hosts")) == nullptr) add_hosts_of_rules(entry, field, covered.get());
  } else {
    add_named_hosts(entry, field, covered.get());
  }
}

void Tls::add_named_hosts(const kube::IngressTls& entry, std::string_view field, const Coverage* covered) {
  const std::string hosts = kube::field(field, "hosts");
  for (std::size_t at = 0; at < entry.hosts.size(); ++at) {
    if (!entry.hosts[at]) continue;
    const std::string host_field = kube::field(hosts, at);
    const auto host = dialects::host_pattern(*entry.hosts[at]);
    if (!host) {
      findings_.add(Verdict::rejected, host_field, "InvalidHost", host.error().detail);
      continue;
    }
    if (const auto former = hosts_.find(*host); former != hosts_.end()) {
      findings_.add(shadowed(origin_of(root_, host_field), origin_of(root_, former->second), model::Decision::index));
      continue;
    }
    if (covered != nullptr && !covered->covers(name_of(*host))) {
      findings_.add(Verdict::warning, host_field, "HostNotCovered",
                    text::cat("the certificate of Secret ", entry.secret_name, " is not for ", name_of(*host),
                              ": clients would refuse it"));
    }
    add_host(*host, entry.secret_name, host_field);
  }
}

// Whichever of them the certificate is for; all of them where it is the default one.
void Tls::add_hosts_of_rules(const kube::IngressTls& entry, std::string_view field, const Coverage* covered) {
  if (!entry.secret_name.empty() && covered == nullptr) return;
  for (const auto& rule : spec_.rules) {
    if (!rule || rule->host.empty()) continue;
    const auto host = dialects::host_pattern(rule->host);
    if (!host || hosts_.contains(*host)) continue;
    if (covered == nullptr || covered->covers(name_of(*host))) {
      add_host(*host, entry.secret_name, kube::field(field, entry.secret_name.empty() ? "hosts" : "secretName"));
    }
  }
}

void Tls::add_host(const model::HostPattern& host, const std::string& secret, std::string_view field) {
  std::vector<model::Id> shown;
  if (!secret.empty()) {
    shown.push_back(certificates::certificate_id(certificates::secret_ref(root_.ref.namespace_, secret)));
  }
  const auto index = static_cast<std::uint32_t>(hosts_.size());
  hosts_.emplace(host, field);
  claims_.push_back(certificates::claim_server_name(host, policy_, std::move(shown), root_, field, index));
}

// Whoever asked for it; or any name has, by the default certificate.
bool Tls::has_tls(const model::HostPattern& host) const {
  if (settings_.default_certificate || hosts_.contains(host)) return true;
  if (host.kind == Kind::any) return false;
  const auto above = wildcard_above(host);
  return (above && hosts_.contains(*above)) || lookup_.verdict(certificates::server_name_group(host)).claims != 0 ||
         (above && lookup_.verdict(certificates::server_name_group(*above)).claims != 0);
}

std::vector<model::Filter> Tls::chain_for(const model::HostPattern& host, std::string_view field) {
  const model::HttpsRedirect redirect{.bound_http = settings_.bound_http, .bound_https = settings_.bound_https};
  if (policy_.client.mode == Mode::require || policy_.client.mode == Mode::refuse) {
    const auto above = wildcard_above(host);
    const bool named = hosts_.contains(host) || (above && hosts_.contains(*above));
    if (!named && noted_.insert(host).second) {
      findings_.add(Verdict::rejected, field, "HostWithoutTls",
                    text::cat("client certificates are wanted, and spec.tls does not have host ", to_text(host),
                              ": its requests are refused"));
    }
    return {redirect, model::TlsGuard{.policy = model::policy_id(policy_)}};
  }
  if (redirects_ && has_tls(host)) return {redirect};
  return {};
}

}  // namespace sallyport::dialects::ingress
