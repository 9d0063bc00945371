// SPDX-License-Identifier: Apache-2.0
#include "proxy/sources.hpp"

#include <sys/random.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace sallyport::proxy {
namespace {

// The finaliser of SplitMix64: each bit of the input changes half of those of the output.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
  x = (x ^ x >> 27) * 0x94d049bb133111ebU;
  return x ^ x >> 31;
}

}  // namespace

std::uint64_t source_of(const syntax::IpAddress& address) {
  std::uint64_t source = 0;
  const auto bytes = address.bytes();
  for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i) source = source << 8 | bytes[i];
  // No /64 of global unicast begins with 31 zero bits and a one.
  return address.is_v4() ? source | std::uint64_t{1} << 32 : source;
}

Sources::Sources(std::size_t cap, std::vector<syntax::Cidr> exempt)
    : cap_(std::min<std::size_t>(cap, std::numeric_limits<std::uint32_t>::max())),
      exempt_(std::move(exempt)),
      counts_(rows * cells_a_row) {
  if (::getrandom(secret_.data(), sizeof secret_, 0) != sizeof secret_) secret_ = {0x5a11, 0x9047};
}

bool Sources::is_exempt(const syntax::IpAddress& address) const {
  return std::ranges::any_of(exempt_, [&](const syntax::Cidr& block) { return block.contains(address); });
}

Sources::Cells Sources::cells_of(const syntax::IpAddress& address) const {
  const std::uint64_t hash = mix(mix(source_of(address) ^ secret_[0]) ^ secret_[1]);
  Cells cells;
  for (std::size_t row = 0; row < rows; ++row) cells[row] = row * cells_a_row + (hash >> (row * 16)) % cells_a_row;
  return cells;
}

bool Sources::enter(const syntax::IpAddress& address) {
  if (is_exempt(address)) return true;
  const Cells cells = cells_of(address);
  std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
  for (const std::size_t cell : cells) least = std::min(least, counts_[cell].fetch_add(1, std::memory_order_relaxed));
  if (least < cap_) return true;
  for (const std::size_t cell : cells) counts_[cell].fetch_sub(1, std::memory_order_relaxed);
  return false;
}

void Sources::leave(const syntax::IpAddress& address) {
  if (is_exempt(address)) return;
  for (const std::size_t cell : cells_of(address)) counts_[cell].fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace sallyport::proxy
