// SPDX-License-Identifier: Apache-2.0
#include "net/proxy_protocol.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "base/number.hpp"

namespace sallyport::net {
namespace {

using Speaks = ProxyHeader::Speaks;
using Parsed = Result<std::optional<ProxyHeader>>;

constexpr std::string_view signature_v1 = "PROXY ";
constexpr std::size_t longest_v1 = 107;
constexpr std::string_view signature_v2("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t fixed_v2 = 16;  // signature, version and command, family and transport, length
constexpr std::size_t addresses_v4 = 12;
constexpr std::size_t addresses_v6 = 36;
constexpr std::size_t addresses_unix = 216;

enum Tlv : std::uint8_t { tlv_authority = 0x02, tlv_crc32c = 0x03, tlv_ssl = 0x20 };

Failure refused(const char* detail) { return fail(Code::bad_request, "PROXY", detail); }

std::uint8_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }
std::uint16_t word_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>(byte_at(bytes, at) << 8U | byte_at(bytes, at + 1));
}

// CRC-32C (RFC 3720 B.4), a bit at a time: headers are short, and few have one.
std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) {
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
  }
  return crc;
}

// Takes what comes before the next space off the line.
std::string_view next_word(std::string_view& line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line = space == line.npos ? std::string_view() : line.substr(space + 1);
  return word;
}

std::optional<syntax::IpAddress> address_of(std::string_view text, bool is_v6) {
  if ((text.find(':') != text.npos) != is_v6) return std::nullopt;
  const auto address = syntax::IpAddress::parse(text);
  return address ? std::optional(*address) : std::nullopt;
}

// As it is written: without leading zeros.
std::optional<std::uint16_t> port_of(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return parse_decimal<std::uint16_t>(text);
}

// "PROXY TCP4 192.0.2.1 203.0.113.1 56324 443\r\n", and "PROXY UNKNOWN" with anything behind it.
Parsed parse_v1(std::string_view bytes) {
  const std::string_view window = bytes.substr(0, longest_v1);
  const std::size_t end = window.find('\n');
  if (end == window.npos && window.size() == longest_v1) return refused("the first line is too long");
  if (end == window.npos) return std::nullopt;
  if (window[end - 1] != '\r') return refused("the first line does not end with CR LF");
  ProxyHeader header{.size = end + 1};
  std::string_view line = window.substr(0, end - 1);
  if (line.find('\r') != line.npos) return refused("a CR in the first line");
  line.remove_prefix(signature_v1.size());
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) {
    header.speaks = Speaks::for_unnamed;
    return header;
  }
  const std::string_view family = next_word(line);
  if (family != "TCP4" && family != "TCP6") return refused("neither TCP4, TCP6 nor UNKNOWN");
  const bool is_v6 = family == "TCP6";
  const auto client = address_of(next_word(line), is_v6);
  const auto local = address_of(next_word(line), is_v6);
  const auto client_port = port_of(next_word(line));
  const auto local_port = port_of(line);  // all that is left
  if (!client || !local || !client_port || !local_port) return refused("not two addresses and two ports");
  header.speaks = Speaks::for_client;
  header.client = {*client, *client_port};
  header.local = {*local, *local_port};
  return header;
}

template <std::size_t Size>
syntax::IpAddress ip_at(std::string_view bytes, std::size_t at) {
  std::array<std::uint8_t, Size> copy;
  std::memcpy(copy.data(), bytes.data() + at, Size);
  if constexpr (Size == 4) {
    return syntax::IpAddress::from_v4(copy);
  } else {
    return syntax::IpAddress::from_v6(copy);
  }
}

template <std::size_t Size>
void read_addresses(std::string_view block, ProxyHeader& header) {
  header.speaks = Speaks::for_client;
  header.client = {ip_at<Size>(block, 0), word_at(block, 2 * Size)};
  header.local = {ip_at<Size>(block, Size), word_at(block, 2 * Size + 2)};
}

// The checksum is of the whole header, with zeros where it stands.
bool crc_fits(std::string_view whole, std::string_view stored) {
  const auto at = static_cast<std::size_t>(stored.data() - whole.data());
  std::uint32_t crc = crc32c(~0U, whole.substr(0, at));
  crc = crc32c(crc, std::string_view("\0\0\0\0", 4));
  crc = ~crc32c(crc, whole.substr(at + 4));
  return crc == (std::uint32_t{word_at(stored, 0)} << 16U | word_at(stored, 2));
}

// What follows the addresses: each has a type, a length and as many bytes.
Result<void> read_tlvs(std::string_view whole, std::string_view rest, ProxyHeader& header) {
  bool has_crc = false;
  while (!rest.empty()) {
    if (rest.size() < 3 || rest.size() - 3 < word_at(rest, 1)) return refused("a TLV is cut off");
    const std::uint8_t type = byte_at(rest, 0);
    const std::string_view value = rest.substr(3, word_at(rest, 1));
    rest.remove_prefix(3 + value.size());
    if (type == tlv_ssl) {
      if (value.size() < 5) return refused("a TLV about TLS is too short");
      header.is_secure = (byte_at(value, 0) & 1U) != 0;
    } else if (type == tlv_crc32c) {
      if (value.size() != 4 || std::exchange(has_crc, true) || !crc_fits(whole, value)) {
        return refused("the checksum does not fit");
      }
    }
  }
  return {};
}

