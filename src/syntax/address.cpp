// SPDX-License-Identifier: Apache-2.0

#include "syntax/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/number.hpp"
#include "base/text.hpp"

namespace sallyport::syntax {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(std::span<const std::uint8_t, 16> bytes) {
  return std::ranges::equal(bytes.first<mapped_prefix.size()>(), mapped_prefix);
}

// inet_pton wants a terminated text, and would stop at a NUL inside.
bool pton(int family, std::string_view text, void* bytes) {
  if (text.empty() || text.size() >= IpAddress::text_size || text.find('\0') != text.npos) return false;
  std::array<char, IpAddress::text_size> copy{};
  std::ranges::copy(text, copy.begin());
  return inet_pton(family, copy.data(), bytes) == 1;
}

char* write_number(char* at, char* end, unsigned number, int base) { return std::to_chars(at, end, number, base).ptr; }

char* write_v4(char* at, char* end, std::span<const std::uint8_t, 4> bytes) {
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    if (index != 0) *at++ = '.';
    at = write_number(at, end, bytes[index], 10);
  }
  return at;
}

struct Run {
  std::size_t start = 0;
  std::size_t size = 0;
};

// RFC 5952 4.2: the longest run of zero groups, the first of equals, never a single group.
Run longest_zero_run(const std::array<unsigned, 8>& groups) {
  Run best;
  Run now;
  for (std::size_t index = 0; index < groups.size(); ++index) {
    now = groups[index] != 0 ? Run{index + 1, 0} : Run{now.start, now.size + 1};
    if (now.size > best.size) best = now;
  }
  return best.size >= 2 ? best : Run{groups.size(), 0};
}

// Whether all bits behind the first `length` are zero.
bool is_zero_behind(std::span<const std::uint8_t> bytes, unsigned length) {
  for (std::size_t index = length / 8; index < bytes.size(); ++index) {
    const unsigned mask = index == length / 8 ? 0xffu >> (length % 8) : 0xffu;
    if ((bytes[index] & mask) != 0) return false;
  }
  return true;
}

}  // namespace

std::size_t write_ipv6(std::span<const std::uint8_t, 16> bytes, std::span<char, IpAddress::text_size> room) {
  char* const begin = room.data();
  char* const end = begin + room.size();
  char* at = begin;
  if (is_mapped(bytes)) {
    at = std::ranges::copy(std::string_view("::ffff:"), at).out;
    return static_cast<std::size_t>(write_v4(at, end, bytes.last<4>()) - begin);
  }
  std::array<unsigned, 8> groups{};
  for (std::size_t index = 0; index < groups.size(); ++index) {
    groups[index] = static_cast<unsigned>(bytes[2 * index] << 8 | bytes[2 * index + 1]);
  }
  const Run zeros = longest_zero_run(groups);
  for (std::size_t index = 0; index < groups.size(); ++index) {
    if (index == zeros.start) {
      *at++ = ':';
      index += zeros.size - 1;
      if (index == groups.size() - 1) *at++ = ':';
      continue;
    }
    if (index != 0) *at++ = ':';
    at = write_number(at, end, groups[index], 16);
  }
  return static_cast<std::size_t>(at - begin);
}

Result<std::array<std::uint8_t, 16>> parse_ipv6(std::string_view text) {
  std::array<std::uint8_t, 16> bytes{};
  if (!pton(AF_INET6, text, bytes.data())) return fail(invalid("not an IPv6 address"));
  return bytes;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find(':') != text.npos) {
    const auto bytes = parse_ipv6(text);
    if (!bytes) return fail(bytes.error());
    return from_v6(*bytes);
  }
  std::array<std::uint8_t, 4> bytes{};
  if (!pton(AF_INET, text, bytes.data())) return fail(invalid("not an IP address"));
  return from_v4(bytes);
}

IpAddress IpAddress::from_v4(std::span<const std::uint8_t, 4> bytes) {
  IpAddress address;
  const auto rest = std::ranges::copy(mapped_prefix, address.bytes_.begin()).out;
  std::ranges::copy(bytes, rest);
  return address;
}

IpAddress IpAddress::from_v6(std::span<const std::uint8_t, 16> bytes) {
  IpAddress address;
  std::ranges::copy(bytes, address.bytes_.begin());
  return address;
}

bool IpAddress::is_v4() const { return is_mapped(bytes_); }

