// SPDX-License-Identifier: Apache-2.0
// Any bytes as what an exec plugin wrote: a credential that can be shown, or an error that has nothing of it.

#include "sources/api_server/exec_credential.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  using fuzz::require;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto read = sources::api_server::parse_exec_credential(bytes, "client.authentication.k8s.io/v1");
  if (!read) {
    require(!read.error().detail.empty());
    return 0;
  }
  require(!read->token.empty() || !read->certificate.empty());
  require(read->certificate.empty() == read->key.empty());
  return 0;
}
