// SPDX-License-Identifier: Apache-2.0
#include "net/tls/library.hpp"

#include <openssl/ssl.h>

#include "net/tls/stream.hpp"

namespace sallyport::net::tls {
namespace {

// Nobody's openssl.cnf weakens what is offered (T-1), and what is ours to free is not freed at the exit of the process
// while a thread still uses it.
ossl_lib_ctx_st* new_context() {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
  return OSSL_LIB_CTX_new();
}

}  // namespace

Passing::Passing() : bytes_(std::make_unique_for_overwrite<char[]>(2 * size + most_plain / 4)) {}

void Passing::let(Stream* stream) {
  if (stream_ != nullptr && stream_ != stream) stream_->keep_input();
  stream_ = stream;
}

Library::Library(const TicketKeys& keys) : context_(new_context()), keys_(context_.get()), ticket_keys_(keys) {
  ticket_cipher_.reset(EVP_CIPHER_fetch(context_.get(), "AES-256-CBC", nullptr));
  bio_ = Stream::make_bio(*this);
}

Library::~Library() = default;

x509_store_st* Library::system_roots() {
  if (!system_roots_) {
    system_roots_.reset(X509_STORE_new());
    X509_STORE_set_default_paths_ex(system_roots_.get(), context_.get(), nullptr);
  }
  return system_roots_.get();
}

}  // namespace sallyport::net::tls
