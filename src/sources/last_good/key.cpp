// SPDX-License-Identifier: Apache-2.0
#include "sources/last_good/key.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "sources/secret_file.hpp"

namespace sallyport::sources::last_good {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t id_bytes = 4;

unsigned char* bytes_of(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { ::EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// 32 bytes for this purpose; those for another tell nothing of them.
bool derive(std::string_view from, std::string_view purpose, char* into) {
  unsigned size = 0;
  return ::HMAC(::EVP_sha256(), from.data(), static_cast<int>(from.size()), bytes_of(purpose), purpose.size(),
                bytes_of(into), &size) != nullptr &&
         size == key_bytes;
}

// Whether all of the text went through; `out` has room for it.
bool add(EVP_CIPHER_CTX* context, int (*update)(EVP_CIPHER_CTX*, unsigned char*, int*, const unsigned char*, int),
         std::string_view text, char* out) {
  constexpr std::size_t longest = 1U << 30U;  // OpenSSL counts in ints
  while (!text.empty()) {
    const std::string_view part = text.substr(0, longest);
    int size = 0;
    if (update(context, out == nullptr ? nullptr : bytes_of(out), &size, bytes_of(part),
               static_cast<int>(part.size())) != 1) {
      return false;
    }
    if (out != nullptr) out += size;
    text.remove_prefix(part.size());
  }
  return true;
}

}  // namespace

Result<Key> Key::read(const std::string& path) {
  const Result<SecretBytes> text = read_secret_file(path, most_bytes);
  if (!text) return Failure(text.error());
  Result<Key> key = made_of(text->reveal());
  if (!key) key.error().detail = text::cat(path, ": ", key.error().detail);
  return key;
}

Result<Key> Key::made_of(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  text = text.substr(0, last == text.npos ? 0 : last + 1);
  if (text.size() < least_bytes) {
    return fail(invalid(text::cat("has ", text.size(), " bytes; at least ", least_bytes,
                                  " are wanted, as `openssl rand -base64 32` makes them")));
  }
  SecretBytes bytes(key_bytes);
  std::array<char, key_bytes> id{};
  if (!derive(text, "sallyport last good: key", bytes.writable()) ||
      !derive(text, "sallyport last good: id", id.data())) {
    return fail(invalid("OpenSSL made no key of it"));
  }
  return Key(std::move(bytes), hex(std::string_view(id.data(), id_bytes)));
}

Sealed Key::seal(const std::vector<SecretBytes>& pieces, std::string_view beside) const {
  std::size_t size = 0;
  for (const SecretBytes& piece : pieces) size += piece.size();
  Sealed sealed{.nonce = std::string(nonce_bytes, '\0'), .text = std::string(size + tag_bytes, '\0')};
  const Context context(::EVP_CIPHER_CTX_new());
  bool good = context != nullptr && ::RAND_bytes(bytes_of(sealed.nonce.data()), nonce_bytes) == 1 &&
              ::EVP_EncryptInit_ex(context.get(), ::EVP_aes_256_gcm(), nullptr, bytes_of(bytes_.reveal()),
                                   bytes_of(sealed.nonce)) == 1 &&
              add(context.get(), ::EVP_EncryptUpdate, beside, nullptr);
  char* at = sealed.text.data();
  for (const SecretBytes& piece : pieces) {
    good = good && add(context.get(), ::EVP_EncryptUpdate, piece.reveal(), at);
    at += piece.size();
  }
  int none = 0;
  good = good && ::EVP_EncryptFinal_ex(context.get(), bytes_of(at), &none) == 1 &&
         ::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, at) == 1;
  if (!good) sealed.text.clear();
  return sealed;
}

Result<SecretBytes> Key::open(const Sealed& sealed, std::string_view beside) const {
  const auto refused = [] { return fail(invalid("what is sealed in it was changed, or is not of this file")); };
  if (sealed.nonce.size() != nonce_bytes || sealed.text.size() < tag_bytes) return refused();
  const std::string_view text = std::string_view(sealed.text).substr(0, sealed.text.size() - tag_bytes);
  std::string tag = sealed.text.substr(text.size());
  SecretBytes opened(text.size());
  const Context context(::EVP_CIPHER_CTX_new());
  const bool read = context != nullptr &&
                    ::EVP_DecryptInit_ex(context.get(), ::EVP_aes_256_gcm(), nullptr, bytes_of(bytes_.reveal()),
                                         bytes_of(sealed.nonce)) == 1 &&
                    add(context.get(), ::EVP_DecryptUpdate, beside, nullptr) &&
                    add(context.get(), ::EVP_DecryptUpdate, text, opened.writable());
  std::array<unsigned char, tag_bytes> rest{};
  int none = 0;
  if (!read || ::EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) != 1 ||
      ::EVP_DecryptFinal_ex(context.get(), rest.data(), &none) != 1) {
    return refused();
  }
  return opened;
}

std::string sha256(std::string_view text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  ::EVP_Digest(text.data(), text.size(), bytes_of(digest.data()), &size, ::EVP_sha256(), nullptr);
  digest.resize(size);
  return digest;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {digits[byte >> 4U], digits[byte & 15U]};
  }
  return text;
}

}  // namespace sallyport::sources::last_good
