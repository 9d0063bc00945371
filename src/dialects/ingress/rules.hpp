// SPDX-License-Identifier: Apache-2.0
// The rules of one Ingress that is ours, as claims, backends and findings. Lives for one translation.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dialects/dialect.hpp"
#include "dialects/findings.hpp"
#include "dialects/ingress/annotations.hpp"
#include "dialects/ingress/backends.hpp"
#include "dialects/ingress/tls.hpp"
#include "syntax/path.hpp"

namespace sallyport::dialects::ingress {

class Rules {
 public:
  Rules(const kube::Object& root, const Lookup& lookup, const syntax::PathOptions& paths, const TlsSettings& tls,
        const services::AddressPolicy& endpoints = {})
      : root_(root),
        spec_(kube::as<kube::Ingress>(root)->spec),
        lookup_(lookup),
        paths_(paths),
        endpoints_(endpoints),
        findings_(root),
        tls_(root, lookup, tls, findings_) {}

  Translation translate() &&;

 private:
  std::optional<services::Target> default_target();
  void add_rule(const kube::IngressRule& rule, std::string_view field);
  void add_path(const model::HostPattern& host, const kube::IngressPath& path, std::string_view field);
  // Every path of the host that nothing else fits.
  void add_rest(const model::HostPattern& host, std::string_view field);
  void claim(const model::HostPattern& host, const model::PathMatch& path, const services::Target& target,
             std::string_view field);
  void note_emptiness();

  const kube::Object& root_;
  const kube::IngressSpec& spec_;
  const Lookup& lookup_;
  syntax::PathOptions paths_;  // the options', unless annotations say otherwise
  services::AddressPolicy endpoints_;
  bool grpc_web_ = false;
  Serving serving_ = Serving::as_written;
  Findings findings_;
  Tls tls_;
  Translation translation_;
  std::map<GroupKey, std::string> claimed_;  // and the field that did
  std::optional<services::Target> default_;  // of spec.defaultBackend
  std::uint32_t next_index_ = 0;
};

}  // namespace sallyport::dialects::ingress
