// SPDX-License-Identifier: Apache-2.0
// What is read of a chain is read again from what was written of it, and says the same; nothing but certificates is in
// it, and no error quotes what was read.

#include "syntax/certificate.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "require.hpp"

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::syntax;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto chain = read_chain(text)) {
    require(has_only_certificates(chain->pem));
    require(std::ranges::is_sorted(chain->names) && chain->fingerprint.size() == 64);
    require(read_chain(chain->pem) == *chain);
    if (const auto fits = check_key(chain->pem, text); !fits) check_error(fits.error());
  } else {
    check_error(chain.error());
  }
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
