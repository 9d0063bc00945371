// SPDX-License-Identifier: Apache-2.0
#include "net/resolver.hpp"

#include <ares.h>
#include <netdb.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "net/signal.hpp"
#include "net/socket_address.hpp"
#include "syntax/host.hpp"
#include "syntax/token.hpp"

namespace sallyport::net {

using syntax::IpAddress;

namespace {

constexpr std::array families = {AF_INET, AF_INET6};

std::optional<IpAddress> address_in(int family, const void* bytes) {
  std::array<std::uint8_t, 16> copy{};
  if (family == AF_INET) {
    std::memcpy(copy.data(), bytes, 4);
    return IpAddress::from_v4(std::span<const std::uint8_t, 4>(copy.data(), 4));
  }
  if (family != AF_INET6) return std::nullopt;
  std::memcpy(copy.data(), bytes, copy.size());
  return IpAddress::from_v6(copy);
}

std::optional<IpAddress> address_of(const ares_addrinfo_node& node) {
  KernelAddress address;
  if (node.ai_addr == nullptr || node.ai_addrlen > address.size) return std::nullopt;
  std::memcpy(&address.storage, node.ai_addr, node.ai_addrlen);
  const auto known = from_kernel(address);
  if (!known) return std::nullopt;
  return known->ip;
}

// A time to live with its highest bit set is none (RFC 2181 8).
Duration ttl_of(int seconds) { return std::chrono::seconds(std::max(seconds, 0)); }

// As DNS compares them; without the final dot, which only says that no search domain is meant. Empty: no name. One
// whose last label is a number would be an address to some and a name to others: 127.1.
std::string canonical(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string lower = syntax::lower(name);
  const std::string_view last = std::string_view(lower).substr(lower.rfind('.') + 1);
  const bool is_number = std::ranges::all_of(last, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (is_number || !syntax::is_hostname(lower)) lower.clear();
  return lower;
}

bool says_there_is_none(int status) { return status == ARES_ENOTFOUND || status == ARES_ENODATA; }

}  // namespace

// One name, and all that is known by now. It lives as long as somebody waits, or c-ares is at one of its questions.
struct Resolver::Lookup {
  Signal changed;
  std::vector<int> unasked;  // families; also those whose question ended with its channel
  int open_questions = 0;
  bool lacks_v4 = false;  // that question is not answered
  bool lacks_v6 = false;
  std::vector<IpAddress> addresses;
  Duration ttl = Duration::max();
  std::optional<Time> first_addresses;
  int failure = ARES_SUCCESS;  // of a question that was not answered

  void add(const IpAddress& address, Duration lives) {
    addresses.push_back(address);
    ttl = std::min(ttl, lives);
  }
  void set_lacks(int family, bool lacks) {
    if (family == AF_INET) lacks_v4 = lacks;
    if (family == AF_INET6) lacks_v6 = lacks;
  }
  bool is_whole() const { return open_questions == 0 && unasked.empty(); }
};

// One of the two questions about a name. c-ares answers each, at the latest when the channel is destroyed.
struct Resolver::Question {
  Resolver* resolver;
  std::shared_ptr<Lookup> lookup;
  int family;

  static void on_answer(void* argument, int status, int /*timeouts*/, ares_addrinfo* answer) {
    const std::unique_ptr<Question> self(static_cast<Question*>(argument));
    Lookup& lookup = *self->lookup;
    --lookup.open_questions;
    --self->resolver->questions_;
    if (status == ARES_EDESTRUCTION) {
      lookup.unasked.push_back(self->family);
    } else if (status == ARES_SUCCESS && answer != nullptr) {
      lookup.set_lacks(self->family, false);
      for (const auto* alias = answer->cnames; alias != nullptr; alias = alias->next) {
        lookup.ttl = std::min(lookup.ttl, ttl_of(alias->ttl));
      }
      for (const auto* node = answer->nodes; node != nullptr; node = node->ai_next) {
        if (const auto address = address_of(*node)) lookup.add(*address, ttl_of(node->ai_ttl));
      }
    } else if (says_there_is_none(status)) {
      lookup.set_lacks(self->family, false);
    } else {
      lookup.failure = status;
    }
    if (answer != nullptr) ares_freeaddrinfo(answer);
    if (!lookup.addresses.empty() && !lookup.first_addresses) lookup.first_addresses = self->resolver->loop_.now();
    self->resolver->answered_.push_back(self->lookup);
    self->resolver->loop_.defer(*self->resolver);
  }
};

// Somebody waits for one lookup.
class Resolver::Waiting {
 public:
  explicit Waiting(Resolver& resolver) : resolver_(resolver) { ++resolver_.waiting_; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { --resolver_.waiting_; }

 private:
  Resolver& resolver_;
};

// A socket of c-ares.
class Resolver::Descriptor final : private Watcher {
 public:
  Descriptor(Resolver& resolver, int fd, std::uint32_t events)
      : resolver_(resolver), fd_(fd), watched_(resolver.loop_.add(fd, events, *this)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (watched_) resolver_.loop_.remove(fd_, *this);
  }

