// SPDX-License-Identifier: Apache-2.0
#include "support/pki.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <utility>

namespace sallyport::support {
namespace {

std::string text_of(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

std::string pem_of(X509* certificate) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, certificate);
  return text_of(bio);
}

std::string pem_of(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio);
}

EVP_PKEY* new_key(const Wanted& wanted) {
  constexpr std::string_view rsa = "RSA-";
  if (wanted.key.starts_with("ED")) return EVP_PKEY_Q_keygen(nullptr, nullptr, wanted.key.c_str());
  if (!wanted.key.starts_with(rsa)) return EVP_EC_gen(wanted.key.c_str());
  return EVP_RSA_gen(static_cast<unsigned>(std::stoul(wanted.key.substr(rsa.size()))));
}

EVP_PKEY* key_in(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return key;
}

std::string key_usage_of(const Wanted& wanted) {
  if (!wanted.key_usage.empty()) return wanted.key_usage;
  return wanted.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
}

// EdDSA has its own.
const EVP_MD* hash_of(const EVP_PKEY* signer, const Wanted& wanted) {
  const int kind = EVP_PKEY_get_base_id(signer);
  if (kind == EVP_PKEY_ED25519 || kind == EVP_PKEY_ED448) return nullptr;
  return wanted.sha1 ? EVP_sha1() : EVP_sha256();
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void name_it(X509* certificate, const Wanted& wanted) {
  GENERAL_NAMES* names = nullptr;
  if (!wanted.names.empty()) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, wanted.names.c_str());
    ASSERT_NE(extension, nullptr) << wanted.names;
    names = static_cast<GENERAL_NAMES*>(X509V3_EXT_d2i(extension));
    X509_EXTENSION_free(extension);
  }
  if (!wanted.raw_name.empty()) {
    if (names == nullptr) names = GENERAL_NAMES_new();
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, wanted.raw_name.data(), static_cast<int>(wanted.raw_name.size()));
    GENERAL_NAME* name = GENERAL_NAME_new();
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(names, name);
  }
  if (names == nullptr) return;
  X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT);
  GENERAL_NAMES_free(names);
}

// `issuer` is null for one that signs itself.
X509* make(const Wanted& wanted, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  static long serial = 1000;
  constexpr long day = 24 * 60 * 60;
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wanted.from_days * day);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wanted.to_days * day);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.common_name.c_str()), -1, -1, 0);
  X509* above = issuer == nullptr ? certificate : issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(above));
  const std::string length = wanted.path_length < 0 ? "" : ",pathlen:" + std::to_string(wanted.path_length);
  extend(certificate, above, NID_basic_constraints, wanted.authority ? "critical,CA:TRUE" + length : "CA:FALSE");
  extend(certificate, above, NID_key_usage, key_usage_of(wanted));
  extend(certificate, above, NID_ext_key_usage, wanted.usage);
  extend(certificate, above, NID_name_constraints, wanted.constraints);
  extend(certificate, above, NID_subject_key_identifier, "hash");
  name_it(certificate, wanted);
  EVP_PKEY* signer = issuer_key == nullptr ? key : issuer_key;
  EXPECT_NE(X509_sign(certificate, signer, hash_of(signer, wanted)), 0);
  return certificate;
}

Wanted authority(const std::string& common_name) {
  return {.common_name = common_name, .names = "", .usage = "", .from_days = -100, .to_days = 300, .authority = true};
}

// One bit of the signature, which is at the end.
std::string damaged(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  der[size - 1] ^= 1;
  const unsigned char* from = der;
  X509* other = d2i_X509(nullptr, &from, size);
  OPENSSL_free(der);
  std::string pem = pem_of(other);
  X509_free(other);
  return pem;
}

Issued issued(const Wanted& wanted, X509* above, EVP_PKEY* above_key) {
  EVP_PKEY* key = new_key(wanted);
  X509* certificate = make(wanted, key, above, above_key);
  Issued all{.certificate = wanted.damaged ? damaged(certificate) : pem_of(certificate), .key = pem_of(key)};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return all;
}

}  // namespace

Issued self_signed(const Wanted& wanted) { return issued(wanted, nullptr, nullptr); }

std::string encrypted_key(const Issued& issued, const char* password) {
  EVP_PKEY* key = key_in(issued.key);
  BIO* bio = BIO_new(BIO_s_mem());
  EXPECT_EQ(PEM_write_bio_PrivateKey(bio, key, EVP_aes_128_cbc(), nullptr, 0, nullptr, const_cast<char*>(password)), 1);
  EVP_PKEY_free(key);
  return text_of(bio);
}

Authority::Authority(const std::string& common_name) : Authority(authority(common_name)) {}

Authority::Authority(const Wanted& wanted) : key_(new_key(wanted)) {
  certificate_ = make(wanted, key_, nullptr, nullptr);
  pem_ = pem_of(certificate_);
}

Authority::Authority(const Authority& above, Wanted wanted) : key_(new_key(wanted)) {
  certificate_ = make(wanted, key_, above.certificate_, above.key_);
  pem_ = pem_of(certificate_);
}

Authority::Authority(Authority&& other) noexcept
    : certificate_(std::exchange(other.certificate_, nullptr)),
      key_(std::exchange(other.key_, nullptr)),
      pem_(std::move(other.pem_)) {}

Authority::~Authority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

Issued Authority::issue(const Wanted& wanted) const { return issued(wanted, certificate_, key_); }

std::string Authority::revocations(const std::vector<std::string>& certificates, int to_days) const {
  constexpr long day = 24 * 60 * 60;
  X509_CRL* list = X509_CRL_new();
  X509_CRL_set_version(list, X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list, X509_get_subject_name(certificate_));
  ASN1_TIME* time = X509_gmtime_adj(nullptr, -day);
  X509_CRL_set1_lastUpdate(list, time);
  for (const std::string& pem : certificates) {
    BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    X509* revoked = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked));
    X509_REVOKED_set_revocationDate(entry, time);
    X509_CRL_add0_revoked(list, entry);
    X509_free(revoked);
  }
  X509_gmtime_adj(time, to_days * day);
  X509_CRL_set1_nextUpdate(list, time);
  ASN1_TIME_free(time);
  X509_CRL_sort(list);
  X509_CRL_sign(list, key_, EVP_sha256());
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509_CRL(bio, list);
  X509_CRL_free(list);
  return text_of(bio);
}

}  // namespace sallyport::support
