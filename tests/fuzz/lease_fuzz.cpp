// SPDX-License-Identifier: Apache-2.0
// What an API server says of a Lease: what was read of it is read again from what would be written.

#include <cstdint>
#include <string_view>

#include "require.hpp"
#include "sources/api_server/lease_record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::sources::api_server;
  using sallyport::fuzz::require;
  const auto read = parse_lease(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!read) {
    require(!read.error().detail.empty());
    return 0;
  }
  require(!read->resource_version.empty());
  const auto again = parse_lease(lease_patch_text(*read));
  require(again && *again == *read);
  return 0;
}
