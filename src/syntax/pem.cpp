// SPDX-License-Identifier: Apache-2.0
#include "syntax/pem.hpp"

#include <openssl/bio.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "base/text.hpp"

namespace sallyport::syntax {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) { return -1; }

// Over the text itself, which has to outlive it.
Bio reader_of(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(std::min<std::size_t>(text.size(), INT_MAX))));
}

// From the block of the first private key on: `openssl ecparam -genkey` writes another one before it. Empty: there is
// none.
std::string_view from_first_key(std::string_view pem) {
  constexpr std::string_view begin = "-----BEGIN ";
  constexpr std::string_view label = "PRIVATE KEY-----";
  for (std::size_t at = pem.find(begin); at != pem.npos; at = pem.find(begin, at + begin.size())) {
    const bool begins_line = at == 0 || pem[at - 1] == '\n';
    const std::string_view line = pem.substr(at, pem.find('\n', at) - at);
    if (begins_line && line.contains(label)) return pem.substr(at);
  }
  return {};
}

bool is_at_end_of_pem() {
  const unsigned long error = ::ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

// `read` fills what `make` made, which is lost when it fails.
template <class Pointer>
Result<std::vector<Pointer>> read_all(std::string_view pem, std::size_t most, auto make, auto read,
                                      std::string_view one_of_them, std::string_view label) {
  std::vector<Pointer> all;
  const Bio from = reader_of(pem);
  for (;;) {
    ::ERR_clear_error();
    auto* made = make();
    const bool is_read = from != nullptr && read(from.get(), &made, no_password, nullptr) != nullptr;
    Pointer one(made);
    const bool ends = !is_read && is_at_end_of_pem();
    ::ERR_clear_error();
    if (ends && !all.empty()) return all;
    if (ends) return fail(invalid(text::cat("has no ", one_of_them, " in PEM (-----BEGIN ", label, "-----)")));
    if (!is_read) {
      return fail(invalid(text::cat("has a ", one_of_them, " that cannot be read: number ", all.size() + 1)));
    }
    if (all.size() == most) return fail(invalid(text::cat("has more than ", most, " ", one_of_them, "s")));
    all.push_back(std::move(one));
  }
}

}  // namespace

void FreeOfPem::operator()(x509_st* certificate) const { X509_free(certificate); }
void FreeOfPem::operator()(X509_crl_st* list) const { X509_CRL_free(list); }
void FreeOfPem::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<std::vector<PemCertificate>> read_pem_certificates(std::string_view pem, std::size_t most,
                                                          ossl_lib_ctx_st* library) {
  const auto make = [library] { return ::X509_new_ex(library, nullptr); };
  return read_all<PemCertificate>(pem, most, make, ::PEM_read_bio_X509, "certificate", "CERTIFICATE");
}

Result<std::vector<PemRevocations>> read_pem_revocations(std::string_view pem, std::size_t most,
                                                         ossl_lib_ctx_st* library) {
  const auto make = [library] { return ::X509_CRL_new_ex(library, nullptr); };
  return read_all<PemRevocations>(pem, most, make, ::PEM_read_bio_X509_CRL, "revocation list", "X509 CRL");
}

void KeyReader::FreeDecoder::operator()(ossl_decoder_ctx_st* decoder) const { OSSL_DECODER_CTX_free(decoder); }

// What cannot be read so, OpenSSL is asked for anew, which knows older forms as well; and a decoder that met something
// that it could not read may refuse what comes after it.
PemKey KeyReader::read(std::string_view pem) {
  ::ERR_clear_error();
  PemKey key = decode(pem);
  if (key == nullptr) {
    decoder_.reset();
    const Bio from = reader_of(pem);
    if (from != nullptr) {
      key.reset(::PEM_read_bio_PrivateKey_ex(from.get(), nullptr, no_password, nullptr, library_, nullptr));
    }
  }
  ::ERR_clear_error();
  return key;
}

PemKey KeyReader::decode(std::string_view pem) {
  const std::string_view from = from_first_key(pem);
  if (from.empty()) return nullptr;
  if (decoder_ == nullptr) {
    decoder_.reset(
        ::OSSL_DECODER_CTX_new_for_pkey(&decoded_, "PEM", nullptr, nullptr, EVP_PKEY_KEYPAIR, library_, nullptr));
    if (decoder_ == nullptr) return nullptr;
    ::OSSL_DECODER_CTX_set_pem_password_cb(decoder_.get(), no_password, nullptr);
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(from.data());
  std::size_t size = from.size();
  const bool is_read = ::OSSL_DECODER_from_data(decoder_.get(), &bytes, &size) == 1;
  PemKey key(std::exchange(decoded_, nullptr));
  return is_read ? std::move(key) : nullptr;
}

}  // namespace sallyport::syntax
