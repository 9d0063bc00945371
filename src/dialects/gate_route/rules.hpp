// SPDX-License-Identifier: Apache-2.0
// The rules of one GateRoute, as claims, backends and findings. Lives for one translation.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.hpp"
#include "dialects/findings.hpp"
#include "dialects/precedence.hpp"
#include "dialects/services/endpoint_reading.hpp"
#include "syntax/path.hpp"

namespace sallyport::dialects::gate_route {

inline constexpr std::size_t max_backends = 64;                           // of a rule
inline constexpr std::size_t max_claimed_bytes = std::size_t{16} << 20U;  // of an object's rules, for all its hosts
inline constexpr std::uint32_t highest_weight = 1'000'000;                // as in Gateway API

class Rules {
 public:
  Rules(const kube::Object& root, const Lookup& lookup, const syntax::PathOptions& paths,
        const services::AddressPolicy& endpoints)
      : root_(root),
        spec_(kube::as<kube::GateRoute>(root)->spec),
        lookup_(lookup),
        paths_(paths),
        endpoints_(endpoints),
        findings_(root, "spec") {}

  Translation translate() &&;

 private:
  void read_hosts();
  void add_host(const Result<model::HostPattern>& host, std::string_view field);
  void add_rule(const kube::GateRule& rule, const std::string& field);
  bool is_spoilt(std::string_view rule) const;
  void speak_of(const kube::GateRule& rule, const std::string& field);
  std::optional<model::PathMatch> path_of(const kube::GateRule& rule, const std::string& field);
  // At most one filter of a kind.
  std::optional<std::vector<model::Filter>> chain_of(const kube::GateRule& rule, const std::string& field,
                                                     const std::optional<model::PathMatch>& path);
  // What the destinations of a rule refer to.
  struct Used {
    std::vector<model::Backend> backends;
    std::vector<model::EndpointSet> endpoint_sets;
  };
  std::vector<model::Destination> destinations_of(const kube::GateRule& rule, const std::string& field, Used& used);
  bool is_first(const model::Rule& rule, std::string_view field);
  static GroupKey requests_of(const model::Rule& rule);
  void use(Used used);
  bool has_backends(const kube::GateRule& rule, const std::string& field);
  bool has_room_for(const model::Rule& rule, std::string_view field);
  // For each host.
  void claim(const model::Rule& rule, std::string_view field);

  const kube::Object& root_;
  const kube::GateRouteSpec& spec_;
  const Lookup& lookup_;
  syntax::PathOptions paths_;  // the options', unless annotations say otherwise
  services::AddressPolicy endpoints_;
  bool grpc_web_ = false;
  bool held_ = false;  // its rules keep their places and answer 503
  Findings findings_;
  Translation translation_;
  std::vector<model::HostPattern> hosts_;  // in the order of the file
  std::set<model::HostPattern> known_hosts_;
  std::set<model::Id> known_backends_;
  std::map<GroupKey, std::string> firsts_;  // without hosts; and the field of the rule
  std::size_t claimed_bytes_ = 0;
  std::uint32_t next_index_ = 0;
};

}  // namespace sallyport::dialects::gate_route
