// SPDX-License-Identifier: Apache-2.0
#include "net/tls/peer_certificate.hpp"

#include <openssl/bn.h>
#include <openssl/x509v3.h>

#include <array>

#include "base/hex.hpp"

namespace sallyport::net::tls {
namespace {

std::string name_text(const X509_NAME* name) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string serial_text(const ASN1_INTEGER* serial) {
  BIGNUM* number = ASN1_INTEGER_to_BN(serial, nullptr);
  char* digits = BN_bn2hex(number);
  std::string text = digits;
  OPENSSL_free(digits);
  BN_free(number);
  return text;
}

std::string fingerprint_text(const X509* certificate) {
  std::array<unsigned char, 32> digest{};
  X509_digest(certificate, EVP_sha256(), digest.data(), nullptr);
  return hex(digest);
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> texts;
  auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(names, i);
    if (one->type != GEN_DNS && one->type != GEN_URI && one->type != GEN_EMAIL) continue;
    const ASN1_IA5STRING* text = one->d.ia5;
    texts.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                       static_cast<std::size_t>(ASN1_STRING_length(text)));
  }
  GENERAL_NAMES_free(names);
  return texts;
}

}  // namespace

std::unique_ptr<const ClientCertificate> describe(const x509_st* certificate) {
  if (certificate == nullptr) return nullptr;
  auto made = std::make_unique<ClientCertificate>();
  made->subject = name_text(X509_get_subject_name(certificate));
  made->issuer = name_text(X509_get_issuer_name(certificate));
  made->serial = serial_text(X509_get0_serialNumber(certificate));
  made->fingerprint = fingerprint_text(certificate);
  made->names = names_of(certificate);
  return made;
}

}  // namespace sallyport::net::tls
