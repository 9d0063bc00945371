// SPDX-License-Identifier: Apache-2.0
// Certificates and keys for unit tests, made by OpenSSL as they are asked for.

#pragma once

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"

namespace sallyport::pki {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<&X509_free>>;
using Bio = std::unique_ptr<BIO, Free<&BIO_free_all>>;

// Both in PEM; the certificate without those that signed it.
struct Pair {
  std::string certificate;
  std::string key;
};

struct Wish {
  std::string names = "DNS:shop.example.com";  // as of openssl's subjectAltName; empty: none
  std::string usage = {};                      // extended key usage: "clientAuth"
  bool authority = false;
  long from = -24 * 60 * 60;         // seconds from now
  long to = 365L * 24 * 60 * 60;     //
  const char* hash = "SHA256";       // of the signature; null: as its key has it
  const Pair* signed_by = nullptr;   // null: by itself
  std::string common_name = "test";  //
};

inline Key ec_key(const char* curve = "P-256") { return Key(EVP_EC_gen(curve)); }
inline Key rsa_key(unsigned bits) { return Key(EVP_RSA_gen(static_cast<std::size_t>(bits))); }

inline std::string text_of(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

// With a password: encrypted.
inline std::string to_pem(EVP_PKEY& key, const char* password = nullptr) {
  const Bio to(BIO_new(BIO_s_mem()));
  const EVP_CIPHER* const cipher = password == nullptr ? nullptr : EVP_aes_128_cbc();
  EXPECT_EQ(PEM_write_bio_PrivateKey(to.get(), &key, cipher, nullptr, 0, nullptr, const_cast<char*>(password)), 1);
  return text_of(*to);
}

inline std::string to_pem(X509& certificate) {
  const Bio to(BIO_new(BIO_s_mem()));
  EXPECT_EQ(PEM_write_bio_X509(to.get(), &certificate), 1);
  return text_of(*to);
}

inline Key key_of(const Pair& pair) {
  const Bio from(BIO_new_mem_buf(pair.key.data(), static_cast<int>(pair.key.size())));
  return Key(PEM_read_bio_PrivateKey(from.get(), nullptr, nullptr, nullptr));
}

inline Certificate certificate_of(const Pair& pair) {
  const Bio from(BIO_new_mem_buf(pair.certificate.data(), static_cast<int>(pair.certificate.size())));
  return Certificate(PEM_read_bio_X509(from.get(), nullptr, nullptr, nullptr));
}

inline void extend(X509& certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  ASSERT_NE(made, nullptr) << value;
  X509_add_ext(&certificate, made, -1);
  X509_EXTENSION_free(made);
}

inline Pair make(const Wish& wish, Key key = ec_key()) {
  static long serial = 0;
  const Certificate made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), wish.from);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), wish.to);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1, -1, 0);
  const Certificate issuer = wish.signed_by == nullptr ? nullptr : certificate_of(*wish.signed_by);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer == nullptr ? made.get() : issuer.get()));
  extend(*made, NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!wish.names.empty()) extend(*made, NID_subject_alt_name, wish.names);
  if (!wish.usage.empty()) extend(*made, NID_ext_key_usage, wish.usage);
  const Key signer = wish.signed_by == nullptr ? nullptr : key_of(*wish.signed_by);
  const EVP_MD* const hash = wish.hash == nullptr ? nullptr : EVP_get_digestbyname(wish.hash);
  EXPECT_NE(X509_sign(made.get(), signer == nullptr ? key.get() : signer.get(), hash), 0);
  return {.certificate = to_pem(*made), .key = to_pem(*key)};
}

// A Secret as YAML; each line of a value is indented.
inline std::string secret_yaml(std::string_view name, std::string_view type,
                               std::vector<std::pair<std::string_view, std::string_view>> values,
                               std::string_view namespace_ = "shop") {
  std::string yaml = text::cat("---\napiVersion: v1\nkind: Secret\nmetadata: {name: ", name,
                               ", namespace: ", namespace_, "}\ntype: ", type, "\nstringData:\n");
  for (const auto& [key, value] : values) {
    yaml += text::cat("  ", key, ": |\n");
    for (const std::string_view line : text::split(value, '\n')) yaml += text::cat("    ", line, "\n");
  }
  return yaml;
}

inline std::string secret_yaml(std::string_view name, const Pair& pair, std::string_view namespace_ = "shop") {
  return secret_yaml(name, "kubernetes.io/tls", {{"tls.crt", pair.certificate}, {"tls.key", pair.key}}, namespace_);
}

}  // namespace sallyport::pki
