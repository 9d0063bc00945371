// SPDX-License-Identifier: Apache-2.0
// What others need to know of a Secret: its certificate with key, the names in it, and its bundle of authorities. All
// of them are projections (dialects/lookup.hpp), so a Secret is read again only when it changes.
//
// A pair is `tls.crt` and `tls.key`, whatever the Secret's type; a bundle is `ca.crt`, and `ca.crl` with what those
// authorities have revoked, as others have it too (ingress-nginx).

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/object_ref.hpp"
#include "base/secret_bytes.hpp"
#include "kube/object.hpp"
#include "syntax/certificate.hpp"

namespace sallyport::dialects::certificates {

inline constexpr std::string_view chain_key = "tls.crt";
inline constexpr std::string_view private_key_key = "tls.key";
inline constexpr std::string_view bundle_key = "ca.crt";
inline constexpr std::string_view revocations_key = "ca.crl";
inline constexpr std::string_view tls_type = "kubernetes.io/tls";

ObjectRef secret_ref(std::string namespace_, std::string name);
// "data[tls.crt]"; or of stringData, where that has it.
std::string field_of(const kube::Object& secret, std::string_view key);

// What is wrong, and with which of the values; never anything that stands in one.
struct SecretProblem {
  std::string key;
  std::string why;  // ends a sentence that begins with the key

  bool empty() const { return why.empty(); }
  bool operator==(const SecretProblem&) const = default;
};

// It says of itself that it is a pair, or has half of one.
bool is_pair(const kube::Object& secret);

// What keeps such a one from being used: half of it is missing or cannot be read, or the key does not fit. To read a
// pair costs a third of a millisecond, and at a start there are thousands, so it is done once for each version, and
// what comes after shares it.
SecretProblem fault_of_pair(const kube::Object& secret);

using ChainFacts = std::shared_ptr<const syntax::CertificateFacts>;

struct Pair {
  SecretProblem problem;
  ChainFacts facts;                        // null when there is a problem
  std::shared_ptr<const SecretBytes> key;  // null then

  // A key that fits the same certificate is the same.
  bool operator==(const Pair& other) const;
};
Pair pair_of(const kube::Object& secret);

// What a certificate is for: two are equal that have the same names.
struct Coverage {
  SecretProblem problem;
  ChainFacts facts;  // null when there is a problem

  bool covers(std::string_view host) const;
  bool operator==(const Coverage& other) const;
};
Coverage coverage_of(const kube::Object& secret);

// One whose lists cannot be read is a broken one: whoever was revoked would be let in.
struct Bundle {
  SecretProblem problem;
  syntax::BundleFacts facts;
  syntax::RevocationFacts revoked;  // empty: there is no list

  bool operator==(const Bundle&) const = default;
};
Bundle bundle_of(const kube::Object& secret);

}  // namespace sallyport::dialects::certificates
