// SPDX-License-Identifier: Apache-2.0
#include "net/tls/client_hello.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>
#include <vector>

namespace sallyport::net::tls {
namespace {

using State = HelloReading::State;

std::string number(std::size_t value, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = size; i-- > 0; value >>= 8) bytes[i] = static_cast<char>(value & 0xff);
  return bytes;
}

std::string vector(std::size_t length_size, const std::string& content) {
  return number(content.size(), length_size) + content;
}

std::string extension(std::size_t kind, const std::string& content) { return number(kind, 2) + vector(2, content); }

std::string server_name(const std::string& name) {
  return extension(0, vector(2, std::string(1, '\0') + vector(2, name)));
}

std::string message(const std::string& extensions) {
  const std::string body = number(0x0303, 2) + std::string(32, 'r') + vector(1, std::string(32, 's')) +
                           vector(2, number(0x1301, 2)) + vector(1, std::string(1, '\0')) + vector(2, extensions);
  return "\x01" + vector(3, body);
}

std::string in_records(const std::string& bytes, std::size_t size) {
  std::string records;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    records += "\x16\x03\x01" + vector(2, bytes.substr(at, size));
  }
  return records;
}

std::string hello_for(const std::string& name) { return in_records(message(server_name(name)), 16'384); }

// What OpenSSL's client says first.
std::string openssl_hello(const char* name, const std::string& protocols, int most) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_max_proto_version(context, most);
  SSL* ssl = SSL_new(context);
  SSL_set_tlsext_host_name(ssl, name);
  SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols.data()),
                      static_cast<unsigned>(protocols.size()));
  SSL_set_connect_state(ssl);
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
  SSL_do_handshake(ssl);
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  std::string hello(bytes, static_cast<std::size_t>(size));
  SSL_free(ssl);
  SSL_CTX_free(context);
  return hello;
}

TEST(ClientHello, IsReadAsOpenSslWritesIt) {
  const HelloReading reading = read_client_hello(openssl_hello("WWW.Example.com", "\x02h2\x08http/1.1", 0));
  ASSERT_EQ(reading.state, State::whole) << reading.fault;
  EXPECT_EQ(reading.hello.server_name, "www.example.com");
  EXPECT_EQ(read_client_hello(openssl_hello("a.example", "\x02h2", TLS1_2_VERSION)).hello.server_name, "a.example");
}

TEST(ClientHello, IsNeverJudgedByItsBeginning) {
  const std::string hello = openssl_hello("www.example.com", "\x02h2", 0);
  for (std::size_t size = 0; size < hello.size(); ++size) {
    const HelloReading reading = read_client_hello(std::string_view(hello).substr(0, size));
    ASSERT_EQ(reading.state, State::partial) << size;
    ASSERT_GT(reading.wanted, size);
    ASSERT_LE(reading.wanted, hello.size());
  }
}

TEST(ClientHello, MayComeInRecordsOfOneByte) {
  const std::string whole = message(server_name("a.example"));
  for (const std::size_t size : {1U, 2U, 3U, 4U, 5U, 100U}) {
    const std::string records = in_records(whole, size);
    const HelloReading reading = read_client_hello(records);
    ASSERT_EQ(reading.state, State::whole) << size << reading.fault;
    EXPECT_EQ(reading.hello.server_name, "a.example");
    EXPECT_EQ(read_client_hello(std::string_view(records).substr(0, records.size() - 1)).state, State::partial);
  }
}

TEST(ClientHello, IsTriedSeldomHoweverItComes) {
  const std::string records =
      in_records(message(server_name("a.example") + extension(0x1234, std::string(1200, 'x'))), 1);
  std::size_t size = 0;
  int tries = 0;
  for (;; ++tries) {
    const HelloReading reading = read_client_hello(std::string_view(records).substr(0, size));
    if (reading.state == State::whole) break;
    ASSERT_EQ(reading.state, State::partial);
    ASSERT_LE(reading.wanted, records.size());
    size = reading.wanted;
  }
  EXPECT_LT(tries, 100) << "of 7,000 bytes";
}

