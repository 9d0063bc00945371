// SPDX-License-Identifier: Apache-2.0
#include "support/dns_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "net/acceptor.hpp"
#include "net/socket_address.hpp"
#include "support/descriptors.hpp"

namespace sallyport::support {
namespace {

constexpr std::size_t head_size = 12;

std::string two(unsigned number) {
  return {static_cast<char>((number >> 8U) & 0xffU), static_cast<char>(number & 0xffU)};
}

unsigned two_at(std::string_view bytes, std::size_t at) {
  return (static_cast<unsigned>(static_cast<unsigned char>(bytes[at])) << 8U) |
         static_cast<unsigned char>(bytes[at + 1]);
}

std::string wire_name(std::string_view name) {
  std::string wire;
  while (!name.empty()) {
    const std::string_view label = name.substr(0, name.find('.'));
    wire += static_cast<char>(label.size());
    wire += label;
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  return wire + '\0';
}

DnsQuestion read_question(std::string_view message) {
  DnsQuestion question{.id = static_cast<std::uint16_t>(two_at(message, 0))};
  std::size_t at = head_size;
  while (at < message.size() && message[at] != 0) {
    const auto size = static_cast<unsigned char>(message[at]);
    if (!question.name.empty()) question.name += '.';
    question.name += message.substr(at + 1, size);
    at += size + std::size_t{1};
  }
  if (at + 5 > message.size()) return question;
  question.type = static_cast<std::uint16_t>(two_at(message, at + 1));
  question.wire = message.substr(head_size, at + 5 - head_size);
  return question;
}

}  // namespace

DnsRecord address_record(std::string name, std::string_view address, std::uint32_t ttl) {
  const auto ip = syntax::IpAddress::parse(address);
  EXPECT_TRUE(ip) << address;
  if (!ip) return {};
  const auto bytes = ip->bytes();
  return {.name = std::move(name),
          .type = ip->is_v4() ? DnsQuestion::a : DnsQuestion::aaaa,
          .ttl = ttl,
          .data = std::string(bytes.begin(), bytes.end())};
}

DnsRecord alias_record(std::string name, std::string_view to, std::uint32_t ttl) {
  return {.name = std::move(name), .type = DnsQuestion::cname, .ttl = ttl, .data = wire_name(to)};
}

std::string dns_answer(const DnsQuestion& question, const std::vector<DnsRecord>& records, DnsCodes codes) {
  constexpr unsigned is_answer = 0x8180;  // with recursion asked for and available
  constexpr unsigned is_truncated = 0x0200;
  const unsigned flags = is_answer | (codes.truncated ? is_truncated : 0U) | codes.response;
  std::string message = two(question.id) + two(flags) + two(question.wire.empty() ? 0 : 1) +
                        two(static_cast<unsigned>(records.size())) + two(0) + two(0) + question.wire;
  for (const DnsRecord& record : records) {
    message += wire_name(record.name) + two(record.type) + two(1) + two(record.ttl >> 16U) + two(record.ttl & 0xffffU);
    message += two(static_cast<unsigned>(record.data.size())) + record.data;
  }
  return message;
}

// One client's connection: messages with their lengths before them.
class DnsServer::Connection final : private net::Watcher {
 public:
  Connection(DnsServer& server, net::Fd fd) : server_(server), fd_(std::move(fd)) {
    EXPECT_TRUE(server_.loop_.add(fd_.get(), EPOLLIN, *this));
  }
  ~Connection() { server_.loop_.remove(fd_.get(), *this); }

 private:
  void on_events(std::uint32_t) override {
    std::array<char, 4096> room;
    const ssize_t got = ::recv(fd_.get(), room.data(), room.size(), 0);
    if (got <= 0) return server_.loop_.remove(fd_.get(), *this);
    received_.append(room.data(), static_cast<std::size_t>(got));
    while (received_.size() >= 2 && received_.size() >= 2 + two_at(received_, 0)) {
      const std::size_t size = two_at(received_, 0);
      for (const std::string& answer : server_.answers_to(received_.substr(2, size), true)) {
        const std::string framed = two(static_cast<unsigned>(answer.size())) + answer;
        EXPECT_EQ(::send(fd_.get(), framed.data(), framed.size(), MSG_NOSIGNAL), std::ssize(framed));
      }
      received_.erase(0, 2 + size);
    }
  }

  DnsServer& server_;
  net::Fd fd_;
  std::string received_;
};

class DnsServer::Listening {
 public:
  Listening(DnsServer& server, net::Fd fd)
      : acceptor_(server.loop_, std::move(fd), [this, &server](net::Fd client, const syntax::SocketAddress&) {
          connections_.push_back(std::make_unique<Connection>(server, std::move(client)));
        }) {}

 private:
  std::vector<std::unique_ptr<Connection>> connections_;
  net::Acceptor acceptor_;
};

DnsServer::DnsServer(net::Loop& loop, Script script) : loop_(loop), script_(std::move(script)) {
  // The kernel chooses the port of TCP; that of UDP may be taken, and then there is another try.
  for (int tries = 0; tries < 20 && tcp_ == nullptr; ++tries) {
    Listener listener = tcp_listener(16);
    udp_ = net::Fd(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    net::KernelAddress where = net::to_kernel(listener.address);
    if (::bind(udp_.get(), where.get(), where.size) != 0) continue;
    address_ = listener.address;
    tcp_ = std::make_unique<Listening>(*this, std::move(listener.fd));
  }
  EXPECT_NE(tcp_, nullptr);
  EXPECT_TRUE(loop_.add(udp_.get(), EPOLLIN, *this));
}

DnsServer::~DnsServer() { loop_.remove(udp_.get(), *this); }

std::vector<std::string> DnsServer::answers_to(std::string_view message, bool by_tcp) {
  EXPECT_GE(message.size(), head_size);
  if (message.size() < head_size) return {};
  DnsQuestion question = read_question(message);
  question.by_tcp = by_tcp;
  questions_.push_back(question);
  return script_(question);
}

void DnsServer::on_events(std::uint32_t) {
  std::array<char, 4096> room;
  net::KernelAddress peer;
  const ssize_t got = ::recvfrom(udp_.get(), room.data(), room.size(), 0, peer.get(), &peer.size);
  if (got < 0) return;
  const std::string_view message(room.data(), static_cast<std::size_t>(got));
  for (const std::string& answer : answers_to(message, false)) {
    ::sendto(udp_.get(), answer.data(), answer.size(), 0, peer.get(), peer.size);
  }
}

}  // namespace sallyport::support
