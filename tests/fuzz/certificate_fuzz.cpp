// SPDX-License-Identifier: Apache-2.0
// What is read of a chain is read again from what was written of it, and says the same; nothing but certificates is in
// it, and no error quotes what was read. A key is read as if nothing had been read before it.

#include "syntax/certificate.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "require.hpp"
#include "syntax/pem.hpp"

using sallyport::fuzz::require;

namespace {

bool has_only_certificates(std::string_view pem) {
  constexpr std::string_view begin = "-----BEGIN ";
  std::size_t blocks = 0;
  for (std::size_t at = pem.find(begin); at != pem.npos; at = pem.find(begin, at + 1)) {
    require(pem.substr(at).starts_with("-----BEGIN CERTIFICATE-----\n"));
    ++blocks;
  }
  return blocks != 0;
}

void check_error(const sallyport::Error& error) {
  require(error.code == sallyport::Code::invalid && !error.detail.empty() && error.detail.size() < 200);
}

void check_key(std::string_view text) {
  using namespace sallyport::syntax;
  static KeyReader of_all;
  const PemKey key = of_all.read(text);
  const PemKey same = KeyReader().read(text);
  require((key == nullptr) == (same == nullptr));
  if (key == nullptr) return;
  require(EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_get_base_id(same.get()));
  require(EVP_PKEY_eq(key.get(), same.get()) == EVP_PKEY_eq(key.get(), key.get()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::syntax;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto chain = read_chain(text)) {
    require(has_only_certificates(chain->pem));
    require(std::ranges::is_sorted(chain->names) && chain->fingerprint.size() == 64);
    require(read_chain(chain->pem) == *chain);
    const PairFacts pair = read_pair(text, text);
    require(pair.chain == *chain && pair.chain_problem.empty() && pair.key_problem.size() < 200);
  } else {
    check_error(chain.error());
  }
  check_key(text);
  if (const auto bundle = read_bundle(text)) {
    require(has_only_certificates(bundle->pem) && bundle->certificates != 0);
    require(read_bundle(bundle->pem) == *bundle);
  } else {
    check_error(bundle.error());
  }
  if (const auto lists = read_revocations(text)) {
    require(!lists->pem.empty() && lists->fingerprint.size() == 64);
    require(read_revocations(lists->pem) == *lists);
  } else {
    check_error(lists.error());
  }
  return 0;
}