TEST(ClientHello, WhatFollowsItIsNoMatter) {
  EXPECT_EQ(read_client_hello(hello_for("a.example") + "anything").state, State::whole);
}

TEST(ClientHello, MayHaveNoNameAndNoExtension) {
  const HelloReading none = read_client_hello(in_records(message(""), 16'384));
  EXPECT_EQ(none.state, State::whole);
  EXPECT_EQ(none.hello.server_name, "");
}

TEST(ClientHello, ANameHasOneSpelling) {
  for (const std::string name : {"a.example", "A.EXAMPLE", "a.example.", "A.Example."}) {
    EXPECT_EQ(read_client_hello(hello_for(name)).hello.server_name, "a.example") << name;
  }
}

TEST(ClientHello, ANameThatIsNoneIsRefused) {
  using namespace std::string_literals;
  for (const std::string& name :
       {""s, "."s, "*.example"s, "a..example"s, ".a.example"s, "a.example.."s, "a\0.example"s, "a.example\0"s, "a b"s,
        "a/b"s, "a:443"s, "[::1]"s, "user@a.example"s, "\xc3\xa4.example"s, std::string(256, 'a')}) {
    EXPECT_EQ(read_client_hello(hello_for(name)).state, State::bad) << name;
  }
}

TEST(ClientHello, ListsOfNamesThatCouldBeReadInTwoWaysAreRefused) {
  const std::string entry = std::string(1, '\0') + vector(2, "a.example");
  const std::string other = std::string(1, '\0') + vector(2, "b.example");
  const std::vector<std::string> bad = {
      extension(0, vector(2, entry + other)),            // two names
      extension(0, vector(2, "\x01" + vector(2, "a"))),  // of another kind
      extension(0, vector(2, entry) + "x"),              // something behind the list
      extension(0, vector(2, "")),                       // none
      extension(0, ""),                                  // not even a list
      server_name("a.example") + server_name("b.example"),
      number(0, 2),
  };
  for (const std::string& extensions : bad) {
    EXPECT_EQ(read_client_hello(in_records(message(extensions), 16'384)).state, State::bad) << extensions;
  }
}

TEST(ClientHello, WhatIsNoTlsIsToldFromWhatIsBadTls) {
  EXPECT_EQ(read_client_hello("GET / HTTP/1.1\r\n\r\n").state, State::not_tls);
  EXPECT_EQ(read_client_hello("\x16\x02").state, State::not_tls);
  std::string other_message = hello_for("a.example");
  other_message[5] = 2;  // a ServerHello
  EXPECT_EQ(read_client_hello(other_message).state, State::bad);
  std::string other_record = in_records(message(server_name("a.example")), 50);
  other_record[55] = 23;
  EXPECT_EQ(read_client_hello(other_record).state, State::bad);
  EXPECT_EQ(read_client_hello(std::string("\x16\x03\x01\x00\x00", 5)).state, State::bad);
  EXPECT_EQ(read_client_hello("\x16\x03\x01\x40\x01").state, State::bad);
}

TEST(ClientHello, IsAtMostSoLong) {
  const auto of_size = [](std::size_t padding) { return message(extension(0x1234, std::string(padding, 'x'))); };
  const std::size_t around = of_size(0).size();
  EXPECT_EQ(read_client_hello(in_records(of_size(longest_hello - around), 16'384)).state, State::whole);
  EXPECT_EQ(read_client_hello(in_records(of_size(longest_hello - around + 1), 16'384)).state, State::bad);
  EXPECT_EQ(read_client_hello(in_records(of_size(longest_hello - around), 1)).state, State::bad) << "with its records";
}

TEST(ClientHello, NoByteThatIsChangedMakesItMoreThanItIs) {
  const std::string hello = openssl_hello("www.example.com", "\x02h2", 0);
  for (std::size_t at = 0; at < hello.size(); ++at) {
    for (const char flip : {'\x01', '\x20', '\x80', '\xff'}) {
      std::string changed = hello;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      const HelloReading reading = read_client_hello(changed);  // its sanitizers judge
      EXPECT_LE(reading.hello.server_name.size(), 255U);
    }
  }
}

}  // namespace
}  // namespace sallyport::net::tls
