// SPDX-License-Identifier: Apache-2.0
// One reader for many keys: each is read as if it were the first, and OpenSSL looks its decoders up once.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>

#include "support/pki.hpp"
#include "syntax/pem.hpp"

namespace {

int look_ups = 0;

}  // namespace

// Stands before OpenSSL's own.
extern "C" OSSL_DECODER_CTX* OSSL_DECODER_CTX_new_for_pkey(EVP_PKEY** key, const char* input_type,
                                                           const char* input_struct, const char* key_type,
                                                           int selection, OSSL_LIB_CTX* library,
                                                           const char* properties) {
  static const auto next =
      reinterpret_cast<decltype(&OSSL_DECODER_CTX_new_for_pkey)>(::dlsym(RTLD_NEXT, "OSSL_DECODER_CTX_new_for_pkey"));
  ++look_ups;
  return next(key, input_type, input_struct, key_type, selection, library, properties);
}

namespace sallyport::syntax {
namespace {

using support::self_signed;

int kind_of(const PemKey& key) { return key == nullptr ? 0 : EVP_PKEY_get_base_id(key.get()); }

bool is_same(const PemKey& one, const PemKey& other) { return EVP_PKEY_eq(one.get(), other.get()) == 1; }

TEST(KeyReader, LooksDecodersUpOnceForAllKinds) {
  KeyReader reader;
  const std::string p256 = self_signed({}).key;
  const PemKey first = reader.read(p256);
  ASSERT_EQ(kind_of(first), EVP_PKEY_EC);
  const std::string p384 = self_signed({.key = "P-384"}).key;
  const std::string ed25519 = self_signed({.key = "ED25519"}).key;
  const std::string rsa = self_signed({.key = "RSA-2048"}).key;
  const int before = look_ups;
  EXPECT_EQ(kind_of(reader.read(p384)), EVP_PKEY_EC);
  EXPECT_EQ(kind_of(reader.read(ed25519)), EVP_PKEY_ED25519);
  EXPECT_EQ(kind_of(reader.read(rsa)), EVP_PKEY_RSA);
  EXPECT_TRUE(is_same(reader.read(p256), first));
  EXPECT_EQ(look_ups, before);
}

TEST(KeyReader, OneThatCannotBeReadSpoilsNoneAfterIt) {
  KeyReader reader;
  const auto good = self_signed({});
  std::string cut = good.key;
  cut.erase(cut.size() / 2, 1);
  for (const std::string& bad : {std::string(), cut, good.certificate, support::encrypted_key(good, "password")}) {
    EXPECT_EQ(reader.read(bad), nullptr) << bad;
    EXPECT_EQ(kind_of(reader.read(good.key)), EVP_PKEY_EC) << "after " << bad;
  }
}

TEST(KeyReader, TheFirstKeyCountsWhateverStandsBeforeIt) {
  KeyReader reader;
  const auto good = self_signed({});
  const auto other = self_signed({.key = "RSA-2048"});
  constexpr const char* parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
  const PemKey alone = reader.read(good.key);
  const int before = look_ups;
  EXPECT_TRUE(is_same(reader.read("a text\n" + good.key + other.key), alone));
  EXPECT_TRUE(is_same(reader.read(parameters + good.key), alone)) << "as openssl ecparam -genkey writes it";
  EXPECT_TRUE(is_same(reader.read(good.certificate + good.key), alone));
  EXPECT_EQ(look_ups, before);
}

TEST(KeyReader, APublicKeyIsNoneHoweverItIsCalled) {
  KeyReader reader;
  const auto pair = self_signed({.key = "RSA-2048"});
  BIO* const out = BIO_new(BIO_s_mem());
  const PemKey key = reader.read(pair.key);
  ASSERT_EQ(PEM_write_bio_PUBKEY(out, key.get()), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(out);
  EXPECT_EQ(reader.read(text), nullptr);
  for (std::size_t at = text.find("PUBLIC"); at != text.npos; at = text.find("PUBLIC", at)) {
    text.replace(at, 6, "PRIVATE");
  }
  EXPECT_EQ(reader.read(text), nullptr);
}

}  // namespace
}  // namespace sallyport::syntax
