// SPDX-License-Identifier: Apache-2.0
#include "dialects/certificates/secrets.hpp"

#include <array>
#include <utility>

#include "base/text.hpp"
#include "dialects/certificates/secret_facts.hpp"
#include "dialects/certificates/server_names.hpp"
#include "dialects/findings.hpp"

namespace sallyport::dialects::certificates {
namespace {

constexpr std::array<RootKind, 2> root_kinds = {{{"", "Secret"}, {"", "ConfigMap"}}};

model::Certificate certificate(const kube::Object& root, const Pair& pair) {
  return {
      .id = certificate_id(root.ref),
      .chain = pair.facts->pem,
      .key = pair.key,
      .names = pair.facts->names,
      .not_before = pair.facts->not_before,
      .not_after = pair.facts->not_after,
      .fingerprint = pair.facts->fingerprint,
      .origin = origin_of(root),
  };
}

void note_oddities(const kube::Object& root, const Pair& pair, Findings& findings) {
  const std::string field = field_of(root, chain_key);
  if (pair.facts->names.empty()) {
    findings.add(Verdict::warning, field, "CertificateWithoutNames",
                 "tls.crt has no DNS name as subjectAltName: clients would refuse it for any host");
  }
  if (!pair.facts->is_for_servers) {
    findings.add(Verdict::warning, field, "CertificateNotForServers",
                 "tls.crt has a certificate that is not for servers by its key usages: clients would refuse it");
  }
}

}  // namespace

std::span<const RootKind> Secrets::roots() const { return root_kinds; }

std::vector<Finding> Secrets::faults(const kube::Object& root) const {
  Findings findings(root);
  findings.add_complaints_at({"type", "data[tls.crt]", "data[tls.key]", "stringData[tls.crt]", "stringData[tls.key]"});
  std::vector<Finding> all = findings.take();
  if (!all.empty() || !is_pair(root)) return all;
  const SecretProblem problem = fault_of_pair(root);
  if (!problem.empty()) {
    findings.add(Verdict::rejected, field_of(root, problem.key), "InvalidCertificate",
                 text::cat(problem.key, " ", problem.why));
  }
  return findings.take();
}

bool Secrets::is_shown(const kube::Object& root, const Lookup& lookup) const {
  return root.ref == default_certificate_ || lookup.verdict(certificate_uses(root.ref)).claims != 0;
}

std::optional<Finding> Secrets::foreign(const kube::Object& root, const Lookup& lookup) const {
  const bool is_for_clients = root.ref == default_certificate_ || lookup.verdict(secret_uses(root.ref)).claims != 0;
  if (is_for_clients || lookup.verdict(upstream_uses(root.ref)).claims != 0) return std::nullopt;
  return Finding{.verdict = Verdict::ignored,
                 .reason = "NotUsed",
                 .message = "nothing that is served refers to it",
                 .origin = origin_of(root),
                 .by = {}};
}

Translation Secrets::translate(const kube::Object& root, const Lookup& lookup) const {
  if (auto why = foreign(root, lookup)) return not_ours(*std::move(why));
  Translation translation;
  Findings findings(root);
  findings.add_complaints();
  const bool is_for_clients = is_shown(root, lookup);
  const bool is_wanted = is_for_clients || lookup.verdict(upstream_uses(root.ref)).claims != 0;
  if (is_wanted && is_pair(root)) {
    // Read through the lookup, which keeps what it read as long as the Secret does not change.
    const auto pair = lookup.read<&pair_of>(root.ref);
    if (pair && pair->problem.empty()) {
      translation.certificates.push_back(certificate(root, *pair));
      if (is_for_clients) {
        note_oddities(root, *pair, findings);
      } else {
        translation.certificates.back().names.clear();  // what is ours towards upstreams is no server's
      }
    }
  }
  translation.findings = findings.take();
  return translation;
}

}  // namespace sallyport::dialects::certificates
