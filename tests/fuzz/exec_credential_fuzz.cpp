// SPDX-License-Identifier: Apache-2.0
// Any bytes as what an exec plugin wrote: a credential that can be shown, or an error that has nothing of it.

#include "sources/api_server/exec_credential.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/planted_secret.hpp"
#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  using fuzz::require;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto parse = [](std::string_view output) {
    return sources::api_server::parse_exec_credential(output, "client.authentication.k8s.io/v1");
  };
  constexpr std::array<std::string_view, 2> secrets = {"token", "clientKeyData"};
  fuzz::with_planted_secrets(bytes, secrets, [&](std::string_view output) {
    const auto planted = parse(output);
    require(planted || !fuzz::tells_planted(planted.error().detail));
  });
  const auto read = parse(bytes);
  if (!read) {
    require(!read.error().detail.empty());
    return 0;
  }
  require(!read->token.empty() || !read->certificate.empty());
  require(read->certificate.empty() == read->key.empty());
  return 0;
}
