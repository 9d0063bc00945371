// SPDX-License-Identifier: Apache-2.0
// The small value types that Kubernetes kinds are made of.
//
// Every kind is a plain described struct. Member names are the API's in snake_case (kube/names.hpp has the one rule
// that maps them). A described struct may have two lists of API names: `required`, whose absence makes the struct
// unusable, and `unread`, which Kubernetes knows and we accept without reading.

#pragma once

#include <array>
#include <boost/describe.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sallyport::kube {

template <std::size_t count>
using FieldNames = std::array<std::string_view, count>;

// A list of the API. An element that could not be decoded is empty, so that the index of every other element stays the
// one that the file has; a complaint of the object says what is wrong with it. Never treat an empty element as
// "absent": it is something that the user wanted and that we could not read.
template <class T>
using List = std::vector<std::optional<T>>;

using Texts = std::map<std::string, std::string, std::less<>>;

// A port's number is 1 to 65535. 0 in an optional member is "not given", as in the API; elsewhere it is refused.
using PortNumber = std::uint16_t;

// A port's number (1 to 65535), or its name.
using IntOrString = std::variant<std::uint32_t, std::string>;

// Decoded from base64.
struct Bytes {
  std::string value;

  bool operator==(const Bytes&) const = default;
};

enum class Protocol : std::uint8_t { tcp, udp, sctp };
BOOST_DESCRIBE_ENUM(Protocol, tcp, udp, sctp)

// core/v1 ObjectReference: what an endpoint points at.
struct ObjectReference {
  std::string api_version;
  std::string kind;
  std::string namespace_;
  std::string name;
  std::string uid;
  std::string resource_version;
  std::string field_path;

  bool operator==(const ObjectReference&) const = default;
};
BOOST_DESCRIBE_STRUCT(ObjectReference, (), (api_version, kind, namespace_, name, uid, resource_version, field_path))

// status.loadBalancer of Services and Ingresses.
struct LoadBalancerPort {
  PortNumber port = 0;
  Protocol protocol = Protocol::tcp;
  std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(LoadBalancerPort, (), (port, protocol, error))

struct LoadBalancerIngress {
  std::string ip;
  std::string hostname;
  std::optional<std::string> ip_mode;
  List<LoadBalancerPort> ports;
};
BOOST_DESCRIBE_STRUCT(LoadBalancerIngress, (), (ip, hostname, ip_mode, ports))

struct LoadBalancerStatus {
  List<LoadBalancerIngress> ingress;
};
BOOST_DESCRIBE_STRUCT(LoadBalancerStatus, (), (ingress))

}  // namespace sallyport::kube
