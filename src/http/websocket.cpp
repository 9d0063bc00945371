// SPDX-License-Identifier: Apache-2.0
#include "http/websocket.hpp"

#include <openssl/evp.h>
#include <sys/random.h>

#include <array>
#include <cstring>

#include "base/text.hpp"

namespace sallyport::http {
namespace {

using syntax::HeaderId;

constexpr std::size_t nonce_bytes = 16;                                   // RFC 6455 4.1
constexpr std::size_t key_size = (nonce_bytes + 2) / 3 * std::size_t{4};  // in base64

// A key in the arena; empty if it has no room. Nothing secret: it only shows that who answers has read it.
std::string_view new_key(Arena& arena) {
  std::array<unsigned char, nonce_bytes> nonce{};
  if (::getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size())) return {};
  std::array<unsigned char, key_size + 1> text;
  EVP_EncodeBlock(text.data(), nonce.data(), static_cast<int>(nonce.size()));
  const std::span<char> room = arena.text(key_size);
  if (room.empty()) return {};
  std::memcpy(room.data(), text.data(), key_size);
  return {room.data(), key_size};
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  const std::string text = text::cat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) return {};
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64;
  const int written = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return {base64.begin(), base64.begin() + written};
}

bool accepts_upgrade(const RequestHead& request, const ResponseHead& response) {
  const std::string_view key = request.fields.value(HeaderId::sec_websocket_key);
  const std::string_view accept = response.fields.value(HeaderId::sec_websocket_accept);
  return !request.upgrade.empty() && request.upgrade == response.upgrade && !accept.empty() &&
         accept == websocket_accept(key);
}

bool from_extended_connect(RequestHead& request, Arena& arena) {
  const std::string_view key = new_key(arena);
  if (key.empty()) return false;
  request.method = Method::get;
  request.method_text = "GET";
  request.upgrade = websocket;
  request.framing = {};
  request.fields.remove(HeaderId::sec_websocket_accept);
  return request.fields.set(HeaderId::sec_websocket_key, key);
}

void to_extended_connect_answer(ResponseHead& response) {
  response.status = 200;
  response.reason = "OK";
  response.upgrade = {};
  response.fields.remove(HeaderId::sec_websocket_accept);
}

bool from_extended_connect_answer(const RequestHead& request, ResponseHead& response, Arena& arena) {
  if (request.upgrade.empty() || response.status < 200 || response.status > 299) return true;
  const std::string_view accept = arena.copy(websocket_accept(request.fields.value(HeaderId::sec_websocket_key)));
  if (accept.empty()) return false;
  response.status = 101;
  response.reason = "Switching Protocols";
  response.upgrade = request.upgrade;
  response.framing = {};
  return response.fields.set(HeaderId::sec_websocket_accept, accept);
}

}  // namespace sallyport::http
