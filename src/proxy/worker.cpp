// SPDX-License-Identifier: Apache-2.0
#include "proxy/worker.hpp"

#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <ranges>
#include <utility>

#include "http/h1/scratch.hpp"
#include "net/frame_pool.hpp"
#include "net/tls/memory.hpp"
#include "proxy/log_line.hpp"

namespace sallyport::proxy {
namespace {

net::Duration hurried(net::Duration time) { return std::max(time / 4, net::Duration(1)); }

// What a client is waited for under pressure.
http::ServerSettings hurried(http::ServerSettings settings) {
  for (net::Duration* time : {&settings.idle, &settings.head, &settings.body.grace, &settings.linger}) {
    *time = hurried(*time);
  }
  return settings;
}

http::ServerSettings over_tls(http::ServerSettings settings) {
  settings.conduct.default_port = 443;
  return settings;
}

}  // namespace

Worker::Worker(std::size_t number, const Settings& settings, Shares& shares, filters::SharedStates& shared,
               AccessLog* log)
    : number_(number),
      settings_(settings),
      server_settings_{{{settings.server, hurried(settings.server)},
                        {over_tls(settings.server), over_tls(hurried(settings.server))}}},
      shares_(shares),
      log_(log),
      ledger_(shares.bytes),
      states_(shared),
      tls_(shares.ticket_seed, settings.handshakes),
      handshakes_(settings.handshakes, settings.source_handshakes, settings.source_exempt),
      names_(loop_, settings.names),
      pools_([this](const routing::Backend& backend) { return make_pool(backend); }),
      snapshot_(std::make_shared<const routing::Snapshot>()),
      pressure_(settings.process_bytes, settings.connections) {
  report_.number = number;
  if (::getrandom(random_.data(), sizeof random_, 0) != sizeof random_) random_ = {number + 1, 2, 3, 4};
  loop_.set_after_turn([this] { after_turn(); });
  next_keys_.fire();
}

void Worker::run() {
  loop_.run();
  // Connections end before what their requests hold on to.
  close_doors();
  entrances_.clear();
  if (log_ != nullptr) log_->ring(number_).publish();
}

// xoshiro256++: fast, and random enough for request ids; nothing secret is made of it.
std::array<std::uint64_t, 2> Worker::random() {
  std::array<std::uint64_t, 2> numbers;
  for (std::uint64_t& number : numbers) {
    auto& s = random_;
    number = std::rotl(s[0] + s[3], 23) + s[0];
    const std::uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = std::rotl(s[3], 45);
  }
  return numbers;
}

std::shared_ptr<Pool> Worker::make_pool(const routing::Backend& backend) {
  const std::size_t offset = number_ * backend.endpoints->endpoints.size() / settings_.workers;
  Manner manner = manner_of(backend.model);
  if (manner.is_tls) manner.make_tls = [this, part = backend.part] { return tls_manner_of(*part); };
  return std::make_shared<Pool>(
      backend.model.id, loop_, settings_.client, ledger_, offset, &shares_.upstreams, [this] { end_idle_upstreams(); },
      std::move(manner), Reach{.names = &names_, .rules = &settings_.connect_rules});
}

Manner Worker::manner_of(const model::Backend& backend) {
  return {.http2 = backend.protocol == model::Protocol::http2,
          .proxy_protocol = backend.proxy_protocol,
          .is_tls = backend.tls.has_value()};
}

// Its TLS settings were judged by whoever wrote the model; what OpenSSL does not take is closed, not left out.
Manner Worker::tls_manner_of(const model::Backend& backend) {
  Manner manner = manner_of(backend);
  net::tls::UpstreamSettings settings{.server_name = backend.tls->server_name};
  settings.sans = backend.tls->sans;
  settings.verify = backend.tls->verify;
  settings.ca = backend.tls->ca;
  if (const auto& own = backend.tls->client_certificate) {
    auto credentials = net::tls::Credentials::make(tls_.library(), own->chain, own->key->reveal());
    manner.is_broken = !credentials;
    if (credentials) settings.credentials = std::move(*credentials);
  }
  const auto make = [&](std::vector<std::string> protocols) {
    settings.protocols = std::move(protocols);
    auto context = net::tls::ClientContext::make(tls_.library(), settings);
    if (!context) manner.is_broken = true;
    return context ? std::move(*context) : nullptr;
  };
  auto http1 = make({"http/1.1"});
  manner.tls = manner.http2 ? make({"h2", "http/1.1"}) : std::move(http1);
  if (manner.http2) manner.tls_http1 = std::move(http1);
  return manner;
}

// Requests in flight keep the snapshot that they began with.
void Worker::adopt(const routing::Change& change) {
  pools_.adopt(change);
  snapshot_ = Passage::Snapshot(change.snapshot);
  if (tls_.has_any()) forget_.soon();
}

void Worker::forget(const std::vector<routing::Slot>& backends) { pools_.forget(backends); }

void Worker::listen(const model::Id& listener, const syntax::SocketAddress& address, net::Fd socket) {
  auto& entrance = entrances_[listener];
  if (entrance == nullptr) {
    entrance = std::make_unique<Entrance>(*this, listener);
  }
  entrance->undo_drain();  // it may have had no address for a while
  auto accept_here = [to = entrance.get(), address](net::Fd fd, const syntax::SocketAddress& peer) {
    to->accept(std::move(fd), peer, address);
  };
  Door& door = doors_[address];
  door = {listener, std::make_unique<net::Acceptor>(loop_, std::move(socket), std::move(accept_here))};
  if (shut_) door.acceptor->pause();
}

void Worker::stop_listening(const syntax::SocketAddress& address) {
  const auto door = doors_.find(address);
  if (door == doors_.end()) return;
  const model::Id listener = door->second.listener;
  doors_.erase(door);
  const bool last = std::ranges::none_of(doors_, [&](const auto& one) { return one.second.listener == listener; });
  if (last) entrances_[listener]->drain();
}

std::size_t Worker::connections() const {
  std::size_t all = 0;
  for (const auto& entrance : entrances_ | std::views::values) all += entrance->connections();
  return all;
}

// Between the last look at the cap and this another worker may have taken the last place: then there is one more.
bool Worker::opened(const syntax::IpAddress& source) {
  if (!shares_.sources.enter(source)) {
    ++report_.sources_refused;
    return false;
  }
  shares_.clients.add();
  if (shares_.clients.is_full()) shut_doors(true);
  return true;
}

bool Worker::renamed(const syntax::IpAddress& was, const syntax::IpAddress& is) {
  if (!shares_.sources.enter(is)) {
    ++report_.sources_refused;
    return false;
  }
  shares_.sources.leave(was);
  return true;
}

void Worker::closed(const syntax::IpAddress& source) {
  shares_.clients.remove();
  shares_.sources.leave(source);
}

void Worker::shut_doors(bool shut) {
  if (std::exchange(shut_, shut) == shut) return;
  for (const Door& door : doors_ | std::views::values) shut ? door.acceptor->pause() : door.acceptor->resume();
}

void Worker::after_turn() {
  charge_frames();
  const Stage before = pressure_.stage();
  const Stage stage = pressure_.update(shares_.bytes.taken(), shares_.clients.used());
  if (stage != before) enter(stage);
  if (stage >= Stage::shed) relieve();
  if (shares_.upstreams.is_full()) end_idle_upstreams();  // another worker may need them
  shut_doors(stage >= Stage::refuse || shares_.clients.is_full());
  if (shut_ || stage >= Stage::shed) loop_.timers().arm(again_, loop_.now() + between_looks);
  if (log_ != nullptr && log_->ring(number_).publish()) log_->wake();
}

// Once a turn for all of them, and for OpenSSL's memory. What is refused is tried again in the next turn.
void Worker::charge_frames() {
  const auto of_tls = static_cast<std::size_t>(std::max<std::int64_t>(net::tls::memory_in_use(), 0));
  const std::size_t now = net::FramePool::mine().in_use() + of_tls;
  if (now > charged_frames_ && !ledger_.charge(now - charged_frames_)) return;
  if (now < charged_frames_) ledger_.release(charged_frames_ - now);
  charged_frames_ = now;
}

void Worker::enter(Stage stage) {
  shown_stage_.store(stage, std::memory_order_relaxed);
  for (const auto& entrance : entrances_ | std::views::values) entrance->feel_pressure();
}

const http::ServerSettings& Worker::server_settings(bool over_tls) const {
  return server_settings_[over_tls ? 1 : 0][pressure_.stage() >= Stage::hurry ? 1 : 0];
}

net::tls::AcceptTimes Worker::handshake_times() const {
  net::tls::AcceptTimes times = settings_.handshake;
  if (pressure_.stage() < Stage::hurry) return times;
  return {.hello = hurried(times.hello), .total = hurried(times.total)};
}

// An eighth of the idle connections at a time, so that what is gained is seen before more of them end.
void Worker::relieve() {
  if (loop_.now() < next_relief_) return;
  next_relief_ = loop_.now() + between_looks;
  for (const auto& entrance : entrances_ | std::views::values) report_.shed += entrance->end_oldest_idle();
  if (pressure_.stage() == Stage::cut) cut_largest();
}

// One of all listeners.
void Worker::cut_largest() {
  constexpr std::size_t least = http::h1::scratch_cost + net::BufferPool::large;  // others hold little
  http::Sessions* largest = nullptr;
  for (const auto& entrance : entrances_ | std::views::values) {
    for (http::Sessions* const one : entrance->sessions()) {
      if (largest == nullptr || one->largest() > largest->largest()) largest = one;
    }
  }
  if (largest != nullptr && largest->reset_largest(least)) ++report_.cut;
}

// Near the cap none is kept, so what there is of them is found by a look now and then.
void Worker::end_idle_upstreams() {
  if (loop_.now() < next_end_of_idle_upstreams_) return;
  next_end_of_idle_upstreams_ = loop_.now() + between_looks;
  pools_.for_each([](Pool& pool) { pool.end_idle(); });
}

// A door that closes takes those who wait before it, which may look at all doors that are open.
void Worker::close_doors() { const auto closing = std::exchange(doors_, {}); }

void Worker::drain() {
  close_doors();
  for (const auto& entrance : entrances_ | std::views::values) entrance->drain();
}

WorkerReport Worker::report() const {
  WorkerReport report = report_;
  for (const auto& entrance : entrances_ | std::views::values) {
    report.open += entrance->connections();
    for (const http::Sessions* const one : entrance->sessions()) {
      report.accepted += one->accepted();
      report.notes += one->notes();
    }
  }
  report.charged_bytes = ledger_.held();
  report.held_bytes = loop_.buffers().in_use();
  report.frame_bytes = charged_frames_;
  report.pressure = static_cast<std::uint64_t>(pressure_.stage());
  if (log_ != nullptr) report.lost_log_lines = log_->ring(number_).lost();
  pools_.for_each([&](Pool& pool) { report.backends.push_back(pool.report()); });
  return report;
}

void Worker::log_line() {
  log_->ring(number_).write(line_);
  line_.clear();
}

void Worker::count_handshake(const net::tls::Facts& facts) {
  ++(facts.resumed ? report_.resumed_handshakes : report_.full_handshakes);
}

// Nobody pushes the lines of requests out of the log by handshakes that cost him nothing.
bool Worker::may_log_refusal() {
  constexpr std::size_t most_a_second = 100;
  if (refusals_since_ + std::chrono::seconds(1) <= loop_.now()) {
    refusals_since_ = loop_.now();
    refusal_lines_ = 0;
  }
  return ++refusal_lines_ <= most_a_second;
}

// Whoever ends without a word has only looked whether somebody is here.
void Worker::count_refusal(const http::ConnectionFacts& facts, const model::Id& listener, std::string_view name,
                           const net::tls::Refusal& why) {
  ++report_.refusals[static_cast<std::size_t>(why.reason)];
  if (log_ == nullptr || (why.reason == net::tls::Reason::gone && name.empty()) || !may_log_refusal()) return;
  append_log_line(line_, loop_.wall(), {.facts = facts, .listener = listener, .server_name = name, .why = why});
  log_line();
}

void Worker::count(RequestCounters& requests, const http::Outcome& outcome, std::optional<http::GrpcStatus> call) {
  requests.count(outcome.status, outcome.took);
  if (outcome.error) ++report_.by_code[static_cast<std::size_t>(*outcome.error)];
  if (!call) return;
  requests.count(*call);
  ++report_.by_grpc_status[static_cast<std::size_t>(*call)];
}

void Worker::count(const Passage& passage, const http::Outcome& outcome) {
  count(passage.pool() != nullptr ? passage.pool()->report().requests : report_.unrouted, outcome,
        passage.log.grpc_status);
  if (log_ == nullptr) return;
  append_log_line(line_, loop_.wall(), passage, outcome);
  log_line();
}

void Worker::count_refused(const http::Incoming& incoming, const http::Outcome& outcome) {
  // An error with this status is the answer to a call of gRPC.
  std::optional<http::GrpcStatus> call;
  if (outcome.error && outcome.status == 200) call = http::grpc_status_for(*outcome.error);
  count(report_.unrouted, outcome, call);
  if (log_ == nullptr) return;
  append_log_line(line_, loop_.wall(), incoming, outcome, call);
  log_line();
}

}  // namespace sallyport::proxy
