// SPDX-License-Identifier: Apache-2.0
// What a client says of itself, through the filters that hear or remove it: from whom nobody trusts, nothing is left;
// from a trusted proxy the client is the first address that is none. The log line of each is one line of JSON. The
// first byte chooses the client, the rest are the fields of a request.

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "filters/forwarded_headers.hpp"
#include "filters/request_id.hpp"
#include "http/h1/request_parser.hpp"
#include "kube/json.hpp"
#include "net/loop.hpp"
#include "proxy/log_line.hpp"
#include "require.hpp"
#include "syntax/header_name.hpp"

namespace {

using namespace sallyport;
using fuzz::require;
using syntax::HeaderId;
using syntax::IpAddress;

const std::vector<syntax::Cidr> trusted = {*syntax::Cidr::parse("10.0.0.0/8"), *syntax::Cidr::parse("2001:db8::/32")};
constexpr std::array<std::string_view, 4> peers = {"192.0.2.1", "10.1.2.3", "2001:db8::7", "2001:db9::7"};

bool is_trusted(const IpAddress& address) {
  for (const syntax::Cidr& block : trusted) {
    if (block.contains(address)) return true;
  }
  return false;
}

struct Nobody final : http::InterimSink, http::Caller {
  net::Task<Result<void>> interim(const http::ResponseHead&) override { co_return Result<void>(); }
  net::Task<Result<http::Response>> call(std::string_view, const http::Request&, Arena&, http::CallLimits) override {
    co_return fail(Code::internal);
  }
};

class Walk final : public filters::Exchange, private filters::Stage {
 public:
  using Exchange::Exchange;
  ~Walk() override = default;

  bool passes(const filters::Chain& chain) {
    const filters::Next next(chain, static_cast<filters::Stage&>(*this));
    net::Task<Result<http::Response>> task = next(*this);
    net::Beside<Result<http::Response>> running(std::move(task));
    require(running.done());
    return reached_;
  }

 private:
  net::Task<Result<http::Response>> run() override {
    reached_ = true;
    co_return http::Response(arena());
  }
  net::Task<Result<http::Response>> reroute() override { co_return fail(Code::no_path); }

  bool reached_ = false;
};

// The hops of all X-Forwarded-For fields, in order.
std::vector<std::string> hops_of(const http::Fields& fields) {
  std::vector<std::string> all;
  for (const http::Field& field : fields) {
    if (field.id != HeaderId::x_forwarded_for) continue;
    std::string_view rest = field.value;
    for (;;) {
      const std::size_t comma = rest.find(',');
      all.emplace_back(syntax::trim_ows(rest.substr(0, comma)));
      if (comma == rest.npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return all;
}

// The plain reading: from the nearest on, while who speaks is trusted and what was said is an address.
IpAddress expected_client(const std::vector<std::string>& hops, const IpAddress& peer) {
  IpAddress client = peer;
  for (std::size_t at = hops.size(); at-- > 0 && is_trusted(client);) {
    const auto address = IpAddress::parse(hops[at]);
    if (!address) break;
    client = *address;
  }
  return client;
}

std::size_t count(const http::Fields& fields, HeaderId id) {
  std::size_t found = 0;
  for (const http::Field& field : fields) found += field.id == id ? 1 : 0;
  return found;
}

void check_line(const filters::Exchange& exchange) {
  std::string line;
  const http::Outcome outcome{.status = 200, .received = 3, .sent = 5};
  proxy::append_log_line(line, proxy::WallTime(std::chrono::seconds(1'700'000'000)), exchange, outcome);
  require(line.ends_with('\n') && line.find('\n') == line.size() - 1);
  require(kube::parse_json(line).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static net::Loop loop;
  static const filters::Chain chain = {
      std::make_shared<filters::ForwardedHeaders>(model::ForwardedHeaders{.trusted = trusted}),
      std::make_shared<filters::RequestId>(model::RequestId{.trusted = trusted})};
  const IpAddress peer = *IpAddress::parse(peers[data[0] % peers.size()]);
  const std::string bytes =
      "GET /a HTTP/1.1\r\n" + std::string(reinterpret_cast<const char*>(data + 1), size - 1) + "\r\n\r\n";

  Arena arena;
  Nobody nobody;
  const auto connection = http::ConnectionFacts::of({peer, 1});
  http::Incoming incoming(arena, loop, connection, nobody);
  http::Conduct conduct;
  conduct.underscores = http::Underscores::keep;
  http::Notes notes;
  const auto head = http::h1::parse_request_head(bytes, {}, conduct, arena, incoming.request.head, notes);
  if (!head || *head == 0) return 0;
  const std::vector<std::string> hops = hops_of(incoming.request.head.fields);

  filters::SharedStates shared;
  filters::WorkerStates states(shared);
  const model::Listener listener{.id = "web", .port = 80};
  Walk walk(incoming, listener, states, nobody, std::array<std::uint64_t, 2>{1, 2});
  if (!walk.passes(chain)) return 0;
  const http::Fields& fields = incoming.request.head.fields;
  for (const HeaderId id : {HeaderId::x_forwarded_for, HeaderId::x_request_id}) require(count(fields, id) == 1);
  for (const HeaderId id : {HeaderId::x_forwarded_proto, HeaderId::x_forwarded_host, HeaderId::x_forwarded_port}) {
    require(count(fields, id) >= 1);
  }
  const std::vector<std::string> told = hops_of(fields);
  require(told.back() == peer.text());
  if (!is_trusted(peer)) {
    require(told.size() == 1 && walk.client == peer);
    std::size_t claims = 0;
    for (const http::Field& field : fields) claims += syntax::is_client_claim_name(field.name) ? 1 : 0;
    require(claims == 5);
  } else {
    require(std::vector<std::string>(told.begin(), told.end() - 1) == hops);
    require(walk.client == expected_client(hops, peer));
  }
  check_line(walk);
  return 0;
}
