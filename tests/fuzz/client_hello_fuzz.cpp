// SPDX-License-Identifier: Apache-2.0
// A ClientHello: judged only when it is whole, the same however it is cut into records, and never read otherwise than
// OpenSSL reads it, which goes on with the very same bytes.

#include "net/tls/client_hello.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "require.hpp"

namespace {

using namespace sallyport::net::tls;
using sallyport::fuzz::require;
using State = HelloReading::State;

struct Seen {
  bool heard = false;
  std::optional<std::string> name;  // as it is written
};

std::optional<std::string> extension(SSL* ssl, unsigned kind) {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, kind, &bytes, &size) != 1) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

int hear(SSL* ssl, int* /*alert*/, void* context) {
  auto* seen = static_cast<Seen*>(context);
  seen->heard = true;
  const std::optional<std::string> names = extension(ssl, TLSEXT_TYPE_server_name);
  if (names && names->size() >= 5) seen->name = names->substr(5);
  return SSL_CLIENT_HELLO_ERROR;  // no more of the handshake is wanted
}

Seen openssl_sees(std::string_view bytes) {
  static SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  Seen seen;
  SSL_CTX_set_client_hello_cb(context, hear, &seen);
  SSL* ssl = SSL_new(context);
  BIO* in = BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()));
  BIO_set_mem_eof_return(in, -1);
  SSL_set_bio(ssl, in, BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl);
  SSL_do_handshake(ssl);
  SSL_free(ssl);
  ERR_clear_error();
  return seen;
}

// The same message in records of so many bytes.
std::string cut(std::string_view bytes, std::size_t size) {
  std::string message;
  std::size_t whole = 4;
  for (std::size_t at = 0; message.size() < whole;) {
    const std::size_t length = static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[at + 3])) << 8 |
                               static_cast<std::uint8_t>(bytes[at + 4]);
    message += bytes.substr(at + 5, length);
    at += 5 + length;
    if (message.size() >= 4)
      whole = 4 + (static_cast<std::size_t>(static_cast<std::uint8_t>(message[2])) << 8 |
                   static_cast<std::uint8_t>(message[3]));
  }
  std::string records;
  for (std::size_t at = 0; at < message.size(); at += size) {
    const std::size_t part = std::min(size, message.size() - at);
    records += {'\x16', '\x03', '\x01', static_cast<char>(part >> 8), static_cast<char>(part & 0xff)};
    records += message.substr(at, part);
  }
  return records;
}

bool same(const ClientHello& one, const ClientHello& other) { return one.server_name == other.server_name; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const HelloReading reading = read_client_hello(bytes);
  if (reading.state == State::partial) require(reading.wanted > size && reading.wanted <= longest_hello_on_wire);
  if (reading.state == State::bad) require(*reading.fault != '\0');
  if (reading.state != State::whole) return 0;

  require(reading.hello.server_name.size() <= 255 && !reading.hello.server_name.ends_with('.'));
  std::size_t end = size;
  while (read_client_hello(bytes.substr(0, end - 1)).state == State::whole) --end;
  require(read_client_hello(bytes.substr(0, end - 1)).state == State::partial);
  require(read_client_hello(bytes.substr(0, end / 2)).state == State::partial);
  for (const std::size_t part : {7U, 300U}) {
    const HelloReading again = read_client_hello(cut(bytes, part));
    require(again.state == State::bad || same(again.hello, reading.hello));  // too many records
  }

  const Seen seen = openssl_sees(bytes);
  if (!seen.heard) return 0;  // it refuses more
  std::string name = seen.name.value_or("");
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (name.ends_with('.')) name.pop_back();
  require(name == reading.hello.server_name);
  return 0;
}
