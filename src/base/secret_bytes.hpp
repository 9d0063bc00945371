// SPDX-License-Identifier: Apache-2.0
// Bytes that must not be seen: no copy, no printing, no comparison; in memory of their own (secret_memory.hpp), zeroed
// when freed.
//
// reveal() is the only way to them; grep for it to see every place that touches a secret's value.

#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace sallyport {

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::string_view bytes);
  // `size` zero bytes, to be filled in through writable().
  explicit SecretBytes(std::size_t size);
  SecretBytes(SecretBytes&& other) noexcept
      : bytes_(std::exchange(other.bytes_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        held_(std::exchange(other.held_, 0)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    SecretBytes taken(std::move(other));
    std::swap(bytes_, taken.bytes_);
    std::swap(size_, taken.size_);
    std::swap(held_, taken.held_);
    return *this;
  }
  ~SecretBytes();

  std::string_view reveal() const { return {bytes_, size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  char* writable() { return bytes_; }
  // To less than was asked for.
  void shorten(std::size_t size) { size_ = size < size_ ? size : size_; }

 private:
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::size_t held_ = 0;  // all that is zeroed
};

}  // namespace sallyport
