// SPDX-License-Identifier: Apache-2.0
// What one Ingress says about TLS: its hosts with their certificates, who may come (our annotations about client
// certificates), and whether requests without TLS are redirected. Lives for one translation.
//
// Who may come is closed when in doubt: what cannot be read, or refers to nothing, lets nobody in; and rules of an
// Ingress that wants client certificates serve no connection on which they were not asked for, whatever its name.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/certificates/secret_facts.hpp"
#include "dialects/dialect.hpp"
#include "dialects/findings.hpp"
#include "model/filter.hpp"

namespace sallyport::dialects::ingress {

// What the options say.
struct TlsSettings {
  bool default_certificate = false;  // there is one
  bool redirect = false;             // unless an annotation says otherwise
  std::uint16_t bound_http = 80;     // what is bound for the ports that users call
  std::uint16_t bound_https = 443;
};

class Tls {
 public:
  // Our annotations that are read here.
  static bool is_annotation(std::string_view name);

  Tls(const kube::Object& root, const Lookup& lookup, const TlsSettings& settings, Findings& findings);

  // Of server names, and of the Secrets that they use; once.
  std::vector<Claim> claims();
  // What a rule for this host begins with. Says so when nobody can reach it.
  std::vector<model::Filter> chain_for(const model::HostPattern& host, std::string_view field);

 private:
  using Mode = model::ClientValidation::Mode;

  Mode mode_wanted();
  void read_client_validation();
  void refuse_clients(std::string_view field, std::string_view reason, std::string message);
  void read_redirect();
  void add_entry(const kube::IngressTls& entry, std::string_view field);
  void add_named_hosts(const kube::IngressTls& entry, std::string_view field, const certificates::Coverage* covered);
  void add_hosts_of_rules(const kube::IngressTls& entry, std::string_view field, const certificates::Coverage* covered);
  void add_host(const model::HostPattern& host, const std::string& secret, std::string_view field);
  void use(const std::string& secret, std::string_view field);
  void use_certificate(const std::string& secret, std::string_view field);
  bool has_tls(const model::HostPattern& host) const;
  std::optional<std::string> annotation(std::string_view name) const;

  const kube::Object& root_;
  const kube::IngressSpec& spec_;
  const Lookup& lookup_;
  TlsSettings settings_;
  Findings& findings_;
  model::TlsPolicy policy_;
  bool redirects_;
  std::map<model::HostPattern, std::string> hosts_;  // and the field that claimed each
  std::set<std::string> used_;                       // Secrets
  std::set<std::string> shown_;                      // those of them whose certificates are shown
  std::set<model::HostPattern> noted_;               // rules' hosts that were found not to be among them
  std::vector<Claim> claims_;
};

}  // namespace sallyport::dialects::ingress
