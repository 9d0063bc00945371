// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "support/dns_server.hpp"
#include "support/loop_test.hpp"

namespace sallyport::net {
namespace {

using support::address_record;
using support::alias_record;
using support::dns_answer;
using support::DnsQuestion;
using support::DnsRecord;
using support::DnsServer;
using Answers = std::vector<std::string>;
using Names = std::vector<std::string>;
using std::chrono::seconds;

constexpr unsigned servfail = 2;
constexpr unsigned nxdomain = 3;
constexpr unsigned refused = 5;

Names texts(const Resolved& resolved) {
  Names all;
  for (const auto& address : resolved.addresses) all.push_back(address.text());
  return all;
}

// What a server says that has these addresses for every name.
Answers answer_of(const DnsQuestion& question, const Names& addresses, std::uint32_t ttl = 60) {
  std::vector<DnsRecord> records;
  for (const std::string& address : addresses) {
    DnsRecord record = address_record(question.name, address, ttl);
    if (record.type == question.type) records.push_back(std::move(record));
  }
  return {dns_answer(question, records)};
}

DnsServer::Script always(Names addresses, std::uint32_t ttl = 60) {
  return [=](const DnsQuestion& question) { return answer_of(question, addresses, ttl); };
}

DnsServer::Script code(unsigned response) {
  return [=](const DnsQuestion& question) { return Answers{dns_answer(question, {}, {.response = response})}; };
}

class ResolverTest : public support::LoopTest {
 protected:
  // Silence is soon over.
  static ResolverSettings quick() { return {.first_wait = Duration(50), .rounds = 2, .other_wait = Duration(20)}; }

  void make(ResolverSettings settings) {
    if (settings.servers.empty()) settings.servers = {server_.address()};
    resolver_ = std::make_unique<Resolver>(loop_, std::move(settings));
  }

  Result<Resolved> again(const std::string& name, Duration patience = seconds(20)) {
    auto task = resolver_->resolve(name, Clock::now() + patience);
    task.start();
    run_until([&] { return task.done(); });
    return task.take();
  }

  Result<Resolved> ask(const std::string& name, ResolverSettings settings = {}) {
    make(std::move(settings));
    return again(name);
  }

  Code refusal(const std::string& name, ResolverSettings settings = {}) {
    const auto resolved = ask(name, std::move(settings));
    EXPECT_FALSE(resolved);
    return resolved ? Code::internal : resolved.error().code;
  }

  Names asked() const {
    Names names;
    for (const DnsQuestion& question : server_.questions()) names.push_back(question.name);
    return names;
  }

