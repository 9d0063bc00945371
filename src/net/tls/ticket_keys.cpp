// SPDX-License-Identifier: Apache-2.0
#include "net/tls/ticket_keys.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <span>

#include "base/text.hpp"

namespace sallyport::net::tls {
namespace {

// One block of RFC 5869's expansion: HMAC-SHA256(secret, label 0x01).
Secret<32> expand(const Secret<32>& secret, std::string_view label) {
  Secret<32> out;
  const std::string message = text::cat(label, "\x01");
  unsigned size = 32;
  HMAC(EVP_sha256(), secret.bytes.data(), 32, reinterpret_cast<const unsigned char*>(message.data()), message.size(),
       out.bytes.data(), &size);
  return out;
}

}  // namespace

TicketSeed TicketSeed::random() {
  TicketSeed seed{.secret = {}, .begin = Clock::now()};
  RAND_priv_bytes(seed.secret.bytes.data(), static_cast<int>(seed.secret.bytes.size()));
  return seed;
}

std::uint64_t TicketKeys::span_at(Time now) {
  const std::uint64_t current = now <= begin_ ? 0 : static_cast<std::uint64_t>((now - begin_) / span);
  for (; span_ < current; ++span_) {
    const Secret<32> next = expand(secrets_[0], "next");
    std::ranges::move_backward(std::span(secrets_).first(accepted - 1), secrets_.end());
    secrets_[0] = next;
  }
  return span_;
}

TicketKeys::Keys TicketKeys::derive(std::string_view policy) const {
  Keys keys;
  for (std::size_t i = 0; i < accepted && i <= span_; ++i) {
    const Secret<32> name = expand(secrets_[i], text::cat("name ", policy));
    std::ranges::copy(std::span(name.bytes).first<16>(), keys[i].name.begin());
    keys[i].cipher = expand(secrets_[i], text::cat("cipher ", policy));
    keys[i].mac = expand(secrets_[i], text::cat("mac ", policy));
    keys[i].valid = true;
  }
  return keys;
}

}  // namespace sallyport::net::tls
