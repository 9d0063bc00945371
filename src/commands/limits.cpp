// SPDX-License-Identifier: Apache-2.0
#include "commands/limits.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <limits>
#include <ranges>
#include <type_traits>

#include "base/number.hpp"
#include "base/text.hpp"

namespace sallyport::commands {
namespace {

std::uint64_t number(net::Duration duration) { return static_cast<std::uint64_t>(duration.count()); }
std::uint64_t number(std::uint64_t count) { return count; }

constexpr std::uint64_t most_of_all = std::numeric_limits<std::uint32_t>::max();

struct Words {
  std::string_view effect;
  std::string_view reason;
  std::string_view derived = {};
};

struct Range {
  std::uint64_t least = 1;
  std::uint64_t most = most_of_all;
};

// `find` gives the member of the options that the limit is kept in.
template <class Find>
constexpr Limit limit(std::string_view name, std::string_view unit, Words words, Find, Range range = {}) {
  return {.name = name,
          .unit = unit,
          .effect = words.effect,
          .reason = words.reason,
          .derived = words.derived,
          .least = range.least,
          .most = range.most,
          .get =
              [](const RunOptions& options) {
                RunOptions copy = options;
                return number(Find()(copy));
              },
          .set =
              [](RunOptions& options, std::uint64_t value) {
                auto& member = Find()(options);
                using Member = std::remove_reference_t<decltype(member)>;
                member =
                    Member(static_cast<std::conditional_t<std::is_integral_v<Member>, Member, std::int64_t>>(value));
              }};
}

const std::array table = {
    limit("process-bytes", "bytes",
          {.effect = "held by all connections together: buffers, what requests need, connections themselves, "
                     "coroutines. Near it clients feel the stages of pressure; at it they get 503 or a reset",
           .reason = "The other half is for the configuration, the kernel's buffers and blocks that are kept for the "
                     "next request.",
           .derived = "half of the memory that the machine or the cgroup has, and no less than 64 MiB"},
          [](RunOptions& o) -> auto& { return o.proxy.process_bytes; },
          {.least = 1024 * 1024, .most = std::uint64_t{1} << 50}),
    limit(
        "connection-bytes", "bytes",
        {.effect = "held by one connection; more gets 503, or a reset when the head is out",
         .reason =
             "The largest head, the largest buffers both ways and a full arena fit in it, and nothing else is needed."},
        [](RunOptions& o) -> auto& { return o.proxy.server.connection_bytes; }, {.least = 64 * 1024}),
    limit("connections", "connections",
          {.effect = "of clients, all workers together; more wait in the kernel's queue. Workers that accept at one "
                     "moment may go over it by one each",
           .reason = "A request needs two descriptors, one on each side; the reserve is for listening sockets, files, "
                     "health and admin.",
           .derived = "half of the descriptors allowed, after a reserve of 256, or of half of them"},
          [](RunOptions& o) -> auto& { return o.proxy.connections; }),
    limit(
        "source-connections", "connections",
        {.effect = "of one IPv4 address or IPv6 /64; more are closed at once. `--trusted-proxies` are not counted",
         .reason = "Of more than a few dozen, one source may bring on haste (85 %) and never shedding (92 %). It is no "
                   "less because a load balancer may hide all clients behind its own address.",
         .derived = "seven eighths of `connections`, rounded up"},
        [](RunOptions& o) -> auto& { return o.proxy.source_connections; }),
    limit(
        "upstream-connections", "connections",
        {.effect = "to endpoints; what needs one more ends those that are idle, or gets 503. Beyond three quarters of "
                   "it none is kept for the next request",
         .reason = "As many as clients may have.",
         .derived = "as many as `connections`"},
        [](RunOptions& o) -> auto& { return o.proxy.upstream_connections; }),
    limit(
        "glitches", "points",
        {.effect = "that odd but legal things cost one client's connection: at three quarters its next answer says "
                   "Connection: close, at all of it the answer is 400. A point each: an empty line before a request, "
                   "a field dropped for its `_`, an Upgrade (but to h2c) or Expect that is not followed, a trailer of "
                   "a name that may not be one, a chunk with extensions, 1024 chunks of up to 8 bytes, 16 pieces of "
                   "a head of up to 32 bytes each (the first 8 are forgiven). Four: an option of Connection that names "
                   "a field which may not be removed",
         .reason = "Browsers, curl and load generators have none; who has a hundred is looking for a weakness, or "
                   "keeps the parser busy."},
        [](RunOptions& o) -> auto& { return o.proxy.server.limits.glitches; }),
    limit("request-line-bytes", "bytes",
          {.effect = "a longer one gets 414", .reason = "What browsers and other servers agree on."},
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.request_line; }),
    limit("uri-bytes", "bytes",
          {.effect = "a longer one gets 414", .reason = "What browsers and other servers agree on."},
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.uri; }),
    limit("head-bytes", "bytes",
          {.effect = "a longer one gets 431",
           .reason = "Four times what large cookies need; the buffer for a head has 64 KiB."},
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.head; }, {.most = 49152}),
    limit("head-fields", "fields", {.effect = "more get 431", .reason = "Browsers send about 20."},
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.fields; }),
    limit("trailer-bytes", "bytes",
          {.effect = "a longer section gets 431",
           .reason = "Trailers carry a checksum or a status; they are kept until the body has ended."},
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.trailers; }, {.most = 8192}),
    limit("trailer-fields", "fields", {.effect = "more get 431", .reason = "As for their bytes."},
          [](RunOptions& o) -> auto& { return o.proxy.server.limits.trailer_fields; }),
    limit("h2-connection-bytes", "bytes",
          {.effect =
               "held by one HTTP/2 connection of a client, all its streams together; a stream that finds no room is "
               "refused, which is safe to try again",
           .reason = "A hundred heads, the bodies that may wait and what waits to be sent fit in it."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.connection_bytes; }, {.least = 256 * 1024}),
    limit("h2-streams", "streams",
          {.effect = "of one HTTP/2 connection at a time; more are refused, which is safe to try again",
           .reason = "The least that RFC 9113 advises, so that nobody has less parallelism than it counts on."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.streams; }, {.most = 10'000}),
    limit("h2-stream-window", "bytes",
          {.effect = "of one request's body over HTTP/2 that may wait for the upstream",
           .reason = "The protocol's own default; it is what one slow upload may hold."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.stream_window; }, {.least = 1024, .most = 1 << 24}),
    limit("h2-connection-window", "bytes",
          {.effect = "of all bodies of one HTTP/2 connection together that may wait for upstreams",
           .reason = "Three uploads that nobody reads do not stop the fourth."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.connection_window; },
          {.least = 65535, .most = 1 << 26}),
    limit("h2-block-bytes", "bytes",
          {.effect = "of one head over HTTP/2, compressed, in all its frames; then the connection ends",
           .reason = "Twice the largest head: what is more cannot become one that is accepted."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.block_bytes; }),
    limit("h2-continuations", "frames",
          {.effect = "that go on with a head over HTTP/2; then the connection ends",
           .reason = "Four of the usual size hold the largest head."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.continuations; }),
    limit("h2-block-time", "milliseconds",
          {.effect = "from the first frame of a head over HTTP/2 to its last; then the connection ends",
           .reason = "Nothing else can be sent meanwhile, so nobody stops there."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.block; }),
    limit(
        "h2-resets", "streams",
        {.effect = "that an HTTP/2 client resets, or has us reset, within `h2-reset-time`, if they are more than half "
                   "of those that it opens: then it shall open no more. At twice as many the connection ends",
         .reason = "A page that is left resets what it was still loading, once."},
        [](RunOptions& o) -> auto& { return o.proxy.server.http2.resets; }),
    limit("h2-reset-time", "milliseconds",
          {.effect = "in which `h2-resets` are counted", .reason = "Longer than a page takes to load."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.reset_window; }),
    limit("h2-progress", "bytes",
          {.effect = "that a client of HTTP/2 takes of one response in a `write-stall`; then that stream is reset. Of "
                     "responses that wait for the window of all, as many times as there are of these",
           .reason = "Its connection's pace is for all its streams together. A window that opens by single bytes is no "
                     "progress."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.progress; }),
    limit("h2-nap-time", "milliseconds",
          {.effect =
               "that an HTTP/2 connection of a client may be without a stream; then its session, of about 9 KiB, is "
               "taken down to what it has to know, and the next byte makes it anew",
           .reason = "Pages ask for more within it, or much later."},
          [](RunOptions& o) -> auto& { return o.proxy.server.http2.nap; }),
    limit("head-time", "milliseconds",
          {.effect = "from the first byte of a request to the end of its head; then 408",
           .reason = "In all, not for each byte, so that a byte now and then does not help. A head of the largest size "
                     "comes within it over a modem."},
          [](RunOptions& o) -> auto& { return o.proxy.server.head; }),
    limit(
        "hello-time", "milliseconds",
        {.effect = "from the first moment of a connection with TLS, or the end of its PROXY header, to the end of its "
                   "ClientHello; then it is closed",
         .reason = "Clients send it at once."},
        [](RunOptions& o) -> auto& { return o.proxy.handshake.hello; }),
    limit("handshake-time", "milliseconds",
          {.effect = "from the same moment to the end of the handshake; then it is closed",
           .reason = "As for a head: in all, so that a byte now and then does not help."},
          [](RunOptions& o) -> auto& { return o.proxy.handshake.total; }),
    limit("handshakes", "handshakes",
          {.effect = "that one worker is at with clients, at once; for one more the oldest that is over a second old "
                     "ends, or else its client is told internal_error. As many with endpoints; what needs one more "
                     "gets 503",
           .reason =
               "Each holds many times what a connection does. A worker does a thousand of them in less than a second."},
          [](RunOptions& o) -> auto& { return o.proxy.handshakes; }),
    limit("source-handshakes", "handshakes",
          {.effect = "of those with clients, of one IPv4 address or IPv6 /64; for one more the oldest of these that is "
                     "over a second old ends, or else its client is told internal_error. `--trusted-proxies` are not "
                     "counted",
           .reason = "No single source takes all there are. It is no less because a load balancer may hide all clients "
                     "behind its own address.",
           .derived = "half of `handshakes`, rounded up"},
          [](RunOptions& o) -> auto& { return o.proxy.source_handshakes; }),
    limit("idle-time", "milliseconds",
          {.effect = "that a client's connection may have nothing to do; then it is closed",
           .reason = "Longer than the pause between two clicks, shorter than most NATs remember a connection."},
          [](RunOptions& o) -> auto& { return o.proxy.server.idle; }),
    limit("body-grace", "milliseconds",
          {.effect = "of waiting for a request's body, which its bytes refill; then 408",
           .reason = "A phone that changes its cell comes back within it."},
          [](RunOptions& o) -> auto& { return o.proxy.server.body.grace; }),
    limit("body-rate", "bytes a second",
          {.effect = "that refill `body-grace`", .reason = "The slowest line that is in use is ten times as fast."},
          [](RunOptions& o) -> auto& { return o.proxy.server.body.bytes_per_second; }),
    limit("write-stall", "milliseconds",
          {.effect = "that a client may take no byte of a response, and that it may be behind `read-rate` in all; then "
                     "it is reset",
           .reason = "Some retransmissions of TCP, at the pauses that it makes."},
          [](RunOptions& o) -> auto& { return o.proxy.server.write_stall; }),
    limit("read-rate", "bytes a second",
          {.effect = "that a client takes of a response, beside one `write-stall`; then it is reset",
           .reason = "As slow as an upload may be. Who takes a byte every half a minute holds buffers on both sides."},
          [](RunOptions& o) -> auto& { return o.proxy.server.read_rate; }),
    limit("linger-time", "milliseconds",
          {.effect = "for the rest of a request that was answered without it, and for a client to notice the end",
           .reason = "Enough for the answer to arrive before the connection is gone."},
          [](RunOptions& o) -> auto& { return o.proxy.server.linger; }),
    limit("linger-bytes", "bytes",
          {.effect = "of the rest of a request that was answered without it",
           .reason = "What a small form still sends; more is cheaper on a new connection."},
          [](RunOptions& o) -> auto& { return o.proxy.server.linger_bytes; }),
    limit("request-time", "milliseconds",
          {.effect = "from the first byte of a request to the head of its response; then 504",
           .reason = "Uploads take their time; what hangs is found by the other limits."},
          [](RunOptions& o) -> auto& { return o.proxy.request; }),
    limit("connect-time", "milliseconds",
          {.effect = "an attempt to connect to an endpoint; then the next one is tried, or 504",
           .reason = "Endpoints are near: a second is a lost SYN and its repetition missed."},
          [](RunOptions& o) -> auto& { return o.proxy.client.connect; }),
    limit("upstream-head-time", "milliseconds",
          {.effect = "from the end of a request to the head of its response; then 504",
           .reason = "What other proxies wait, and users do not."},
          [](RunOptions& o) -> auto& { return o.proxy.client.head; }),
    limit("upload-time", "milliseconds",
          {.effect = "for the head of a response while the request is still being sent; then 504",
           .reason = "The sender's pace is limited by itself; this is the end of it."},
          [](RunOptions& o) -> auto& { return o.proxy.client.while_sending; }),
    limit("upstream-body-time", "milliseconds",
          {.effect = "between two pieces of a response; then 504, or a reset when the head is out",
           .reason = "Long polls and event streams are quiet for minutes."},
          [](RunOptions& o) -> auto& { return o.proxy.client.body.grace; }),
    limit("upstream-write-stall", "milliseconds",
          {.effect =
               "that an endpoint may take no byte of a request; then no more is sent, and its answer is waited for. "
               "Over HTTP/2 one that has begun is broken off",
           .reason = "As for a client."},
          [](RunOptions& o) -> auto& { return o.proxy.client.write_stall; }),
    limit("upstream-idle-time", "milliseconds",
          {.effect = "that a connection to an endpoint is kept unused",
           .reason = "Shorter than what endpoints usually keep, so that we are the side that ends it."},
          [](RunOptions& o) -> auto& { return o.proxy.client.idle; }),
    limit("upstream-handshake-time", "milliseconds",
          {.effect = "TLS with an endpoint, once connected; then the next one is tried, or 504",
           .reason = "Two round trips and a signature: what takes longer hangs."},
          [](RunOptions& o) -> auto& { return o.proxy.client.handshake; }),
    limit("upstream-h2-streams", "streams",
          {.effect = "of one HTTP/2 connection to an endpoint at a time, if it allows as many; more open another one",
           .reason = "What most servers allow, and a bound of what waits on one connection."},
          [](RunOptions& o) -> auto& { return o.proxy.client.http2.streams; }, {.most = 10'000}),
    limit("upstream-h2-stream-window", "bytes",
          {.effect = "of one response over HTTP/2 that may wait for its client",
           .reason = "The protocol's own default; it is what one slow client may hold."},
          [](RunOptions& o) -> auto& { return o.proxy.client.http2.stream_window; }, {.least = 1024, .most = 1 << 24}),
    limit("upstream-h2-connection-bytes", "bytes",
          {.effect = "held by one HTTP/2 connection to an endpoint; a stream that finds no room gets 503, or a reset "
                     "when the head is out",
           .reason = "A window for each of a hundred streams fits in it."},
          [](RunOptions& o) -> auto& { return o.proxy.client.http2.connection_bytes; }, {.least = 256 * 1024}),
    limit("upstream-h2-silence", "milliseconds",
          {.effect = "that an HTTP/2 connection to an endpoint may be silent while it is asked something; then a PING "
                     "asks whether it is there, once until it says something else",
           .reason = "An endpoint that vanished says nothing; gRPC servers end connections that ask often."},
          [](RunOptions& o) -> auto& { return o.proxy.client.http2_silence; }),
    limit("upstream-h2-pong-time", "milliseconds",
          {.effect = "for the answer to that; then all that is asked there gets 504, or a reset when the head is out",
           .reason = "As long as the silence before it."},
          [](RunOptions& o) -> auto& { return o.proxy.client.http2_pong; }),
    limit(
        "dns-time", "milliseconds",
        {.effect = "for the addresses of an endpoint that is a name, if none are known, or they have been out of date "
                   "for 10 s and DNS did not fail since; then those serve, or 502",
         .reason = "Three questions to a server that loses two of them."},
        [](RunOptions& o) -> auto& { return o.proxy.names.wait; }),
    limit("dns-addresses", "addresses",
          {.effect = "of one name; of more the first in order count",
           .reason = "More than the largest services have; an answer may bring thousands."},
          [](RunOptions& o) -> auto& { return o.proxy.names.resolver.most_addresses; }, {.most = 10'000}),
    limit(
        "dns-ttl-least", "milliseconds",
        {.effect = "that addresses of a name are used before they are asked for again, whatever the answer says; also "
                   "between two questions that fail",
         .reason = "A name that says 0 asks for a question with every request."},
        [](RunOptions& o) -> auto& { return o.proxy.names.resolver.least_ttl; }),
    limit("dns-ttl-most", "milliseconds",
          {.effect = "the same, at most", .reason = "Whoever moves a service waits no longer than that for us."},
          [](RunOptions& o) -> auto& { return o.proxy.names.resolver.most_ttl; }),
    limit("dns-stale", "milliseconds",
          {.effect = "that old addresses of a name are used while no DNS server answers",
           .reason = "An outage of DNS is no outage of what it names (RFC 8767)."},
          [](RunOptions& o) -> auto& { return o.proxy.names.stale; }),
    limit("tunnel-idle-time", "milliseconds",
          {.effect = "that a tunnel may be without a byte in both directions; then both connections are closed",
           .reason = "WebSocket programs that are alive say so more often."},
          [](RunOptions& o) -> auto& { return o.proxy.client.tunnel_idle; }),
    limit("tunnel-stall", "milliseconds",
          {.effect = "that a side of a tunnel may take no byte; then both connections are closed",
           .reason = "As for a response."},
          [](RunOptions& o) -> auto& { return o.proxy.client.tunnel_stall; }),
    limit("metric-series", "series",
          {.effect = "of /metrics, all families together; what is over is added up",
           .reason = "A scrape of them stays below a few milliseconds. Below 500 the fixed ones would not fit."},
          [](RunOptions& o) -> auto& { return o.metric_series; }, {.least = 500}),
};

struct Shown {
  std::string value;
  std::string bounds;  // what follows the effect
};

Shown default_and_bounds(const Limit& one) {
  Shown shown;
  shown.value = one.derived.empty() ? std::to_string(one.get(RunOptions())) : std::string(one.derived);
  if (one.most != most_of_all) shown.bounds += text::cat(". At most ", one.most);
  if (one.least != 1) shown.bounds += text::cat(". At least ", one.least);
  return shown;
}

}  // namespace

std::span<const Limit> limits() { return table; }

Result<void> set_limit(RunOptions& options, std::string_view assignment) {
  const auto equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  const auto found = std::ranges::find(table, name, &Limit::name);
  if (found == table.end()) {
    std::string names;
    for (const Limit& one : table) names += text::cat(names.empty() ? "" : ", ", one.name);
    return fail(invalid(text::cat("--limit ", assignment, ": there is no limit of this name; there are ", names)));
  }
  const auto value =
      equals == assignment.npos ? std::nullopt : parse_decimal<std::uint64_t>(assignment.substr(equals + 1));
  if (!value || *value < found->least || *value > found->most) {
    return fail(invalid(text::cat("--limit ", assignment, ": expected ", name, "=NUMBER, in ", found->unit, ", from ",
                                  found->least, " to ", found->most)));
  }
  found->set(options, *value);
  return {};
}

void follow_connections(proxy::Settings& settings) {
  settings.upstream_connections = settings.connections;
  settings.source_connections = settings.connections - settings.connections / 8;
}

Result<void> set_limits(RunOptions& options, std::span<const std::string> assignments) {
  const auto is_of_all = [](const std::string& one) {
    return one.starts_with("connections=") || one.starts_with("handshakes=");
  };
  const auto set = [&options](const std::string& one) { return set_limit(options, one); };
  for (const std::string& one : assignments | std::views::filter(is_of_all)) {
    if (const auto done = set(one); !done) return done;
    if (one.starts_with('c')) {
      follow_connections(options.proxy);
    } else {
      options.proxy.source_handshakes = (options.proxy.handshakes + 1) / 2;
    }
  }
  for (const std::string& one : assignments | std::views::filter(std::not_fn(is_of_all))) {
    if (const auto done = set(one); !done) return done;
  }
  return {};
}

std::string limits_text() {
  std::string all;
  for (const Limit& one : table) {
    const auto [value, bounds] = default_and_bounds(one);
    all += one.derived.empty() ? text::cat(one.name, "=", value, "  ", one.unit)
                               : text::cat(one.name, "  ", one.unit, ", by default ", value);
    all += text::cat("; ", one.effect, bounds, "\n");
  }
  return all;
}

std::string limits_page() {
  std::string page =
      "# Limits\n\n"
      "Made by `sallyport limits` from the table in `src/commands/limits.cpp`: edit that, not this page.\n\n"
      "`--limit NAME=VALUE` sets one, in whole numbers above 0; a value that cannot be is refused at the start. What "
      "they "
      "are\non a machine is said by `sallyport limits --in-force`, and of a running gateway by `/limits` of the admin "
      "port.\n\n"
      "| limit | default | unit | of what, and what happens then | why so much |\n|---|---|---|---|---|\n";
  for (const Limit& one : table) {
    const auto [value, bounds] = default_and_bounds(one);
    page += text::cat("| `", one.name, "` | ", value, " | ", one.unit, " | ", one.effect, bounds, " | ", one.reason,
                      " |\n");
  }
  return page +
         "\n## Under pressure\n\n"
         "Each worker compares, once a turn of its loop, what the process holds with `process-bytes` and "
         "`connections`. A stage ends\n"
         "five points below where it began. `sallyport_pressure_stage` is its number. The control log has a line when "
         "the highest of all\n"
         "workers differs, looked at five times a second. The health and the admin port are outside of all this.\n\n"
         "| stage | begins at | of | then |\n|---|---|---|---|\n"
         "| 1 | 85 % | bytes, connections | `idle-time`, `head-time`, `body-grace`, `linger-time`, `hello-time` and "
         "`handshake-time` are a quarter of what they were |\n"
         "| 2 | 92 % | bytes, connections | no connection of a client stays after its answer; idle ones end, an eighth "
         "at a time, the oldest first |\n"
         "| 3 | 95 % | bytes | requests get 503 (`overloaded`), no connection is accepted |\n"
         "| 4 | 98 % | bytes | of each worker the exchange that holds most is reset, if it has a buffer for much, "
         "and again every 50 ms |\n";
}

}  // namespace sallyport::commands