std::span<const std::uint8_t> IpAddress::bytes() const {
  const std::span<const std::uint8_t> all(bytes_);
  return is_v4() ? all.last(4) : all;
}

std::size_t IpAddress::write(std::span<char, text_size> room) const {
  if (!is_v4()) return write_ipv6(bytes_, room);
  const std::span<const std::uint8_t, 16> all(bytes_);
  return static_cast<std::size_t>(write_v4(room.data(), room.data() + room.size(), all.last<4>()) - room.data());
}

std::string IpAddress::text() const {
  std::array<char, text_size> room{};
  return {room.data(), write(room)};
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes().front() == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; }) &&
         bytes_.back() == 1;
}

bool IpAddress::is_link_local() const {
  const auto all = bytes();
  return is_v4() ? all[0] == 169 && all[1] == 254 : all[0] == 0xfe && (all[1] & 0xc0) == 0x80;
}

bool IpAddress::is_multicast() const { return is_v4() ? (bytes().front() & 0xf0) == 0xe0 : bytes().front() == 0xff; }

bool IpAddress::is_unspecified() const {
  return std::ranges::all_of(bytes(), [](std::uint8_t byte) { return byte == 0; });
}

Result<SocketAddress> SocketAddress::parse(std::string_view text) {
  const auto refused = [](std::string_view why) {
    return fail(invalid(text::cat("not ADDRESS:PORT or [IPV6]:PORT: ", why)));
  };
  const auto colon = text.rfind(':');
  if (colon == text.npos) return refused("no port");
  const std::string_view digits = text.substr(colon + 1);
  const auto port = parse_decimal<std::uint16_t>(digits);
  if (!port || digits.size() > 5) return refused("the port is not 0 to 65535");

  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != host.npos)) return refused("only IPv6 addresses stand in brackets, and must");
  const auto ip = IpAddress::parse(host);
  if (!ip) return refused(ip.error().detail);
  return SocketAddress{.ip = *ip, .port = *port};
}

std::size_t SocketAddress::write(std::span<char, text_size> room) const {
  const bool bracketed = !ip.is_v4();
  char* at = room.data();
  if (bracketed) *at++ = '[';
  at += ip.write(std::span<char, IpAddress::text_size>(at, IpAddress::text_size));
  if (bracketed) *at++ = ']';
  *at++ = ':';
  at = std::to_chars(at, room.data() + room.size(), port).ptr;
  return static_cast<std::size_t>(at - room.data());
}

std::string SocketAddress::text() const {
  std::array<char, text_size> room;
  return std::string(room.data(), write(room));
}

Result<Cidr> Cidr::parse(std::string_view text) {
  const auto refused = [](std::string_view why) { return fail(invalid(text::cat("not a CIDR block: ", why))); };
  const auto slash = text.find('/');
  if (slash == text.npos) return refused("no prefix length, as in 10.0.0.0/8");
  const std::string_view address = text.substr(0, slash);
  const std::string_view digits = text.substr(slash + 1);
  const auto first = IpAddress::parse(address);
  if (!first) return refused(first.error().detail);
  const bool written_as_v6 = address.find(':') != address.npos;
  auto length = parse_decimal<unsigned>(digits);
  if (!length || digits.size() > 3 || *length > (written_as_v6 ? 128u : 32u)) {
    return refused("the prefix length is not 0 to 32, or to 128 for IPv6");
  }
  // ::ffff:10.0.0.0/104 is 10.0.0.0/8. With fewer than 96 bits, bits of ffff stand behind the prefix.
  constexpr unsigned mapped_bits = 8 * mapped_prefix.size();
  const bool mapped = written_as_v6 && first->is_v4();
  const bool too_short = mapped && *length < mapped_bits;
  if (mapped && !too_short) *length -= mapped_bits;
  if (too_short || !is_zero_behind(first->bytes(), *length)) return refused("an address bit is set behind the prefix");
  return Cidr(*first, *length);
}

bool Cidr::contains(const IpAddress& address) const {
  const auto mine = first_.bytes();
  const auto theirs = address.bytes();
  if (mine.size() != theirs.size()) return false;
  const std::size_t whole = length_ / 8;
  if (!std::ranges::equal(mine.first(whole), theirs.first(whole))) return false;
  if (length_ % 8 == 0) return true;
  return (mine[whole] ^ theirs[whole]) >> (8 - length_ % 8) == 0;
}

std::string Cidr::text() const { return text::cat(first_.text(), "/", length_); }

}  // namespace sallyport::syntax
