// SPDX-License-Identifier: Apache-2.0
// What TLS costs in memory, and what is left of keys (T-9).
#include "net/tls/memory.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "support/memory_search.hpp"
#include "support/tls_test.hpp"

namespace sallyport::net::tls {
namespace {

using support::times_in_memory;

// Before anything else calls OpenSSL: as the program does.
const bool counts = count_memory();

class MemoryTest : public support::TlsTest {
 protected:
  // Of connections after a request and its answer, idle: what one of them holds. Their clients, whose memory would be
  // counted too, are gone.
  std::int64_t held_by_one(const support::TlsPeerSettings& settings) {
    constexpr int most = 20;
    static_cast<void>(exchange(settings));  // what is made once
    client_.reset();
    const std::int64_t before = memory_in_use();
    std::vector<std::unique_ptr<Socket>> sockets;
    for (int i = 0; i < most; ++i) sockets.push_back(exchange(settings));
    client_.reset();
    return (memory_in_use() - before) / most;
  }
  std::unique_ptr<Socket> exchange(const support::TlsPeerSettings& settings) {
    auto socket = accept_from(settings);
    client_->send("GET / HTTP/1.1\r\n\r\n");
    text_.clear();
    Task<void> reading = read_some(*socket, 1000);
    reading.start();
    run_until([&] { return reading.done(); });
    std::optional<IoResult<void>> written;
    Task<void> writing = write_parts(*socket, "HTTP/1.1 204 No Content\r\n\r\n", "", long_enough, written);
    writing.start();
    run_until([&] { return client_->text().size() == 27; });
    return socket;
  }
};

TEST_F(MemoryTest, IsCounted) {
  ASSERT_TRUE(counts);
  const std::int64_t before = memory_in_use();
  void* memory = OPENSSL_malloc(1000);
  EXPECT_GE(memory_in_use() - before, 1000);
  memory = OPENSSL_realloc(memory, 100'000);
  EXPECT_GE(memory_in_use() - before, 100'000);
  OPENSSL_free(memory);
  EXPECT_EQ(memory_in_use(), before);
}

TEST_F(MemoryTest, BuffersOfRecordsAreKeptForTheNext) {
  void* first = OPENSSL_malloc(16'700);
  OPENSSL_free(first);
  void* second = OPENSSL_malloc(16'500);
  EXPECT_EQ(first, second);
  OPENSSL_free(second);
}

TEST_F(MemoryTest, NothingIsLeftOfAConnection) {
  serve("", {});
  static_cast<void>(exchange({}));  // what is made once
  client_.reset();
  const std::int64_t before = memory_in_use();
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(exchange({}));
    client_.reset();
  }
  EXPECT_EQ(memory_in_use(), before);
}

TEST_F(MemoryTest, AnIdleConnectionIsSmall) {
  serve("", {.protocols = {"h2", "http/1.1"}});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const std::int64_t one = held_by_one({.server_name = "", .protocols = "\x08http/1.1", .most = version});
    RecordProperty("bytes", std::to_string(one));
    std::cout << "an idle connection of TLS 1." << (version == TLS1_2_VERSION ? 2 : 3) << ": " << one << " bytes\n";
    EXPECT_LE(one, 14'300);
  }
}

TEST_F(MemoryTest, T9SmallBlocksAreClearedWhenTheyAreGivenBack) {
  auto* memory = static_cast<volatile unsigned char*>(OPENSSL_malloc(2000));
  for (int i = 0; i < 2000; ++i) memory[i] = 0xa5;
  OPENSSL_free(const_cast<unsigned char*>(memory));
  auto* again = static_cast<volatile unsigned char*>(OPENSSL_malloc(2000));
  constexpr int links = 16;  // malloc's own bytes in a free block: a pointer, and a number that may be any
  int left = 0;
  for (int i = links; i < 2000; ++i) left += again[i] == 0xa5 ? 1 : 0;
  OPENSSL_free(const_cast<unsigned char*>(again));
  EXPECT_EQ(left, 0);
}

// The private number of a key.
std::string private_number(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(key, "priv", &number);
  std::string bytes(32, '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), 32);
  BN_clear_free(number);
  EVP_PKEY_free(key);
  return bytes;
}

TEST_F(MemoryTest, T9NothingIsLeftOfAKey) {
  support::Issued issued = authority_.issue({});
  std::string wanted = private_number(issued.key);
  std::string little_endian(wanted.rbegin(), wanted.rend());  // as OpenSSL's numbers lie in memory
  {
    const std::shared_ptr<const Credentials> credentials = credentials_for(library_, issued);
    EXPECT_GT(times_in_memory(little_endian), 1) << "the test's own, and OpenSSL's";
  }
  OPENSSL_cleanse(issued.key.data(), issued.key.size());
  EXPECT_EQ(times_in_memory(little_endian), 1) << "the test's own";
  EXPECT_EQ(times_in_memory(wanted), 1);
  OPENSSL_cleanse(wanted.data(), wanted.size());
  OPENSSL_cleanse(little_endian.data(), little_endian.size());
}

// Also of a policy under which nobody shakes hands any more.
TEST_F(MemoryTest, T4OldTicketKeysAreGoneWhoeverComes) {
  serve("", {});
  static_cast<void>(exchange({}));
  const auto& context = chooser_.choices.at("")->context;
  std::string wanted(32, '\0');
  {
    const TicketKeys::Keys keys = TicketKeys(seed_).derive(context->id());
    std::ranges::copy(keys[0].cipher.bytes, wanted.begin());
  }
  EXPECT_GT(times_in_memory(wanted), 1) << "the test's own, and the context's";
  library_.ticket_keys().span_at(seed_.begin + 3 * TicketKeys::span);
  context->drop_ticket_keys();
  EXPECT_EQ(times_in_memory(wanted), 1) << "the test's own";
}

TEST_F(MemoryTest, T9AConnectionDoesNotHoldTheKeyThatItBeganWith) {
  serve("", {});
  std::string wanted = private_number(issued_.key);
  std::ranges::reverse(wanted);
  const std::unique_ptr<Socket> socket = exchange({});
  EXPECT_GT(times_in_memory(wanted), 1);
  chooser_.choices.clear();
  credentials_.reset();
  OPENSSL_cleanse(issued_.key.data(), issued_.key.size());
  EXPECT_EQ(times_in_memory(wanted), 1) << "the test's own";
  OPENSSL_cleanse(wanted.data(), wanted.size());
}

}  // namespace
}  // namespace sallyport::net::tls
