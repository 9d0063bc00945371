// SPDX-License-Identifier: Apache-2.0
// Owners of OpenSSL's objects, without its headers: only the files that call it include those.

#pragma once

#include <memory>
#include <string>

struct bio_st;
struct evp_cipher_st;
struct evp_pkey_st;
struct ossl_lib_ctx_st;
struct ssl_ctx_st;
struct ssl_st;
struct stack_st_X509;
struct stack_st_X509_CRL;
struct x509_st;
struct x509_store_st;

namespace sallyport::net::tls {

struct Release {
  void operator()(bio_st* bio) const;
  void operator()(evp_cipher_st* cipher) const;
  void operator()(evp_pkey_st* key) const;
  void operator()(ossl_lib_ctx_st* library) const;
  void operator()(ssl_ctx_st* context) const;
  void operator()(ssl_st* ssl) const;
  void operator()(stack_st_X509* certificates) const;  // and the certificates
  void operator()(stack_st_X509_CRL* lists) const;     // and the lists
  void operator()(x509_st* certificate) const;
  void operator()(x509_store_st* store) const;
};

template <class T>
using Owned = std::unique_ptr<T, Release>;

// What OpenSSL says went wrong, of all that it tells the last, without its numbers and files. Its queue is empty then.
std::string take_openssl_error();

}  // namespace sallyport::net::tls
