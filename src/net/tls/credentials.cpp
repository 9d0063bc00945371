// SPDX-License-Identifier: Apache-2.0
#include "net/tls/credentials.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "base/text.hpp"

namespace sallyport::net::tls {
namespace {

Owned<BIO> reader_of(std::string_view text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Nobody is there to type a passphrase: OpenSSL would ask the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

bool at_end_of_pem() {
  const unsigned long error = ERR_peek_last_error();
  const bool none = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (none) ERR_clear_error();
  return none;
}

}  // namespace

Result<Owned<stack_st_X509>> read_certificates(const Library& library, std::string_view pem) {
  constexpr std::size_t longest = 4 * 1024 * 1024;
  if (pem.size() > longest) return fail(invalid("the certificates are longer than 4 MiB"));
  const Owned<BIO> reader = reader_of(pem);
  Owned<stack_st_X509> all(sk_X509_new_null());
  for (;;) {
    X509* certificate = X509_new_ex(library.context(), nullptr);
    if (PEM_read_bio_X509(reader.get(), &certificate, no_passphrase, nullptr) == nullptr) {
      X509_free(certificate);
      break;
    }
    sk_X509_push(all.get(), certificate);
  }
  if (!at_end_of_pem()) return fail(invalid(text::cat("a certificate cannot be read: ", take_openssl_error())));
  if (sk_X509_num(all.get()) == 0) return fail(invalid("there is no certificate in it"));
  return all;
}

Result<Owned<stack_st_X509_CRL>> read_revocation_lists(const Library& library, std::string_view pem) {
  constexpr std::size_t longest = 64 * 1024 * 1024;
  if (pem.size() > longest) return fail(invalid("the revocation lists are longer than 64 MiB"));
  const Owned<BIO> reader = reader_of(pem);
  Owned<stack_st_X509_CRL> all(sk_X509_CRL_new_null());
  for (;;) {
    X509_CRL* list = X509_CRL_new_ex(library.context(), nullptr);
    if (PEM_read_bio_X509_CRL(reader.get(), &list, no_passphrase, nullptr) == nullptr) {
      X509_CRL_free(list);
      break;
    }
    sk_X509_CRL_push(all.get(), list);
  }
  if (!at_end_of_pem()) return fail(invalid(text::cat("a revocation list cannot be read: ", take_openssl_error())));
  if (sk_X509_CRL_num(all.get()) == 0) return fail(invalid("there is no revocation list in it"));
  return all;
}

Result<std::shared_ptr<const Credentials>> Credentials::make(const Library& library, std::string_view chain,
                                                             std::string_view key) {
  auto certificates = read_certificates(library, chain);
  if (!certificates) return Failure(certificates.error());
  std::shared_ptr<Credentials> made(new Credentials);
  made->above_ = std::move(*certificates);
  made->certificate_.reset(sk_X509_shift(made->above_.get()));

  const Owned<BIO> reader = reader_of(key);
  made->key_.reset(
      PEM_read_bio_PrivateKey_ex(reader.get(), nullptr, no_passphrase, nullptr, library.context(), nullptr));
  if (!made->key_) {
    ERR_clear_error();  // which may tell of the key
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
