// SPDX-License-Identifier: Apache-2.0
// What parses as an address, an address and port, or a CIDR block is written so that it parses to the same value.

#include "syntax/address.hpp"

#include <cstdint>
#include <span>
#include <string_view>

#include "require.hpp"

namespace {

using sallyport::fuzz::require;

template <class T>
void check(std::string_view text) {
  const auto value = T::parse(text);
  if (!value) {
    require(value.error().code == sallyport::Code::invalid && !value.error().detail.empty());
    return;
  }
  const auto again = T::parse(value->text());
  require(again && *again == *value && again->text() == value->text());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::syntax;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check<IpAddress>(text);
  check<SocketAddress>(text);
  check<Cidr>(text);

  // Any sixteen bytes are an address, and a member of the block of its own length.
  if (size >= 16) {
    const auto address = IpAddress::from_v6(std::span<const std::uint8_t, 16>(data, 16));
    require(IpAddress::parse(address.text()) == address);
    const auto block = Cidr::parse(address.text() + (address.is_v4() ? "/32" : "/128"));
    require(block && block->contains(address));
  }
  return 0;
}
