// SPDX-License-Identifier: Apache-2.0
#include "net/tls/openssl.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace sallyport::net::tls {

void Release::operator()(bio_st* bio) const { BIO_free(bio); }
void Release::operator()(evp_cipher_st* cipher) const { EVP_CIPHER_free(cipher); }
void Release::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void Release::operator()(ossl_lib_ctx_st* library) const { OSSL_LIB_CTX_free(library); }
void Release::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void Release::operator()(ssl_st* ssl) const { SSL_free(ssl); }
void Release::operator()(stack_st_X509* certificates) const { sk_X509_pop_free(certificates, X509_free); }
void Release::operator()(stack_st_X509_CRL* lists) const { sk_X509_CRL_pop_free(lists, X509_CRL_free); }
void Release::operator()(x509_st* certificate) const { X509_free(certificate); }
void Release::operator()(x509_store_st* store) const { X509_STORE_free(store); }

std::string take_openssl_error() {
  const unsigned long last = ERR_peek_last_error();
  const char* reason = last == 0 ? nullptr : ERR_reason_error_string(last);
  std::string text = reason == nullptr ? "unknown error" : reason;
  ERR_clear_error();
  return text;
}

}  // namespace sallyport::net::tls
