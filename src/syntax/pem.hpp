// SPDX-License-Identifier: Apache-2.0
// Texts in PEM, read by OpenSSL: certificates, revocation lists and private keys. Pure, but for OpenSSL's own state.
//
// Of one kind all are read, what is of another is passed over. Nothing is asked for on a terminal: an encrypted key is
// one that cannot be read. What is read is of `library`, which has to outlive it; null: of OpenSSL's own. An error's
// detail ends a sentence that begins with the name of the text, and OpenSSL's queue of errors is empty after each call.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct X509_crl_st;
struct evp_pkey_st;
struct ossl_decoder_ctx_st;
struct ossl_lib_ctx_st;
struct x509_st;

namespace sallyport::syntax {

struct FreeOfPem {
  void operator()(x509_st* certificate) const;
  void operator()(X509_crl_st* list) const;
  void operator()(evp_pkey_st* key) const;
};
using PemCertificate = std::unique_ptr<x509_st, FreeOfPem>;
using PemRevocations = std::unique_ptr<X509_crl_st, FreeOfPem>;
using PemKey = std::unique_ptr<evp_pkey_st, FreeOfPem>;

// One at least, and no more than `most`.
Result<std::vector<PemCertificate>> read_pem_certificates(std::string_view pem, std::size_t most,
                                                          ossl_lib_ctx_st* library = nullptr);
Result<std::vector<PemRevocations>> read_pem_revocations(std::string_view pem, std::size_t most,
                                                         ossl_lib_ctx_st* library = nullptr);

// Reads private keys, one after the other. What OpenSSL 3.0 looks up for each of them costs eight times as much as to
// read it, so that is kept here; nothing of a key is. For one thread.
class KeyReader {
 public:
  explicit KeyReader(ossl_lib_ctx_st* library = nullptr) : library_(library) {}
  KeyReader(const KeyReader&) = delete;
  KeyReader& operator=(const KeyReader&) = delete;

  // The first one. Null: there is none that can be read.
  PemKey read(std::string_view pem);

 private:
  struct FreeDecoder {
    void operator()(ossl_decoder_ctx_st* decoder) const;
  };

  PemKey decode(std::string_view pem);

  ossl_lib_ctx_st* library_;
  evp_pkey_st* decoded_ = nullptr;                             // where the decoder puts a key
  std::unique_ptr<ossl_decoder_ctx_st, FreeDecoder> decoder_;  // made for the first key
};

}  // namespace sallyport::syntax