  DnsServer server_{loop_, always({"192.0.2.1"})};
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(ResolverTest, GivesTheAddressesOfBothFamiliesInOrderEachOnce) {
  server_.set_script(always({"192.0.2.7", "2001:db8::1", "192.0.2.1", "192.0.2.7"}));
  const auto resolved = ask("shop.example.com");
  ASSERT_TRUE(resolved);
  EXPECT_EQ(texts(*resolved), (Names{"192.0.2.1", "192.0.2.7", "2001:db8::1"}));
  EXPECT_EQ(resolved->ttl, seconds(60));
  EXPECT_EQ(asked(), (Names{"shop.example.com", "shop.example.com"}));
}

TEST_F(ResolverTest, TakesAnAddressThatIsMappedIntoIpv6ForWhatItIs) {
  server_.set_script([](const DnsQuestion& question) {
    const std::string mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", 16);
    std::vector<DnsRecord> records = {
        {.name = question.name, .type = DnsQuestion::aaaa, .ttl = 60, .data = mapped},
    };
    if (question.type == DnsQuestion::a) records.clear();
    return Answers{dns_answer(question, records)};
  });
  const auto resolved = ask("shop.example.com");
  ASSERT_TRUE(resolved);
  EXPECT_EQ(texts(*resolved), Names{"127.0.0.1"});
}

TEST_F(ResolverTest, GivesTheLeastOfAllTimesToLive) {
  server_.set_script([](const DnsQuestion& question) {
    if (question.type == DnsQuestion::aaaa) return answer_of(question, {"2001:db8::1"}, 77);
    return Answers{dns_answer(question, {alias_record(question.name, "real.example.com", 33),
                                         address_record("real.example.com", "192.0.2.1", 99)})};
  });
  const auto resolved = ask("shop.example.com");
  ASSERT_TRUE(resolved);
  EXPECT_EQ(texts(*resolved), (Names{"192.0.2.1", "2001:db8::1"}));
  EXPECT_EQ(resolved->ttl, seconds(33));
}

TEST_F(ResolverTest, KeepsTimesToLiveWithinBounds) {
  const std::map<std::uint32_t, seconds> expected = {
      {0, seconds(5)}, {4, seconds(5)}, {6, seconds(6)}, {86'400, seconds(300)}, {0x80000000, seconds(5)}};
  for (const auto& [said, kept] : expected) {
    server_.set_script(always({"192.0.2.1"}, said));
    const auto resolved = ask("shop.example.com");
    ASSERT_TRUE(resolved) << said;
    EXPECT_EQ(resolved->ttl, kept) << said;
  }
}

TEST_F(ResolverTest, TellsThatThereIsNoSuchNameFromThatNobodyKnows) {
  server_.set_script(code(nxdomain));
  EXPECT_EQ(refusal("shop.example.com", quick()), Code::name_not_found);
  server_.set_script(code(0));
  EXPECT_EQ(refusal("shop.example.com", quick()), Code::name_not_found);
  server_.set_script(code(servfail));
  EXPECT_EQ(refusal("shop.example.com", quick()), Code::name_unresolved);
  server_.set_script(code(refused));
  EXPECT_EQ(refusal("shop.example.com", quick()), Code::name_unresolved);
  server_.set_script([](const DnsQuestion&) { return Answers{}; });
  EXPECT_EQ(refusal("shop.example.com", quick()), Code::name_unresolved);
}

TEST_F(ResolverTest, OneFamilyThatFailsDoesNotHideThatTheOtherHasNone) {
  server_.set_script([](const DnsQuestion& question) {
    const unsigned response = question.type == DnsQuestion::a ? servfail : 0;
    return Answers{dns_answer(question, {}, {.response = response})};
  });
  EXPECT_EQ(refusal("shop.example.com", quick()), Code::name_unresolved);
}

TEST_F(ResolverTest, AskingEndsWithTheDeadline) {
  server_.set_script([](const DnsQuestion&) { return Answers{}; });
  make({});
  const auto resolved = again("shop.example.com", Duration(30));
  ASSERT_FALSE(resolved);
  EXPECT_EQ(resolved.error().code, Code::name_unresolved);
  EXPECT_EQ(resolved.error().detail, "no DNS server answered for shop.example.com in time");
}

TEST_F(ResolverTest, AsksAgainWhenAnAnswerIsLost) {
  server_.set_script([&](const DnsQuestion& question) {
    return server_.questions().size() <= 2 ? Answers{} : answer_of(question, {"192.0.2.1"});
  });
  EXPECT_TRUE(ask("shop.example.com", quick()));
}

TEST_F(ResolverTest, AsksAnotherServerWhenOneDoesNotKnow) {
  DnsServer broken(loop_, code(servfail));
  ResolverSettings settings = quick();
  settings.servers = {broken.address(), server_.address()};
  EXPECT_TRUE(ask("shop.example.com", settings));
  EXPECT_FALSE(broken.questions().empty());
}

TEST_F(ResolverTest, DoesNotWaitForAFamilyThatIsNeverAnswered) {
  server_.set_script([](const DnsQuestion& question) {
    return question.type == DnsQuestion::aaaa ? Answers{} : answer_of(question, {"192.0.2.1"});
  });
  ResolverSettings settings;
  settings.other_wait = Duration(20);
  settings.first_wait = seconds(25);  // longer than the test may take
  const auto resolved = ask("shop.example.com", settings);
  ASSERT_TRUE(resolved);
  EXPECT_EQ(texts(*resolved), Names{"192.0.2.1"});
}

TEST_F(ResolverTest, SaysWhichFamilyWasNotAnsweredFor) {
  server_.set_script(always({"192.0.2.1"}));  // and no data of the other
  const auto whole = ask("shop.example.com");
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->lacks_v4 || whole->lacks_v6);
  for (const unsigned response : {servfail, 0U}) {  // 0: silence
    server_.set_script([&](const DnsQuestion& question) {
      if (question.type == DnsQuestion::aaaa) return answer_of(question, {"2001:db8::1"});
      return response == servfail ? Answers{dns_answer(question, {}, {.response = response})} : Answers{};
    });
    const auto resolved = ask("shop.example.com", quick());
    ASSERT_TRUE(resolved);
    EXPECT_EQ(texts(*resolved), Names{"2001:db8::1"});
    EXPECT_TRUE(resolved->lacks_v4);
    EXPECT_FALSE(resolved->lacks_v6);
  }
}

TEST_F(ResolverTest, AsksByTcpWhenAnAnswerDoesNotFit) {
  server_.set_script([](const DnsQuestion& question) {
    if (!question.by_tcp) return Answers{dns_answer(question, {}, {.truncated = true})};
    return answer_of(question, {"192.0.2.1", "2001:db8::1"});
  });
  const auto resolved = ask("shop.example.com");
  ASSERT_TRUE(resolved);
  EXPECT_EQ(texts(*resolved), (Names{"192.0.2.1", "2001:db8::1"}));
}

TEST_F(ResolverTest, TakesNoMoreAddressesThanAreBounded) {
  server_.set_script([](const DnsQuestion& question) {
    if (!question.by_tcp) return Answers{dns_answer(question, {}, {.truncated = true})};
    std::vector<DnsRecord> records;
    for (int i = 0; i < 1000 && question.type == DnsQuestion::a; ++i) {
      records.push_back(address_record(question.name, text::cat("10.0.", i / 250, ".", i % 250)));
    }
    return Answers{dns_answer(question, records)};
  });
  const auto resolved = ask("shop.example.com", {.most_addresses = 16});
  ASSERT_TRUE(resolved);
  ASSERT_EQ(resolved->addresses.size(), 16U);
  EXPECT_EQ(resolved->addresses.back().text(), "10.0.0.15");
}

TEST_F(ResolverTest, HearsNobodyWhoDoesNotKnowTheQuestion) {
  server_.set_script([](const DnsQuestion& question) {
    DnsQuestion other_id = question;
    ++other_id.id;
    DnsQuestion other_name = question;
    other_name.wire[1] = 'x';
    Answers answers = {dns_answer(other_id, {address_record(question.name, "192.0.2.66")}),
                       dns_answer(other_name, {address_record(question.name, "192.0.2.66")})};
    for (std::string& one : answer_of(question, {"192.0.2.1"})) answers.push_back(std::move(one));
    return answers;
  });
  const auto resolved = ask("shop.example.com");
  ASSERT_TRUE(resolved);
  EXPECT_EQ(texts(*resolved), Names{"192.0.2.1"});
}

TEST_F(ResolverTest, TakesNoAddressOfAnotherName) {
  server_.set_script([](const DnsQuestion& question) {
    return Answers{dns_answer(question, {address_record("evil.example.com", "192.0.2.66")})};
  });
  const auto resolved = ask("shop.example.com", quick());
  EXPECT_FALSE(resolved) << texts(*resolved).front();
}

TEST_F(ResolverTest, AliasesThatGoInACircleLeadNowhere) {
  server_.set_script([](const DnsQuestion& question) {
    return Answers{dns_answer(question, {alias_record("shop.example.com", "two.example.com"),
                                         alias_record("two.example.com", "shop.example.com")})};
  });
  EXPECT_EQ(refusal("shop.example.com", quick()), Code::name_not_found);
}

TEST_F(ResolverTest, AnswersThatAreTornFindNothing) {
  const auto whole = [](const DnsQuestion& question) {
    return dns_answer(question, {address_record(question.name, "192.0.2.1")});
  };
  make({.first_wait = Duration(20), .rounds = 1, .other_wait = Duration(20)});
  // Every cut, down to nothing, and what looks whole but points back at itself.
  std::size_t left_out = 1;
  for (bool is_empty = false; !is_empty; ++left_out) {
    server_.set_script([&](const DnsQuestion& question) {
      const std::string all = whole(question);
      is_empty = left_out >= all.size();
      return Answers{all.substr(0, all.size() - std::min(left_out, all.size()))};
    });
    EXPECT_FALSE(again("shop.example.com")) << left_out;
  }
  EXPECT_GT(left_out, 60U);
  server_.set_script([&](const DnsQuestion& question) {
    std::string looped = whole(question);
    const std::size_t at = 12 + question.wire.size();
    looped.replace(at, question.name.size() + 2, "\xc0" + std::string(1, static_cast<char>(at)));
    return Answers{looped};
  });
  EXPECT_FALSE(again("shop.example.com"));
}

TEST_F(ResolverTest, AnAddressIsItsOwnAnswer) {
  EXPECT_EQ(texts(*ask("192.0.2.9")), Names{"192.0.2.9"});
  EXPECT_EQ(texts(*ask("2001:db8::9")), Names{"2001:db8::9"});
  EXPECT_TRUE(server_.questions().empty());
}

TEST_F(ResolverTest, AsksForNothingThatIsNoHostName) {
  for (const std::string& name :
       Names{"", ".", "127.1", "0177.0.0.1", "a..b", "shop_1", "-a.example.com", "a b", "shop.example.com..",
             std::string(64, 'a'), "a/b", "a@b", std::string("a\0b", 3)}) {
    EXPECT_EQ(refusal(name), Code::name_not_found) << name;
  }
  std::string longest = "a";
  for (int i = 0; i < 127; ++i) longest += ".a";
  EXPECT_EQ(refusal(longest), Code::name_not_found) << longest.size();
  EXPECT_TRUE(server_.questions().empty());
}

TEST_F(ResolverTest, CaseAndAFinalDotAreNoDifference) {
  EXPECT_TRUE(ask("Shop.Example.COM."));
  EXPECT_EQ(asked(), (Names{"shop.example.com", "shop.example.com"}));
}

TEST_F(ResolverTest, WhoGoesAwayLeavesOthersAlone) {
  server_.set_script([](const DnsQuestion& question) {
    return question.name == "silent.example.com" ? Answers{} : answer_of(question, {"192.0.2.1"});
  });
  make(quick());
  std::optional<Task<Result<Resolved>>> silent = resolver_->resolve("silent.example.com", Clock::now() + seconds(20));
  silent->start();
  turn();
  EXPECT_FALSE(silent->done());
  silent.reset();
  EXPECT_TRUE(again("shop.example.com"));
}

TEST_F(ResolverTest, MayGoWhileServersOweAnswers) {
  server_.set_script([](const DnsQuestion&) { return Answers{}; });
  make({});
  {
    auto task = resolver_->resolve("shop.example.com", Clock::now() + seconds(20));
    task.start();
    run_until([&] { return server_.questions().size() == 2; });
  }
  resolver_.reset();
  turn();
}

TEST_F(ResolverTest, ManyNamesAtOnceAreAnsweredEachForItself) {
  server_.set_script([](const DnsQuestion& question) {
    return answer_of(question, {text::cat("192.0.2.", question.name.substr(4, question.name.find('.') - 4))});
  });
  make({.most_at_once = 100});
  std::vector<Task<Result<Resolved>>> tasks;
  for (int i = 0; i < 101; ++i) {
    tasks.push_back(resolver_->resolve(text::cat("shop", i, ".example.com"), Clock::now() + seconds(20)));
    tasks.back().start();
  }
  run_until([&] { return std::ranges::all_of(tasks, [](const auto& task) { return task.done(); }); });
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(texts(*tasks[i].take()), Names{text::cat("192.0.2.", i)});
  EXPECT_EQ(tasks[100].take().error().code, Code::overloaded);
}

TEST_F(ResolverTest, WhatNobodyWaitsForAnyMoreKeepsNobodyOut) {
  server_.set_script([](const DnsQuestion&) { return Answers{}; });
  make({.first_wait = seconds(25), .most_at_once = 2});
  {
    std::vector<Task<Result<Resolved>>> tasks;
    for (const std::string name : {"a.example.com", "b.example.com"}) {
      tasks.push_back(resolver_->resolve(name, Clock::now() + seconds(20)));
      tasks.back().start();
    }
    ASSERT_TRUE(run_until([&] { return server_.questions().size() == 4; }));
    EXPECT_EQ(again("shop.example.com").error().code, Code::overloaded);
  }
  server_.set_script(always({"192.0.2.1"}));
  EXPECT_TRUE(again("shop.example.com"));
}

class FileTest : public ResolverTest {
 protected:
  FileTest() : path_(testing::TempDir() + text::cat("/resolv.conf.", ::getpid())) {}
  ~FileTest() override { ::unlink(path_.c_str()); }

  void write(std::string_view text) { std::ofstream(path_, std::ios::trunc) << text; }

  std::string path_;
};

TEST_F(FileTest, SearchDomainsAreForNamesWithoutAFinalDotWhereTheyAreWanted) {
  write("nameserver 192.0.2.99\nsearch shop.svc.cluster.local svc.cluster.local\noptions ndots:5\n");
  server_.set_script([](const DnsQuestion& question) {
    if (question.name == "web.svc.cluster.local") return answer_of(question, {"192.0.2.1"});
    return Answers{dns_answer(question, {}, {.response = nxdomain})};
  });
  EXPECT_FALSE(ask("web", {.resolv_conf = path_}));
  EXPECT_FALSE(ask("web.", {.resolv_conf = path_, .search = true}));
  for (const std::string& name : asked()) EXPECT_EQ(name, "web");
  EXPECT_TRUE(ask("web", {.resolv_conf = path_, .search = true}));
}

TEST_F(FileTest, CountsAsItIsNow) {
  make({.resolv_conf = path_, .search = true});
  for (const std::string domain : {"one.example.com", "another.example.com"}) {
    write(text::cat("search ", domain, "\n"));
    EXPECT_TRUE(again("web"));
    EXPECT_EQ(server_.questions().back().name, text::cat("web.", domain));
  }
  ::unlink(path_.c_str());
  EXPECT_TRUE(again("shop.example.com"));
}

// The old servers may be why it was changed.
TEST_F(FileTest, CountsForWhatIsBeingAskedToo) {
  server_.set_script([](const DnsQuestion& question) {
    return question.name == "web.one.example.com" ? Answers{} : answer_of(question, {"192.0.2.1"});
  });
  write("search one.example.com\n");
  make({.resolv_conf = path_, .search = true, .first_wait = seconds(25)});
  auto waiting = resolver_->resolve("web", Clock::now() + seconds(20));
  waiting.start();
  ASSERT_TRUE(run_until([&] { return server_.questions().size() == 2; }));
  write("search another.example.com\n");
  EXPECT_TRUE(again("shop"));
  ASSERT_TRUE(run_until([&] { return waiting.done(); }));
  const auto resolved = waiting.take();
  ASSERT_TRUE(resolved);
  EXPECT_EQ(texts(*resolved), Names{"192.0.2.1"});
  EXPECT_EQ(server_.questions().back().name, "web.another.example.com");
}

// Names of the machine itself, or at least localhost.
TEST_F(ResolverTest, TheHostsFileIsAskedFirst) {
  std::ifstream hosts("/etc/hosts");
  std::map<std::string, std::string> names;
  for (std::string line; std::getline(hosts, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string address;
    std::string name;
    if (words >> address >> name && syntax::IpAddress::parse(address)) names.emplace(name, address);
  }
  EXPECT_FALSE(names.empty());
  for (const auto& [name, address] : names) {
    const auto resolved = ask(name);
    ASSERT_TRUE(resolved) << name;
    EXPECT_EQ(std::ranges::count(resolved->addresses, *syntax::IpAddress::parse(address)), 1) << name;
    EXPECT_EQ(resolved->ttl, seconds(5));
  }
  EXPECT_TRUE(server_.questions().empty());
}

}  // namespace
}  // namespace sallyport::net
