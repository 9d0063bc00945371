// SPDX-License-Identifier: Apache-2.0

#include "base/secret_bytes.hpp"

#include <cstring>

#include "base/secret_memory.hpp"

namespace sallyport {

SecretBytes::SecretBytes(std::size_t size) : bytes_(take_secret_memory(size)), size_(size), held_(size) {}

SecretBytes::SecretBytes(std::string_view bytes) : SecretBytes(bytes.size()) {
  if (!bytes.empty()) std::memcpy(bytes_, bytes.data(), bytes.size());
}

SecretBytes::~SecretBytes() { give_secret_memory(bytes_, held_); }

}  // namespace sallyport
