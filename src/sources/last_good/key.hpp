// SPDX-License-Identifier: Apache-2.0
// Seals what must not be read on a disk: AES-256-GCM with a key made of what a file holds (NIST SP 800-38D).
//
// The file may hold anything of 32 bytes or more that nobody guesses; white space at its end does not count. A seal is
// bound to the text that it stands beside, so that nobody can put the one beside another. A value of the thread that
// uses it.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret_bytes.hpp"

namespace sallyport::sources::last_good {

struct Sealed {
  std::string nonce;  // 12 bytes, new at each sealing
  std::string text;   // and the 16 bytes of the tag behind it
};

class Key {
 public:
  static constexpr std::size_t least_bytes = 32;
  static constexpr std::size_t most_bytes = 64 * 1024;  // of the file
  static constexpr std::size_t nonce_bytes = 12;
  static constexpr std::size_t tag_bytes = 16;

  // An error says what is wrong with the file, and nothing of what it holds.
  static Result<Key> read(const std::string& path);
  static Result<Key> made_of(std::string_view text);

  // Tells keys apart, and nothing of the key itself.
  const std::string& id() const { return id_; }

  // The pieces one behind the other. Empty text: OpenSSL could not.
  Sealed seal(const std::vector<SecretBytes>& pieces, std::string_view beside) const;
  // An error if it is not what was sealed with this key beside this text.
  Result<SecretBytes> open(const Sealed& sealed, std::string_view beside) const;

 private:
  Key(SecretBytes bytes, std::string id) : bytes_(std::move(bytes)), id_(std::move(id)) {}

  SecretBytes bytes_;
  std::string id_;
};

// 32 bytes.
std::string sha256(std::string_view text);
std::string hex(std::string_view bytes);

}  // namespace sallyport::sources::last_good
