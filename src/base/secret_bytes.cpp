// SPDX-License-Identifier: Apache-2.0

#include "base/secret_bytes.hpp"

#include <cstring>

namespace sallyport {

SecretBytes::SecretBytes(std::size_t size) : bytes_(std::make_unique<char[]>(size)), size_(size), held_(size) {}

SecretBytes::SecretBytes(std::string_view bytes) : SecretBytes(bytes.size()) {
  if (!bytes.empty()) std::memcpy(bytes_.get(), bytes.data(), bytes.size());
}

SecretBytes::~SecretBytes() {
  if (bytes_) explicit_bzero(bytes_.get(), held_);
}

}  // namespace sallyport
