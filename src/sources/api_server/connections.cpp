// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/connections.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "http/finish_connect.hpp"
#include "net/socket.hpp"
#include "net/tls/credentials.hpp"
#include "net/tls/ticket_keys.hpp"

namespace sallyport::sources::api_server {
namespace {

constexpr std::size_t most_held = std::size_t{64} << 20U;  // bytes, of all connections
constexpr std::size_t most_addresses = 8;                  // that are tried, of a name
constexpr net::Duration resolving{10'000};

std::string_view words_of(Code code) {
  switch (code) {
    case Code::connect_timeout:
      return "does not answer";
    case Code::upstream_untrusted:
      return "shows a certificate that is not trusted";
    case Code::upstream_tls:
      return "cannot be spoken to by TLS";
    case Code::overloaded:
      return "cannot be connected to: too much is open here";
    default:
      return "cannot be connected to";
  }
}

}  // namespace

http::ClientSettings connection_settings() {
  http::ClientSettings settings;
  settings.http2.stream_window = 256 * 1024;
  settings.http2.connection_bytes = std::size_t{32} << 20U;
  settings.http2_silence = net::Duration(15'000);
  settings.http2_pong = net::Duration(10'000);
  settings.http2_asks_again = true;
  settings.handshake = net::Duration(5'000);
  settings.connect = net::Duration(5'000);
  settings.body = {.grace = std::chrono::hours(24 * 366), .bytes_per_second = 0};  // whoever reads has a deadline
  return settings;
}

Connections::Connections(net::Loop& loop, const AccessSettings& settings, const http::ClientSettings& http,
                         const Pauses& pauses, Resolve resolve)
    : loop_(loop),
      settings_(settings),
      http_(http),
      longest_pause_(pauses.longest),
      backoff_(pauses.first, chance_),
      resolve_(std::move(resolve)),
      ledger_(most_held),
      may_connect_(loop),
      sessions_(loop) {
  if (settings.server.is_tls) library_.emplace(net::tls::TicketSeed::random());
}

// What it is made of.

Result<std::shared_ptr<const net::tls::ClientContext>> Connections::context_of(const TlsMaterial& tls) {
  const auto refused = [&](std::string_view what, const Error& error) {
    return fail(invalid(text::cat(what, " of ", settings_.origin, " cannot be used: ", error.detail)));
  };
  net::tls::UpstreamSettings wanted{.server_name =
                                        settings_.server_name.empty() ? settings_.server.host : settings_.server_name};
  wanted.verify = settings_.verify;
  wanted.ca = tls.authority;
  wanted.protocols = {"h2", "http/1.1"};
  if (!tls.certificate.empty()) {
    auto credentials = net::tls::Credentials::make(*library_, tls.certificate, tls.key.reveal());
    if (!credentials) return refused("the client certificate", credentials.error());
    wanted.credentials = std::move(*credentials);
  }
  auto context = net::tls::ClientContext::make(*library_, wanted);
  if (!context) return refused("the certificate authority", context.error());
  return context;
}

// A pair that does not fit may be one half of a rotation: what was good before goes on, if there is something.
Result<void> Connections::use(const std::shared_ptr<const TlsMaterial>& tls) {
  if (!settings_.server.is_tls) return {};
  if (tls == nullptr) return fail(invalid(text::cat("there is nothing to speak TLS with for ", settings_.origin)));
  if (tls == material_) return {};
  auto context = context_of(*tls);
  problem_.reset();
  if (!context) problem_ = context.error();
  if (!context && context_ == nullptr) return Failure(context.error());
  material_ = tls;
  if (!context) return {};
  context_ = std::move(*context);
  ++generation_;
  backoff_.reset();  // what failed was something else
  not_before_ = {};
  sessions_.retire();
  idle_ = std::make_shared<IdleConnections>();
  return {};
}

// Giving connections out.

std::optional<Carrier> Connections::at_once(Arena& arena, http::Notes& notes) {
  if (http::h2::ClientConnection* const on = sessions_.with_room()) {
    return Carrier(std::make_unique<http::h2::ClientStream>(*on, arena, notes));
  }
  IdleConnections::Connection idle = sessions_.take_http1();
  if (idle != nullptr && !idle->begin(arena, notes)) idle.reset();
  if (idle == nullptr) idle = idle_->take(arena, notes);
  if (idle == nullptr) return std::nullopt;
  return Carrier(std::move(idle), idle_);
}

net::Task<Result<Carrier>> Connections::carrier(std::shared_ptr<const TlsMaterial> tls, Arena& arena,
                                                http::Notes& notes, net::Time deadline) {
  const Result<void> usable = use(tls);
  if (!usable) co_return Failure(usable.error());
  for (;;) {
    std::optional<Carrier> there = at_once(arena, notes);
    if (there) co_return std::move(*there);
    const net::Time now = loop_.now();
    if (now >= deadline) co_return fail(explained(Error{.code = Code::connect_timeout}));
    if (now < not_before_ && !sessions_.is_making()) {
      co_await may_connect_.wait(std::min(deadline, not_before_));
      continue;
    }
    if (speaks_http1()) co_return co_await own(arena, notes, deadline);
    if (!sessions_.is_making()) sessions_.make(connect(net::Time::max()));
    const std::uint64_t attempt = sessions_.attempts();
    static_cast<void>(co_await sessions_.wait(deadline));
    if (sessions_.attempts() != attempt && sessions_.failure()) co_return Failure(*sessions_.failure());
  }
}

// For one exchange, as far as is known: the server may speak HTTP/2 by now.
net::Task<Result<Carrier>> Connections::own(Arena& arena, http::Notes& notes, net::Time deadline) {
  Result<http::MadeConnection> made = co_await connect(deadline);
  if (!made) co_return Failure(made.error());
  sessions_.note_http1(made->http1 != nullptr);
  if (made->http1 != nullptr) {
    static_cast<void>(made->http1->begin(arena, notes));
    co_return Carrier(std::move(made->http1), idle_);
  }
  http::h2::ClientConnection& on = *made->http2;
  sessions_.add(std::move(made->http2));
  co_return Carrier(std::make_unique<http::h2::ClientStream>(on, arena, notes));
}

void Connections::answered() {
  backoff_.reset();
  not_before_ = {};
  may_connect_.wake();
}

// Many exchanges that lose one connection are one failure.
void Connections::unanswered() {
  if (loop_.now() >= not_before_) failed();
}

void Connections::failed() {
  ++report_.failures;
  not_before_ = loop_.now() + backoff_.next(longest_pause_);
}

// Making them.

Error Connections::explained(const Error& error, std::string_view address) const {
  std::string detail = text::cat("the API server ", settings_.server.text());
  if (!address.empty() && address != settings_.server.host) detail += text::cat(" (", address, ")");
  detail += text::cat(" ", words_of(error.code));
  if (!error.detail.empty()) detail += text::cat(": ", error.detail);
  return {.code = error.code, .retry_safe = true, .detail = std::move(detail)};
}

net::Task<Result<http::MadeConnection>> Connections::connect(net::Time deadline) {
  for (;;) {
    ++report_.connects;
    const std::uint64_t generation = generation_;
    Result<std::vector<syntax::IpAddress>> found = co_await addresses(deadline);
    if (!found) {
      failed();
      co_return Failure(explained(found.error()));
    }
    Result<http::MadeConnection> made = co_await connect_to(std::move(*found), deadline);
    if (generation != generation_) continue;  // it was made of what is not shown any more
    if (!made) failed();
    co_return made;
  }
}

net::Task<Result<std::vector<syntax::IpAddress>>> Connections::addresses(net::Time deadline) {
  const Result<syntax::IpAddress> literal = syntax::IpAddress::parse(settings_.server.host);
  if (literal) co_return std::vector<syntax::IpAddress>(1, *literal);
  const net::Time latest = std::min(deadline, loop_.now() + resolving);
  Result<std::vector<syntax::IpAddress>> found = co_await resolve_(settings_.server.host, latest);
  if (found && found->empty()) co_return fail(Code::connect_failed, "", "the name has no address");
  co_return found;
}

// The first that takes it; else what is wrong with the last.
net::Task<Result<http::MadeConnection>> Connections::connect_to(std::vector<syntax::IpAddress> addresses,
                                                                net::Time deadline) {
  const auto preferred = std::ranges::find(addresses, preferred_);
  if (preferred != addresses.end()) std::rotate(addresses.begin(), preferred, std::next(preferred));
  if (addresses.size() > most_addresses) addresses.resize(most_addresses);
  Result<http::MadeConnection> made = fail(Code::connect_failed);
  for (const syntax::IpAddress& address : addresses) {
    made = co_await connect_to_one(address, deadline);
    if (made) preferred_ = address;
    if (made) break;
    made = fail(explained(made.error(), address.text()));
    if (loop_.now() >= deadline) break;
  }
  co_return made;
}

net::Task<Result<http::MadeConnection>> Connections::connect_to_one(syntax::IpAddress address, net::Time deadline) {
  const syntax::SocketAddress to{.ip = address, .port = settings_.server.port};
  net::IoResult<net::Fd> fd = net::start_connect(to);
  if (!fd) co_return fail(fd.error() == net::IoError::exhausted ? Code::overloaded : Code::connect_failed);
  http::Connecting how{
      .settings = http_, .ledger = ledger_, .quota = nullptr, .tls = context_, .http2 = settings_.server.is_tls};
  co_return co_await http::finish_connect(loop_, std::move(*fd), std::move(how), deadline);
}

}  // namespace sallyport::sources::api_server
