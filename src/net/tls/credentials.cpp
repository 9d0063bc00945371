// SPDX-License-Identifier: Apache-2.0
#include "net/tls/credentials.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "syntax/certificate.hpp"
#include "syntax/pem.hpp"

namespace sallyport::net::tls {

Result<Owned<stack_st_X509>> read_certificates(const Library& library, std::string_view pem) {
  auto read = syntax::read_pem_certificates(pem, syntax::max_bundle, library.context());
  if (!read) return Failure(read.error());
  Owned<stack_st_X509> all(sk_X509_new_null());
  for (syntax::PemCertificate& one : *read) sk_X509_push(all.get(), one.release());
  return all;
}

Result<Owned<stack_st_X509_CRL>> read_revocation_lists(const Library& library, std::string_view pem) {
  auto read = syntax::read_pem_revocations(pem, syntax::max_revocation_lists, library.context());
  if (!read) return Failure(read.error());
  Owned<stack_st_X509_CRL> all(sk_X509_CRL_new_null());
  for (syntax::PemRevocations& one : *read) sk_X509_CRL_push(all.get(), one.release());
  return all;
}

Result<std::shared_ptr<const Credentials>> Credentials::make(Library& library, std::string_view chain,
                                                             std::string_view key) {
  auto certificates = read_certificates(library, chain);
  if (!certificates) return Failure(certificates.error());
  std::shared_ptr<Credentials> made(new Credentials);
  made->above_ = std::move(*certificates);
  made->certificate_.reset(sk_X509_shift(made->above_.get()));

  made->key_.reset(library.keys().read(key).release());
  if (!made->key_) {
    return fail(invalid("the private key cannot be read: it is no key in PEM, or it has a passphrase"));
  }
  if (X509_check_private_key(made->certificate_.get(), made->key_.get()) != 1) {
    ERR_clear_error();
    return fail(invalid("the private key is not that of the certificate"));
  }
  return made;
}

bool Credentials::put_into(ssl_st* ssl) const {
  const bool done = SSL_use_cert_and_key(ssl, certificate_.get(), key_.get(), above_.get(), 1) == 1;
  if (!done) ERR_clear_error();
  return done;
}

bool Credentials::put_into(ssl_ctx_st* context) const {
  const bool done = SSL_CTX_use_cert_and_key(context, certificate_.get(), key_.get(), above_.get(), 1) == 1;
  if (!done) ERR_clear_error();
  return done;
}

}  // namespace sallyport::net::tls