Parsed parse_v2(std::string_view bytes) {
  if (bytes.size() > signature_v2.size() && byte_at(bytes, 12) >> 4U != 2) return refused("not version 2");
  if (bytes.size() < fixed_v2) return std::nullopt;
  const unsigned command = byte_at(bytes, 12) & 0xfU;
  const unsigned family = byte_at(bytes, 13) >> 4U;
  const unsigned transport = byte_at(bytes, 13) & 0xfU;
  ProxyHeader header{.size = fixed_v2 + word_at(bytes, 14)};
  if (command > 1) return refused("neither LOCAL nor PROXY");
  if (header.size > longest_proxy_header) return refused("too long");
  if (bytes.size() < header.size) return std::nullopt;
  if (command == 0) return header;  // the family and all that follows are to be ignored (2.2)
  const bool is_valid = family <= 3 && transport <= 2 && (family == 0) == (transport == 0);
  if (!is_valid) return refused("no such family and transport");
  const std::string_view whole = bytes.substr(0, header.size);
  const std::string_view block = whole.substr(fixed_v2);
  header.speaks = Speaks::for_unnamed;
  if (family == 0) return header;
  const std::size_t addresses = family == 1 ? addresses_v4 : family == 2 ? addresses_v6 : addresses_unix;
  if (block.size() < addresses) return refused("too short for its addresses");
  if (transport == 1 && family == 1) read_addresses<4>(block, header);
  if (transport == 1 && family == 2) read_addresses<16>(block, header);
  if (const auto read = read_tlvs(whole, block.substr(addresses), header); !read) return Failure(read.error());
  return header;
}

class Writer {
 public:
  explicit Writer(ProxyHeaderRoom& room) : room_(room) {}

  void text(std::string_view bytes) {
    std::memcpy(room_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void byte(unsigned number) { room_[size_++] = static_cast<char>(number); }
  void word(std::size_t number) {
    byte(static_cast<unsigned>(number >> 8U));
    byte(static_cast<unsigned>(number & 0xffU));
  }
  void decimal(std::uint16_t number) {
    size_ = static_cast<std::size_t>(std::to_chars(room_.data() + size_, room_.data() + room_.size(), number).ptr -
                                     room_.data());
  }
  std::string_view written() const { return {room_.data(), size_}; }

 private:
  ProxyHeaderRoom& room_;
  std::size_t size_ = 0;
};

// An IPv4 address beside an IPv6 one is written as the IPv4-mapped one.
std::array<std::uint8_t, 16> wide(const syntax::IpAddress& address) {
  std::array<std::uint8_t, 16> bytes{};
  const auto own = address.bytes();
  if (own.size() == 4) bytes[10] = bytes[11] = 0xff;
  std::ranges::copy(own, bytes.end() - static_cast<std::ptrdiff_t>(own.size()));
  return bytes;
}

bool are_v4(const ProxyTeller& teller) { return teller.client.ip.is_v4() && teller.local.ip.is_v4(); }

template <class Bytes>
std::string_view view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Parsed parse_proxy_header(std::string_view bytes) {
  const auto begins = [&](std::string_view signature) {
    return bytes.starts_with(signature.substr(0, std::min(signature.size(), bytes.size())));
  };
  if (begins(signature_v1)) return bytes.size() < signature_v1.size() ? Parsed(std::nullopt) : parse_v1(bytes);
  if (begins(signature_v2)) return bytes.size() < signature_v2.size() ? Parsed(std::nullopt) : parse_v2(bytes);
  return refused("the connection does not begin with a header of the PROXY protocol");
}

std::string_view write_proxy_v1(ProxyHeaderRoom& room, const ProxyTeller& teller) {
  Writer out(room);
  if (teller.speaks != Speaks::for_client) {
    out.text("PROXY UNKNOWN\r\n");
    return out.written();
  }
  const bool v4 = are_v4(teller);
  out.text(v4 ? "PROXY TCP4 " : "PROXY TCP6 ");
  for (const syntax::SocketAddress* const one : {&teller.client, &teller.local}) {
    std::array<char, syntax::IpAddress::text_size> text;
    out.text({text.data(), v4 ? one->ip.write(text) : syntax::write_ipv6(wide(one->ip), text)});
    out.byte(' ');
  }
  out.decimal(teller.client.port);
  out.byte(' ');
  out.decimal(teller.local.port);
  out.text("\r\n");
  return out.written();
}

std::string_view write_proxy_v2(ProxyHeaderRoom& room, const ProxyTeller& teller) {
  Writer out(room);
  const bool v4 = are_v4(teller);
  const bool names = teller.speaks == Speaks::for_client;
  const std::size_t addresses = !names ? 0 : v4 ? addresses_v4 : addresses_v6;
  // Behind no addresses no reader looks for it.
  const bool has_authority = names && !teller.authority.empty() && teller.authority.size() <= 255;
  out.text(signature_v2);
  out.byte(teller.speaks == Speaks::for_itself ? 0x20 : 0x21);
  out.byte(!names ? 0 : v4 ? 0x11 : 0x21);
  out.word(addresses + (has_authority ? 3 + teller.authority.size() : 0));
  if (!names) return out.written();
  for (const syntax::SocketAddress* const one : {&teller.client, &teller.local}) {
    if (v4) {
      out.text(view(one->ip.bytes()));
    } else {
      out.text(view(wide(one->ip)));
    }
  }
  out.word(teller.client.port);
  out.word(teller.local.port);
  if (has_authority) {
    out.byte(tlv_authority);
    out.word(teller.authority.size());
    out.text(teller.authority);
  }
  return out.written();
}

}  // namespace sallyport::net
