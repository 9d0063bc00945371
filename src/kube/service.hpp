// SPDX-License-Identifier: Apache-2.0
// core/v1 Service.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kube/values.hpp"

namespace sallyport::kube {

enum class ServiceType : std::uint8_t { cluster_ip, node_port, load_balancer, external_name };
BOOST_DESCRIBE_ENUM(ServiceType, cluster_ip, node_port, load_balancer, external_name)

struct ServicePort {
  std::string name;  // may be empty when it is the only port
  Protocol protocol = Protocol::tcp;
  std::optional<std::string> app_protocol;
  PortNumber port = 0;
  std::optional<IntOrString> target_port;  // absent: as `port`
  std::optional<PortNumber> node_port;

  static constexpr FieldNames<1> required{"port"};
};
BOOST_DESCRIBE_STRUCT(ServicePort, (), (name, protocol, app_protocol, port, target_port, node_port))

struct ClientIpConfig {
  std::optional<std::uint32_t> timeout_seconds;
};
BOOST_DESCRIBE_STRUCT(ClientIpConfig, (), (timeout_seconds))

struct SessionAffinityConfig {
  std::optional<ClientIpConfig> client_ip;
};
BOOST_DESCRIBE_STRUCT(SessionAffinityConfig, (), (client_ip))

struct ServiceSpec {
  ServiceType type = ServiceType::cluster_ip;
  std::string cluster_ip;  // "None": headless
  List<std::string> cluster_ips;
  List<std::string> external_ips;
  std::string external_name;
  Texts selector;
  List<ServicePort> ports;
  std::string session_affinity;  // "None" (also when empty) or "ClientIP"
  std::optional<SessionAffinityConfig> session_affinity_config;
  bool publish_not_ready_addresses = false;
  std::optional<std::string> external_traffic_policy;
  std::optional<std::string> internal_traffic_policy;
  std::optional<std::string> traffic_distribution;
  std::optional<PortNumber> health_check_node_port;
  std::string load_balancer_ip;
  std::optional<std::string> load_balancer_class;
  List<std::string> load_balancer_source_ranges;
  std::optional<bool> allocate_load_balancer_node_ports;
  List<std::string> ip_families;
  std::optional<std::string> ip_family_policy;
};
BOOST_DESCRIBE_STRUCT(ServiceSpec, (),
                      (type, cluster_ip, cluster_ips, external_ips, external_name, selector, ports, session_affinity,
                       session_affinity_config, publish_not_ready_addresses, external_traffic_policy,
                       internal_traffic_policy, traffic_distribution, health_check_node_port, load_balancer_ip,
                       load_balancer_class, load_balancer_source_ranges, allocate_load_balancer_node_ports, ip_families,
                       ip_family_policy))

struct ServiceStatus {
  LoadBalancerStatus load_balancer;

  static constexpr FieldNames<1> unread{"conditions"};
};
BOOST_DESCRIBE_STRUCT(ServiceStatus, (), (load_balancer))

struct Service {
  ServiceSpec spec;
  ServiceStatus status;
};
BOOST_DESCRIBE_STRUCT(Service, (), (spec, status))

}  // namespace sallyport::kube
