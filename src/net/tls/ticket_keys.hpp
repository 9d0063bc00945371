// SPDX-License-Identifier: Apache-2.0
// Keys of session tickets (reference: reliability-security.md T-4): for each policy its own, derived from one secret
// that moves on every 12 hours, from which the former one cannot be had. The keys of the two former spans are still
// accepted, then zeroed. Workers with the same seed have the same keys without a word between them; nobody keeps the
// seed.
//
// Belongs to a worker's thread, like its Library.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/timer_wheel.hpp"

namespace sallyport::net::tls {

// Bytes that are zeroed when they are no longer needed.
template <std::size_t Size>
class Secret {
 public:
  Secret() = default;
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret() { clear(); }

  void clear() { clear(bytes.data()); }

  std::array<unsigned char, Size> bytes{};

 private:
  static void clear(volatile unsigned char* byte) {
    for (std::size_t i = 0; i < Size; ++i) byte[i] = 0;
  }
};

struct TicketSeed {
  Secret<32> secret;
  Time begin;  // of the first span

  // A new one, of this process alone.
  static TicketSeed random();
};

class TicketKeys {
 public:
  static constexpr std::size_t accepted = 3;  // the newest and two old ones
  static constexpr std::chrono::hours span{12};

  explicit TicketKeys(const TicketSeed& seed) : begin_(seed.begin) { secrets_[0] = seed.secret; }

  // The keys of a policy: each is {name, cipher key, MAC key}, the newest first. An empty name is none.
  struct Key {
    std::array<unsigned char, 16> name{};
    Secret<32> cipher;
    Secret<32> mac;
    bool valid = false;
  };
  using Keys = std::array<Key, accepted>;

  // Which span it is: what was derived in another one is out of date.
  std::uint64_t span_at(Time now);
  std::uint64_t current() const { return span_; }  // at the last time that it was asked
  Time end_of_span() const { return begin_ + static_cast<Time::rep>(span_ + 1) * span; }
  // By the one clock of all who have the seed.
  std::chrono::seconds age(Time now) const { return std::chrono::floor<std::chrono::seconds>(now - begin_); }
  Keys derive(std::string_view policy) const;

 private:
  Time begin_;
  std::array<Secret<32>, accepted> secrets_;  // the newest first
  std::uint64_t span_ = 0;
};

}  // namespace sallyport::net::tls
