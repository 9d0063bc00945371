// SPDX-License-Identifier: Apache-2.0
// What the sockets of a loop put off to the end of its turn, one message behind the other: they are in few lines of
// memory, which are the same ones each turn. Of a fixed size; when it is full, messages are sent at once instead.
//
// Belongs to the loop's thread.

#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace sallyport::net {

class Outbox {
 public:
  static constexpr std::size_t size = 64 * 1024;

  // All that is left, if that is at least so much; else empty. Nobody else may ask until it was kept, or is of no more
  // use.
  std::span<char> room(std::size_t least) {
    if (bytes_ == nullptr) bytes_ = std::make_unique_for_overwrite<char[]>(size);
    if (size - used_ < least) return {};
    return {bytes_.get() + used_, size - used_};
  }
  // The beginning of the room that was given, until release().
  std::string_view keep(std::span<const char> of) {
    used_ = static_cast<std::size_t>(of.data() - bytes_.get()) + of.size();
    ++holders_;
    return {of.data(), of.size()};
  }
  // Once for every keep().
  void release() {
    if (--holders_ == 0) used_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t used_ = 0;
  std::size_t holders_ = 0;
};

}  // namespace sallyport::net