  int fd() const { return fd_; }

 private:
  // This may destroy it.
  void on_events(std::uint32_t events) override {
    constexpr std::uint32_t over = EPOLLERR | EPOLLHUP;
    resolver_.advance((events & (EPOLLIN | over)) != 0 ? fd_ : -1, (events & (EPOLLOUT | over)) != 0 ? fd_ : -1);
  }

  Resolver& resolver_;
  int fd_;
  bool watched_;  // otherwise its questions end with their time
};

Resolver::Resolver(Loop& loop, ResolverSettings settings) : loop_(loop), settings_(std::move(settings)) {}

Resolver::~Resolver() { close(); }

void Resolver::close() {
  if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
  TimerWheel::disarm(*this);
}

Task<Result<Resolved>> Resolver::resolve(std::string name, Time deadline) {
  if (const auto address = IpAddress::parse(name)) {
    Resolved itself;
    itself.addresses.push_back(*address);
    itself.ttl = settings_.most_ttl;
    co_return itself;
  }
  std::string wanted = canonical(name);
  if (wanted.empty()) co_return fail(Code::name_not_found, "", text::cat("\"", name, "\" is no host name"));
  const std::size_t most_questions = most_left_behind * settings_.most_at_once * families.size();
  if (waiting_ >= settings_.most_at_once || questions_ >= most_questions) {
    co_return fail(Code::overloaded, "", "too many names are being resolved");
  }
  const Waiting waiting(*this);
  const Error nothing_to_ask_with{.code = Code::name_unresolved, .detail = "there is no memory or descriptor for it"};
  if (!open()) co_return fail(nothing_to_ask_with);
  const auto lookup = std::make_shared<Lookup>();
  if (!ask_hosts(*lookup, wanted)) {
    if (name.ends_with('.')) wanted += '.';
    // Where search domains count, both families have to be of the same one.
    lookup->unasked.assign(families.begin(), families.end());
    if (settings_.search) lookup->unasked.assign(1, AF_UNSPEC);
  }
  while (!lookup->is_whole()) {
    if (!lookup->unasked.empty() && !ask_all(lookup, wanted)) co_return fail(nothing_to_ask_with);
    Time latest = deadline;
    if (lookup->first_addresses) latest = std::min(latest, *lookup->first_addresses + settings_.other_wait);
    if (lookup->is_whole()) break;
    const bool in_time = co_await lookup->changed.wait(loop_, latest);
    if (!in_time) break;
  }
  co_return result_of(*lookup, name);
}

Result<Resolved> Resolver::result_of(Lookup& lookup, std::string_view name) const {
  if (lookup.addresses.empty()) {
    const bool late = !lookup.is_whole() || lookup.failure == ARES_ETIMEOUT;
    if (late) return fail(Code::name_unresolved, "", text::cat("no DNS server answered for ", name, " in time"));
    if (lookup.failure != ARES_SUCCESS) {
      return fail(Code::name_unresolved, "", text::cat("DNS of ", name, ": ", ares_strerror(lookup.failure)));
    }
    return fail(Code::name_not_found, "", text::cat(name, " has no address"));
  }
  std::vector<IpAddress>& all = lookup.addresses;
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  if (all.size() > settings_.most_addresses) all.resize(settings_.most_addresses);
  return Resolved{.addresses = std::move(all),
                  .ttl = std::max(std::min(lookup.ttl, settings_.most_ttl), settings_.least_ttl),
                  .lacks_v4 = lookup.lacks_v4,
                  .lacks_v6 = lookup.lacks_v6};
}

Resolver::Stamp Resolver::stamp() const {
  struct stat facts{};
  if (::stat(settings_.resolv_conf.c_str(), &facts) != 0) return {};
  constexpr std::int64_t second = 1'000'000'000;
  return {
      .inode = facts.st_ino, .size = facts.st_size, .changed = (facts.st_mtim.tv_sec * second) + facts.st_mtim.tv_nsec};
}

// A channel keeps what it was made by, so that a changed file needs another one. What the old one is at ends with it,
// and is asked again by whoever waits: of servers that answer nothing, the file may have been changed for that.
bool Resolver::open() {
  const Stamp now = stamp();
  if (channel_ != nullptr && now == stamp_) return true;
  close();
  ares_options options{};
  int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_RESOLVCONF |
              ARES_OPT_SOCK_STATE_CB;
  std::string lookups = "b";  // what /etc/hosts says is asked before
  options.flags = ARES_FLAG_NOALIASES;
  options.timeout = static_cast<int>(settings_.first_wait.count());
  options.tries = settings_.rounds;
  options.lookups = lookups.data();
  options.resolvconf_path = settings_.resolv_conf.data();
  options.sock_state_cb_data = this;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<Resolver*>(self)->watch(fd, readable != 0, writable != 0);
  };
  if (!settings_.search) given |= ARES_OPT_DOMAINS;  // of which there is none
  if (ares_init_options(&channel_, &options, given) != ARES_SUCCESS) {
    channel_ = nullptr;
    return false;
  }
  if (!settings_.servers.empty()) {
    std::vector<std::string> texts;
    for (const syntax::SocketAddress& server : settings_.servers) texts.push_back(server.text());
    ares_set_servers_ports_csv(channel_, text::join(texts, ",").c_str());
  }
  stamp_ = now;
  return true;
}

// This may end the questions of others, or one of its own.
bool Resolver::ask_all(const std::shared_ptr<Lookup>& lookup, const std::string& name) {
  if (!open()) return false;
  for (const int family : std::exchange(lookup->unasked, {})) ask(lookup, name, family);
  arm();
  return true;
}

void Resolver::ask(const std::shared_ptr<Lookup>& lookup, const std::string& name, int family) {
  ares_addrinfo_hints hints{};
  hints.ai_flags = ARES_AI_NOSORT;  // which would try every address
  hints.ai_family = family;
  lookup->set_lacks(family, true);
  ++lookup->open_questions;
  ++questions_;
  auto question = std::make_unique<Question>(this, lookup, family);
  ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, &Question::on_answer, question.release());
}

// A small file that the kernel has in memory: reading it is no wait. What it says of one family is all that counts of
// the name, as with the C library.
bool Resolver::ask_hosts(Lookup& lookup, const std::string& name) {
  for (const int family : families) {
    hostent* found = nullptr;
    if (ares_gethostbyname_file(channel_, name.c_str(), family, &found) != ARES_SUCCESS) continue;
    for (char** one = found->h_addr_list; *one != nullptr; ++one) {
      if (const auto address = address_in(found->h_addrtype, *one)) lookup.add(*address, Duration::zero());
    }
    ares_free_hostent(found);
  }
  return !lookup.addresses.empty();
}

void Resolver::advance(int readable, int writable) {
  ares_process_fd(channel_, readable, writable);
  arm();
}

// For the next time at which c-ares gives up on an answer.
void Resolver::arm() {
  timeval room{};
  const timeval* const left = ares_timeout(channel_, nullptr, &room);
  if (left == nullptr) return TimerWheel::disarm(*this);
  const Duration wait = std::chrono::seconds(left->tv_sec) + Duration(left->tv_usec / 1'000 + 1);
  loop_.timers().arm(*this, loop_.now() + wait);
}

void Resolver::watch(int fd, bool readable, bool writable) {
  std::erase_if(descriptors_, [&](const auto& one) { return one->fd() == fd; });
  const std::uint32_t events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
  if (events != 0) descriptors_.push_back(std::make_unique<Descriptor>(*this, fd, events));
}

// Outside of c-ares. Whoever goes on may ask again, or be the last who needs this.
void Resolver::at_turn_end() {
  const auto answered = std::exchange(answered_, {});
  for (const auto& lookup : answered) lookup->changed.notify();
}

}  // namespace sallyport::net
