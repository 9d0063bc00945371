// SPDX-License-Identifier: Apache-2.0
// The parts of the model: what a gateway shall do, in nobody's dialect. Plain values with stable ids; every part says
// where it was written.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/secret_bytes.hpp"
#include "model/certificate.hpp"
#include "model/filter.hpp"
#include "model/match.hpp"
#include "model/origin.hpp"
#include "model/predicate.hpp"
#include "model/rank.hpp"
#include "syntax/address.hpp"
#include "syntax/path.hpp"

namespace sallyport::model {

// Stable: the same part has the same id after every change. Opaque to whoever did not make it.
using Id = std::string;

struct Endpoint {
  enum class State : std::uint8_t {
    active,
    draining,  // terminating and serving: new requests only when nothing is active (reliability-security.md 3.11)
  };

  syntax::SocketAddress address;
  State state = State::active;

  bool operator==(const Endpoint&) const = default;
};

// A host whose addresses are asked for where connections are made, each time that they are not known any more. Whether
// one of them may be connected to is judged there too, by every connect.
struct NamedEndpoint {
  std::string host;  // in lower case, without a final dot
  std::uint16_t port = 0;
  Endpoint::State state = Endpoint::State::active;

  bool operator==(const NamedEndpoint&) const = default;
};

// Where one port of one Service is served: addresses in order, each once, and names in the order of host and port.
struct EndpointSet {
  Id id;
  std::vector<Endpoint> endpoints;
  Origin origin;
  std::vector<NamedEndpoint> names = {};

  bool is_empty() const { return endpoints.empty() && names.empty(); }
  bool operator==(const EndpointSet&) const = default;
};

enum class Protocol : std::uint8_t {
  http1,
  http2,  // without TLS by prior knowledge; with it offered first, and HTTP/1.1 after it (ALPN)
};

// What is shown to endpoints that ask who we are. The key is shared, never copied; one that fits the chain is the same.
struct ClientCertificate {
  Id id;                                   // "shop/client": namespace and name of the Secret
  std::string chain;                       // PEM
  std::shared_ptr<const SecretBytes> key;  // PEM
  std::string fingerprint;                 // of the leaf

  bool operator==(const ClientCertificate& other) const { return id == other.id && chain == other.chain; }
};

// TLS towards endpoints. Whom we trust is written here whole, so that it is part of the backend's key (H1-21).
struct UpstreamTls {
  std::string server_name;        // asked for (SNI), and what the certificate has to be for
  std::vector<std::string> sans;  // not empty: it has to be for one of these instead
  std::string ca;                 // PEM; empty: those of the system
  bool verify = true;             // off: whoever answers is taken for the endpoint
  std::optional<ClientCertificate> client_certificate;

  bool operator==(const UpstreamTls&) const = default;
};

// The header that tells an endpoint whose connection it is (PROXY protocol).
enum class ProxyProtocol : std::uint8_t { none, v1, v2 };

// An endpoint set and how to speak to it. Its id is a key of these contents: whoever asks for the same shares a pool.
struct Backend {
  Id id;
  Id endpoint_set;
  Protocol protocol = Protocol::http1;
  std::optional<UpstreamTls> tls;  // none: cleartext
  ProxyProtocol proxy_protocol = ProxyProtocol::none;
  Origin origin;

  bool operator==(const Backend&) const = default;
};

// The gateway answers by itself: what is wrong with the configuration, as no_service is.
struct FixedAnswer {
  Code code = Code::internal;

  bool operator==(const FixedAnswer&) const = default;
};

struct BackendRef {
  Id backend;

  bool operator==(const BackendRef&) const = default;
};

struct Destination {
  std::variant<BackendRef, FixedAnswer> target;
  std::uint32_t weight = 1;
  std::vector<Filter> chain;  // after this destination was chosen

  bool operator==(const Destination&) const = default;
};

struct Rule {
  Id id;
  std::vector<Id> listeners;  // the scope, in order; empty means every listener
  HostPattern host;
  bool falls_through = true;  // when no path of this host fits, wider hosts are asked
  PathMatch path;
  std::vector<Predicate> predicates;  // all of them
  syntax::PathOptions path_options;   // of the requests that it serves
  Rank rank;
  std::vector<Filter> chain;
  std::vector<Destination> destinations;
  Origin origin;

  bool operator==(const Rule&) const = default;
};

// Connections that begin with a header of the PROXY protocol, in which a balancer says whose they are.
struct ProxyHeaders {
  enum class Mode : std::uint8_t {
    off,      // none does: a header is no request
    strict,   // every connection does; others than those of `from` are closed, unless it is empty
    trusted,  // those of `from` do, and no others
  };

  Mode mode = Mode::off;
  std::vector<syntax::Cidr> from;

  bool operator==(const ProxyHeaders&) const = default;
};

struct Listener {
  Id id;
  std::vector<syntax::SocketAddress> addresses;  // where to bind
  std::uint16_t port = 80;                       // what users call it; a port map may bind another
  ProxyHeaders proxy_headers;
  bool tls = false;
  Id default_certificate = {};  // shown where no other is for the name; may be of none that is there. Empty: none
  std::vector<Filter> chain;    // before the rule is chosen
  Origin origin;

  bool operator==(const Listener&) const = default;
};

}  // namespace sallyport::model
