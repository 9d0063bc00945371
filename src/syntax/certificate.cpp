// SPDX-License-Identifier: Apache-2.0
#include "syntax/certificate.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "syntax/host.hpp"
#include "syntax/pem.hpp"
#include "syntax/token.hpp"

namespace sallyport::syntax {
namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};

using Bio = std::unique_ptr<BIO, Free<&BIO_free_all>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Free<&GENERAL_NAMES_free>>;
using Chain = std::vector<PemCertificate>;

constexpr int least_security_bits = 112;  // RSA of 2048 bits, SHA-224

Failure refused(std::string detail) { return fail(invalid(std::move(detail))); }

Result<Chain> read_certificates(std::string_view pem, std::size_t most) { return read_pem_certificates(pem, most); }

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (::EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, ::EVP_sha256(), nullptr) != 1) return {};
  return hex({digest.data(), size});
}

std::string fingerprint_of(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (::X509_digest(&certificate, ::EVP_sha256(), digest.data(), &size) != 1) return {};
  return hex({digest.data(), size});
}

std::string to_pem(const auto& all, auto write) {
  const Bio to(BIO_new(BIO_s_mem()));
  for (const auto& one : all) {
    if (to == nullptr || write(to.get(), one.get()) != 1) return {};
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(to.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(const Chain& chain) { return to_pem(chain, ::PEM_write_bio_X509); }

std::optional<std::int64_t> seconds_of(const ASN1_TIME* time) {
  tm broken_down{};
  if (time == nullptr || ::ASN1_TIME_to_tm(time, &broken_down) != 1) return std::nullopt;
  return std::int64_t{::timegm(&broken_down)};
}

// Only what a host could be: no NUL, no second wildcard (CVE-2015-class comparisons judge the raw length).
std::optional<std::string> dns_name(const ASN1_STRING& written) {
  std::string name(reinterpret_cast<const char*>(::ASN1_STRING_get0_data(&written)),
                   static_cast<std::size_t>(::ASN1_STRING_length(&written)));
  std::ranges::transform(name, name.begin(), [](char c) { return lower(c); });
  if (name.ends_with('.')) name.pop_back();
  if (!is_hostname(name) && !is_wildcard_hostname(name)) return std::nullopt;
  return name;
}

std::vector<std::string> names_of(const X509& leaf) {
  std::vector<std::string> names;
  const NamesPtr all(static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(&leaf, NID_subject_alt_name, nullptr, nullptr)));
  for (int at = 0; all != nullptr && at < sk_GENERAL_NAME_num(all.get()); ++at) {
    const GENERAL_NAME* const one = sk_GENERAL_NAME_value(all.get(), at);
    if (one->type != GEN_DNS) continue;
    if (auto name = dns_name(*one->d.dNSName)) names.push_back(*std::move(name));
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

bool is_known_kind(int kind) {
  constexpr std::array kinds = {EVP_PKEY_RSA, EVP_PKEY_RSA_PSS, EVP_PKEY_EC, EVP_PKEY_ED25519, EVP_PKEY_ED448};
  return std::ranges::find(kinds, kind) != kinds.end();
}

// Those by which handshakes are signed. Others OpenSSL reads, and then has no signature that fits.
bool is_known_curve(const EVP_PKEY& key) {
  constexpr std::array<std::string_view, 3> curves = {"prime256v1", "secp384r1", "secp521r1"};
  std::array<char, 64> name{};
  std::size_t size = 0;
  return ::EVP_PKEY_get_group_name(&key, name.data(), name.size(), &size) == 1 &&
         std::ranges::find(curves, std::string_view(name.data(), size)) != curves.end();
}

// A leaf, which is shown and signed with: what no handshake could be done with.
std::string uselessness_of(const X509& leaf) {
  const EVP_PKEY* const key = ::X509_get0_pubkey(&leaf);
  if (key == nullptr) return {};
  const int kind = ::EVP_PKEY_get_base_id(key);
  if (!is_known_kind(kind)) return "has a key of a kind that TLS does not use: RSA, ECDSA and EdDSA are good";
  if (kind == EVP_PKEY_EC && !is_known_curve(*key)) {
    return "has a key on a curve that TLS does not use: P-256, P-384 and P-521 are good";
  }
  return {};
}

// What OpenSSL would not use at its level 2 either, but would say only in a handshake: of the leaf and of all above it.
// What it does not know counts as weak there, too. Nobody judges a certificate by what it says of itself.
std::string weakness_of(const X509& certificate) {
  const EVP_PKEY* const key = ::X509_get0_pubkey(&certificate);
  if (key == nullptr) return "has a certificate with a public key that cannot be read";
  if (::EVP_PKEY_get_security_bits(key) < least_security_bits) {
    return text::cat("has a weak key, of ", ::EVP_PKEY_get_bits(key), " bits: RSA needs 2048, ECDSA 256");
  }
  const bool is_self_signed = (::X509_get_extension_flags(const_cast<X509*>(&certificate)) & EXFLAG_SS) != 0;
  int bits = 0;
  std::uint32_t flags = 0;
  const bool known = ::X509_get_signature_info(const_cast<X509*>(&certificate), nullptr, nullptr, &bits, &flags) == 1;
  if (!is_self_signed && !known) return "has a certificate that is signed in a way that is not known";
  if (!is_self_signed && bits < least_security_bits) {
    return "has a certificate that is signed with a broken hash, such as SHA-1: clients would refuse it";
  }
  return {};
}

std::string weakness_of(const Chain& chain) {
  if (std::string useless = uselessness_of(*chain.front()); !useless.empty()) return useless;
  for (std::size_t at = 0; at < chain.size(); ++at) {
    std::string weakness = weakness_of(*chain[at]);
    if (weakness.empty()) continue;
    if (at != 0) weakness += text::cat(" (certificate number ", at + 1, " of the chain)");
    return weakness;
  }
  return {};
}

std::string why_no_key(std::string_view pem) {
  if (pem.find("ENCRYPTED") != pem.npos) return "is encrypted: a key without a password is needed";
  if (pem.find("PRIVATE KEY-----") == pem.npos) return "has no private key in PEM (-----BEGIN PRIVATE KEY-----)";
  return "has a private key that cannot be read";
}

bool fits(const X509& certificate, const EVP_PKEY& key) {
  const EVP_PKEY* const own = ::X509_get0_pubkey(&certificate);
  const bool same = own != nullptr && ::EVP_PKEY_eq(own, &key) == 1;
  ::ERR_clear_error();
  return same;
}

Result<CertificateFacts> facts_of(const Chain& chain) {
  X509& leaf = *chain.front();
  if (std::string weakness = weakness_of(chain); !weakness.empty()) return refused(std::move(weakness));
  const auto not_before = seconds_of(::X509_get0_notBefore(&leaf));
  const auto not_after = seconds_of(::X509_get0_notAfter(&leaf));
  if (!not_before || !not_after) return refused("has a certificate whose time of validity cannot be read");
  CertificateFacts facts{.pem = to_pem(chain),
                         .names = names_of(leaf),
                         .not_before = *not_before,
                         .not_after = *not_after,
                         .fingerprint = fingerprint_of(leaf),
                         .is_for_servers = ::X509_check_purpose(&leaf, X509_PURPOSE_SSL_SERVER, 0) == 1};
  ::ERR_clear_error();
  if (facts.names.size() > max_certificate_names) {
    return refused(text::cat("has a certificate with more than ", max_certificate_names, " names"));
  }
  return facts;
}

std::string problem_of_key(const Chain& chain, std::string_view pem) {
  thread_local KeyReader reader;  // a start reads thousands
  const PemKey key = reader.read(pem);
  if (key == nullptr) return why_no_key(pem);
  const auto found = std::ranges::find_if(chain, [&](const PemCertificate& one) { return fits(*one, *key); });
  if (found == chain.begin()) return {};
  if (found == chain.end()) return "does not fit the certificate";
  return text::cat("fits certificate number ", found - chain.begin() + 1,
                   " of the chain: the one that it fits has to be the first");
}

}  // namespace

Result<CertificateFacts> read_chain(std::string_view pem) {
  const Result<Chain> chain = read_certificates(pem, max_chain);
  if (!chain) return Failure(chain.error());
  return facts_of(*chain);
}

PairFacts read_pair(std::string_view chain, std::string_view key) {
  const Result<Chain> certificates = read_certificates(chain, max_chain);
  if (!certificates) return {.chain = {}, .chain_problem = certificates.error().detail, .key_problem = {}};
  Result<CertificateFacts> facts = facts_of(*certificates);
  if (!facts) return {.chain = {}, .chain_problem = std::move(facts.error().detail), .key_problem = {}};
  return {.chain = *std::move(facts), .chain_problem = {}, .key_problem = problem_of_key(*certificates, key)};
}

namespace {

BundleFacts facts_of_bundle(const Chain& all) {
  BundleFacts facts{.pem = to_pem(all), .fingerprint = {}, .certificates = all.size()};
  facts.fingerprint = sha256(facts.pem);
  return facts;
}

}  // namespace

Result<BundleFacts> read_bundle(std::string_view pem) {
  const Result<Chain> all = read_certificates(pem, max_bundle);
  if (!all) return Failure(all.error());
  for (std::size_t at = 0; at < all->size(); ++at) {
    if (::X509_check_ca((*all)[at].get()) == 0) {
      return refused(text::cat("has a certificate that is no authority's: number ", at + 1));
    }
  }
  ::ERR_clear_error();
  return facts_of_bundle(*all);
}

Result<BundleFacts> read_anchors(std::string_view pem) {
  const Result<Chain> all = read_certificates(pem, max_bundle);
  if (!all) return Failure(all.error());
  return facts_of_bundle(*all);
}

Result<RevocationFacts> read_revocations(std::string_view pem) {
  const Result<std::vector<PemRevocations>> all = read_pem_revocations(pem, max_revocation_lists);
  if (!all) return Failure(all.error());
  RevocationFacts facts{.pem = to_pem(*all, ::PEM_write_bio_X509_CRL), .fingerprint = {}};
  facts.fingerprint = sha256(facts.pem);
  return facts;
}

bool covers(std::string_view name, std::string_view host) {
  if (!name.starts_with("*.")) return name == host;
  const std::size_t dot = host.find('.');
  return dot != host.npos && dot != 0 && host.substr(dot) == name.substr(1);
}

}  // namespace sallyport::syntax
