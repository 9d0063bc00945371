// SPDX-License-Identifier: Apache-2.0
// How many connections one source has, so that no single one takes all there are: an IPv4 address, or the /64 of an
// IPv6 address. Of the whole process; touched when a connection begins and when it ends.
//
// The table has a fixed size however many sources there are: each counts in one cell of every row, chosen by a secret
// hash, and has as many connections as its least cell says (a count-min sketch). That is never too few. It is too many
// only when in every row somebody else counts in the same cell, which nobody can bring about without the secret.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "syntax/address.hpp"

namespace sallyport::proxy {

// The address, or as much of it as one customer has: a /64 is what a provider gives to each (RFC 6177).
std::uint64_t source_of(const syntax::IpAddress& address);

class Sources {
 public:
  // Those in `exempt` are not counted: proxies that bring the connections of many.
  Sources(std::size_t cap, std::vector<syntax::Cidr> exempt);
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  // One more; false, and it is not counted: it has as many as it may.
  [[nodiscard]] bool enter(const syntax::IpAddress& address);
  // One that entered has ended.
  void leave(const syntax::IpAddress& address);

 private:
  static constexpr std::size_t rows = 4;
  static constexpr std::size_t cells_a_row = 16 * 1024;
  using Cells = std::array<std::size_t, rows>;  // one of each row

  bool is_exempt(const syntax::IpAddress& address) const;
  Cells cells_of(const syntax::IpAddress& address) const;

  std::size_t cap_;
  std::vector<syntax::Cidr> exempt_;
  std::array<std::uint64_t, 2> secret_;
  std::vector<std::atomic<std::uint32_t>> counts_;
};

}  // namespace sallyport::proxy
