// SPDX-License-Identifier: Apache-2.0
// Certificates, keys and bundles of authorities as PEM texts: what they say, and what is wrong with them. Pure; OpenSSL
// reads. An error's detail ends a sentence that begins with the name of the text, and has nothing of a key in it.
//
// What is given back as PEM is written anew from what was read: nothing else that stood in the text goes on.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace sallyport::syntax {

struct CertificateFacts {
  std::string pem;                 // the chain, the leaf first
  std::vector<std::string> names;  // DNS names of the leaf: canonical, in order, each once; *.example.com for wildcards
  std::int64_t not_before = 0;     // seconds since 1970, of the leaf
  std::int64_t not_after = 0;      //
  std::string fingerprint;         // SHA-256 of the leaf, as lower-case hex digits
  bool is_for_servers = true;      // no extension of the leaf says otherwise

  bool operator==(const CertificateFacts&) const = default;
};

inline constexpr std::size_t max_chain = 16;
inline constexpr std::size_t max_certificate_names = 1'000;
inline constexpr std::size_t max_bundle = 1'000;

// A leaf and what was signed by whom, up to an authority. Whether it has expired is the caller's to say: there is no
// clock here. Refused: keys that are weak or of a kind that TLS does not use, and signatures by broken hashes.
Result<CertificateFacts> read_chain(std::string_view pem);

// A chain with its private key, which has to be unencrypted and to fit the leaf. Nothing of the key is in it.
struct PairFacts {
  CertificateFacts chain;     // empty where there is a problem with it
  std::string chain_problem;  // as read_chain() says it; then nobody looks at the key. Empty: none
  std::string key_problem;    // likewise an error's detail
};

// Each of the two is read once.
PairFacts read_pair(std::string_view chain, std::string_view key);

struct BundleFacts {
  std::string pem;
  std::string fingerprint;  // SHA-256 of all of it, as lower-case hex digits
  std::size_t certificates = 0;

  bool operator==(const BundleFacts&) const = default;
};

// Certificates of authorities that are trusted: one at least.
Result<BundleFacts> read_bundle(std::string_view pem);

// Certificates that are trusted as they are, be they of authorities or of the very servers: one at least.
Result<BundleFacts> read_anchors(std::string_view pem);

struct RevocationFacts {
  std::string pem;
  std::string fingerprint;  // SHA-256 of all of it, as lower-case hex digits

  bool operator==(const RevocationFacts&) const = default;
};

inline constexpr std::size_t max_revocation_lists = 1'000;

// Lists of what authorities have revoked (CRLs, RFC 5280 5): one at least. Whether they are out of date, and who signed
// them, is judged where they are used.
Result<RevocationFacts> read_revocations(std::string_view pem);

// A certificate with this name is for `host`: it is the same, or *.example.com for one label more.
bool covers(std::string_view name, std::string_view host);

}  // namespace sallyport::syntax
