// SPDX-License-Identifier: Apache-2.0
#include "http/websocket.hpp"

#include <openssl/evp.h>

#include <array>

#include "base/text.hpp"

namespace sallyport::http {

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
  const std::string_view key = request.fields.value(syntax::HeaderId::sec_websocket_key);
  const std::string_view accept = response.fields.value(syntax::HeaderId::sec_websocket_accept);
  return !request.upgrade.empty() && request.upgrade == response.upgrade && !accept.empty() &&
         accept == websocket_accept(key);
}

}  // namespace sallyport::http
