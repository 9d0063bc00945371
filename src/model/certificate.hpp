// SPDX-License-Identifier: Apache-2.0
// What a gateway shall show and ask in TLS handshakes: certificates, and for which names they are shown. The key of a
// certificate is shared, never copied, and is compared with nothing: whichever fits the certificate is the same key.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret_bytes.hpp"
#include "model/match.hpp"
#include "model/origin.hpp"
#include "model/rank.hpp"

namespace sallyport::model {

// A chain with its key, checked: they belong together and are strong enough to be used.
struct Certificate {
  std::string id;                          // "shop/web-tls": namespace and name of the Secret
  std::string chain;                       // PEM, the leaf first; nothing else is in it
  std::shared_ptr<const SecretBytes> key;  // PEM
  std::vector<std::string> names;          // of the leaf: shop.example.com, *.example.com; canonical, in order
  std::int64_t not_before = 0;             // seconds since 1970, of the leaf
  std::int64_t not_after = 0;              //
  std::string fingerprint;                 // of the leaf: SHA-256, as lower-case hex digits
  Origin origin;

  // In seconds since 1970.
  bool is_valid_at(std::int64_t now) const { return not_before <= now && now <= not_after; }

  bool operator==(const Certificate& other) const {
    return id == other.id && chain == other.chain && names == other.names && not_before == other.not_before &&
           not_after == other.not_after && fingerprint == other.fingerprint && origin == other.origin;
  }
};

// What clients have to show.
struct ClientValidation {
  enum class Mode : std::uint8_t {
    off,       // nothing is asked for
    optional,  // asked for; one that is shown must be good
    require,
    refuse,  // what it would be judged by is missing or broken: no handshake at all
  };

  Mode mode = Mode::off;
  std::string authority;                 // the Secret that has the bundle: "shop/clients"
  std::string bundle;                    // PEM: who may have signed
  std::string fingerprint;               // of the bundle: SHA-256, as lower-case hex digits
  std::string revoked = {};              // PEM: lists of what they have revoked; empty: nobody is asked
  std::string revoked_fingerprint = {};  // of these, likewise

  bool operator==(const ClientValidation&) const = default;
};

enum class TlsVersion : std::uint8_t { tls12, tls13 };

// How connections to one name are made: those with equal ones may share what TLS remembers of clients, and requests.
struct TlsPolicy {
  ClientValidation client;
  TlsVersion least = TlsVersion::tls12;
  TlsVersion most = TlsVersion::tls13;

  bool operator==(const TlsPolicy&) const = default;
};

std::string_view to_text(ClientValidation::Mode mode);
// One text for each policy, without a secret: "tls12-tls13 require sha256:…".
std::string policy_id(const TlsPolicy& policy);
// Of connections that no server name is for.
const std::string& default_policy_id();

// A name that clients may ask for in their handshake (SNI).
struct ServerName {
  std::string id;
  std::vector<std::string> listeners;     // the scope, in order; empty means every listener that speaks TLS
  HostPattern host;                       // exact, or a wildcard
  std::vector<std::string> certificates;  // ids; the first that is there is shown. None: another that covers the name
  TlsPolicy policy;
  Rank rank;
  Origin origin;

  bool operator==(const ServerName&) const = default;
};

// Who of the two was heard makes no difference to clients.
bool same_effect(const ServerName& one, const ServerName& other);

}  // namespace sallyport::model
