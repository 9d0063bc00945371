// SPDX-License-Identifier: Apache-2.0
// networking.k8s.io/v1 Ingress.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "kube/values.hpp"

namespace sallyport::kube {

enum class PathType : std::uint8_t { exact, prefix, implementation_specific };
BOOST_DESCRIBE_ENUM(PathType, exact, prefix, implementation_specific)

struct ServiceBackendPort {
  std::string name;
  std::optional<PortNumber> number;
};
BOOST_DESCRIBE_STRUCT(ServiceBackendPort, (), (name, number))

struct IngressServiceBackend {
  std::string name;
  ServiceBackendPort port;

  static constexpr FieldNames<1> required{"name"};
};
BOOST_DESCRIBE_STRUCT(IngressServiceBackend, (), (name, port))

// An object of the Ingress's namespace.
struct LocalReference {
  std::optional<std::string> api_group;
  std::string kind;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(LocalReference, (), (api_group, kind, name))

// Exactly one of the two should be there; the dialect says so.
struct IngressBackend {
  std::optional<IngressServiceBackend> service;
  std::unique_ptr<LocalReference> resource;  // rare: a pointer takes less room in each path
};
BOOST_DESCRIBE_STRUCT(IngressBackend, (), (service, resource))

struct IngressPath {
  std::string path;
  PathType path_type = PathType::exact;
  IngressBackend backend;

  static constexpr FieldNames<2> required{"pathType", "backend"};
};
BOOST_DESCRIBE_STRUCT(IngressPath, (), (path, path_type, backend))

struct IngressHttp {
  List<IngressPath> paths;

  static constexpr FieldNames<1> required{"paths"};
};
BOOST_DESCRIBE_STRUCT(IngressHttp, (), (paths))

struct IngressRule {
  std::string host;                 // empty: every host
  std::optional<IngressHttp> http;  // absent: everything goes to the default backend
};
BOOST_DESCRIBE_STRUCT(IngressRule, (), (host, http))

struct IngressTls {
  List<std::string> hosts;
  std::string secret_name;
};
BOOST_DESCRIBE_STRUCT(IngressTls, (), (hosts, secret_name))

struct IngressSpec {
  std::optional<std::string> ingress_class_name;
  std::optional<IngressBackend> default_backend;
  List<IngressTls> tls;
  List<IngressRule> rules;
};
BOOST_DESCRIBE_STRUCT(IngressSpec, (), (ingress_class_name, default_backend, tls, rules))

struct IngressStatus {
  LoadBalancerStatus load_balancer;
};
BOOST_DESCRIBE_STRUCT(IngressStatus, (), (load_balancer))

struct Ingress {
  IngressSpec spec;
  IngressStatus status;
};
BOOST_DESCRIBE_STRUCT(Ingress, (), (spec, status))

}  // namespace sallyport::kube
