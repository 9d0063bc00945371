// SPDX-License-Identifier: Apache-2.0
#include "net/tls/client_hello.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "syntax/host.hpp"

namespace sallyport::net::tls {
namespace {

constexpr std::size_t record_head = 5;
constexpr std::size_t message_head = 4;
constexpr std::size_t longest_record = 16 * 1024;
constexpr std::uint8_t handshake_record = 22;
constexpr std::uint8_t client_hello_message = 1;

constexpr std::uint16_t extension_server_name = 0;

// The bytes of a message, taken from its beginning. What is not there makes it bad, for good.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  std::size_t number(std::size_t size) {
    std::size_t value = 0;
    for (const char byte : take(size)) value = value << 8 | static_cast<std::uint8_t>(byte);
    return value;
  }
  std::string_view take(std::size_t size) {
    if (size > bytes_.size()) {
      bad_ = true;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  // A vector whose length is written in so many bytes before it.
  std::string_view vector(std::size_t length_size) { return take(number(length_size)); }

  bool bad() const { return bad_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool bad_ = false;
};

struct Fault {
  const char* what = nullptr;
};

// RFC 6066 3: one name, of the one kind that there is.
Fault read_server_name(std::string_view body, ClientHello& hello) {
  Bytes bytes(body);
  Bytes list(bytes.vector(2));
  const std::size_t kind = list.number(1);
  const std::string_view name = list.vector(2);
  if (bytes.bad() || list.bad() || !bytes.at_end() || !list.at_end() || kind != 0) return {"server_name is malformed"};
  // No address in brackets, no port: canonical_authority() knows them, and a server name has none.
  std::array<char, syntax::authority_room> room{};
  const Result<syntax::Authority> canonical = syntax::canonical_authority(name, room);
  if (!canonical || name.find_first_of(":[") != name.npos) return {"server_name is no host name"};
  hello.server_name = canonical->host;
  return {};
}

Fault read_extensions(std::string_view body, ClientHello& hello) {
  Bytes bytes(body);
  bool named = false;
  while (!bytes.at_end()) {
    const std::size_t kind = bytes.number(2);
    const std::string_view content = bytes.vector(2);
    if (bytes.bad()) return {"an extension is cut off"};
    if (kind != extension_server_name) continue;
    if (std::exchange(named, true)) return {"an extension is there twice"};
    const Fault fault = read_server_name(content, hello);
    if (fault.what != nullptr) return fault;
  }
  return {};
}

// The body of the message, behind its head.
Fault read_message(std::string_view body, ClientHello& hello) {
  Bytes bytes(body);
  bytes.take(2 + 32);  // version, random
  const std::string_view session = bytes.vector(1);
  const std::string_view ciphers = bytes.vector(2);
  const std::string_view compressions = bytes.vector(1);
  if (bytes.bad() || session.size() > 32 || ciphers.empty() || ciphers.size() % 2 != 0 || compressions.empty()) {
    return {"the ClientHello is cut off"};
  }
  if (bytes.at_end()) return {};  // TLS 1.2 without any
  const std::string_view extensions = bytes.vector(2);
  if (bytes.bad() || !bytes.at_end()) return {"the extensions are not as long as they say"};
  return read_extensions(extensions, hello);
}

HelloReading bad(const char* fault) { return {.state = HelloReading::State::bad, .fault = fault}; }
HelloReading partial(std::size_t wanted) {
  if (wanted > longest_hello_on_wire) return bad("the ClientHello is too long");
  return {.state = HelloReading::State::partial, .wanted = wanted};
}

// The message in front, once it is there whole: a view of `bytes` when one record has it all, or else of `joined`.
struct Message {
  std::optional<HelloReading> instead;
  std::string_view body = {};
};

Message find_message(std::string_view bytes, std::string& joined) {
  std::string_view message;
  std::size_t at = 0;
  for (bool first = true;; first = false) {
    const std::string_view rest = bytes.substr(at);
    if (!rest.empty() && static_cast<std::uint8_t>(rest[0]) != handshake_record) {
      if (first) return {HelloReading{.state = HelloReading::State::not_tls}};
      return {bad("another kind of record comes inside the ClientHello")};
    }
    if (rest.size() >= 2 && rest[1] != 3) return {HelloReading{.state = HelloReading::State::not_tls}};
    if (rest.size() < record_head) return {partial(at + record_head)};
    Bytes head(rest.substr(3, 2));
    const std::size_t size = head.number(2);
    if (size == 0 || size > longest_record) return {bad("a record is empty or too long")};
    // What kind of message it is, is seen at once.
    if (first && rest.size() > record_head && rest[record_head] != client_hello_message) {
      return {bad("the first message is no ClientHello")};
    }
    if (rest.size() < record_head + size) {
      return {partial(at + record_head + size)};
    }
    const std::string_view content = rest.substr(record_head, size);
    at += record_head + size;
    if (at > longest_hello_on_wire) return {bad("the ClientHello is too long")};
    if (first) {
      message = content;
    } else {
      if (joined.empty()) joined = message;
      joined += content;
      message = joined;
    }
    if (message.size() < message_head) continue;
    Bytes length(message.substr(1, 3));
    const std::size_t whole = message_head + length.number(3);
    if (whole > longest_hello) return {bad("the ClientHello is too long")};
    if (message.size() > whole) return {bad("something follows the ClientHello in its record")};
    if (message.size() == whole) return {std::nullopt, message.substr(message_head)};
    if (at == bytes.size()) return {partial(at + record_head + whole - message.size())};
  }
}

}  // namespace

HelloReading read_client_hello(std::string_view bytes) {
  std::string joined;
  const Message message = find_message(bytes, joined);
  if (message.instead) return *message.instead;
  HelloReading reading{.state = HelloReading::State::whole};
  const Fault fault = read_message(message.body, reading.hello);
  return fault.what == nullptr ? reading : bad(fault.what);
}

}  // namespace sallyport::net::tls
