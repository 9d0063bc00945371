// SPDX-License-Identifier: Apache-2.0
// An upstream's bytes, headers compressed and all, through an HTTP/2 connection with two requests on it: what comes of
// them is answers as any parser would give them, a clean end has all of a body, what is held stays below the cap and is
// given back.

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/h2/client_connection.hpp"
#include "http/h2/client_stream.hpp"
#include "require.hpp"
#include "support/descriptors.hpp"
#include "support/peer.hpp"
#include "text_parts.hpp"

namespace sallyport::http::h2 {
namespace {

using fuzz::require;

// One request and what comes of it.
struct Exchange {
  Exchange(ClientConnection& on, Method method, std::string_view text) : stream(on, arena, notes) {
    request.head.method = method;
    request.head.method_text = text;
    request.head.path = "/";
    request.head.authority = "a";
  }

  net::Task<void> run() {
    const Hop hop;
    const Result<void> sent = co_await stream.send(request, hop);
    if (!sent) co_return;
    ResponseHead head(arena);
    do {
      const Result<void> got = co_await stream.read_head(request.head.method, head, net::Time::max());
      if (!got) co_return;
      judge(head);
    } while (head.status < 200);
    Body& body = stream.begin_body(head.framing);
    std::uint64_t size = 0;
    for (;;) {
      const Result<std::string_view> piece = co_await body.read();
      if (!piece) co_return;
      if (piece->empty()) break;
      size += piece->size();
    }
    if (head.framing.kind == Framing::Kind::length) require(size == head.framing.length);
    if (head.framing.kind == Framing::Kind::none) require(size == 0);
    if (body.trailers() != nullptr) judge(*body.trailers());
  }

  static void judge(const Fields& fields) {
    for (const Field& field : fields) {
      require(syntax::is_token(field.name) && syntax::is_field_value(field.value));
      require(!syntax::is_hop_by_hop(field.id) || field.id == syntax::HeaderId::trailer);
      require(field.id == syntax::header_id(field.name));
    }
  }
  void judge(const ResponseHead& head) const {
    require(head.status >= 100 && head.status <= 599 && head.status != 101);
    require(head.framing.kind != Framing::Kind::close);
    judge(head.fields);
    const bool has_length = head.fields.find(syntax::HeaderId::content_length) != nullptr;
    require(!has_length || head.status == 304 || request.head.method == Method::head);
  }

  Arena arena;
  Notes notes;
  Request request{arena};
  ClientStream stream;
  net::Task<void> task;
};

class Keeper final : public ClientConnection::Keeper {
 public:
  void drop(ClientConnection& dropped) override {
    require(&dropped == connection.get());
    connection.reset();
  }
  void has_room(ClientConnection&) override {}

  std::unique_ptr<ClientConnection> connection;
};

void turn(net::Loop& loop, int count) {
  int left = count;
  loop.set_after_turn([&] {
    if (--left <= 0) return loop.stop();
    loop.post([] {});
  });
  loop.post([] {});
  loop.run();
  loop.set_after_turn({});
}

}  // namespace
}  // namespace sallyport::http::h2

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  using namespace sallyport::http::h2;
  using fuzz::require;
  net::Loop loop;
  net::Ledger ledger(64 * 1024 * 1024);
  const http::ClientSettings settings;
  support::Pair pair = support::local_pair(SOCK_STREAM);
  support::Peer peer(loop, std::move(pair.other));
  {
    Keeper keeper;
    net::Socket::Released connection;
    connection.fd = std::move(pair.one);
    keeper.connection = std::make_unique<ClientConnection>(loop, std::move(connection), settings, ledger);
    ClientConnection& on = *keeper.connection;
    on.keep(keeper);
    {
      Exchange one(on, http::Method::get, "GET");
      Exchange two(on, http::Method::head, "HEAD");
      for (Exchange* const exchange : {&one, &two}) {
        exchange->task = exchange->run();
        exchange->task.start();
      }
      turn(loop, 2);
      peer.send(fuzz::whole_text(data, size));
      turn(loop, 4);
      require(ledger.held() <= settings.http2.connection_bytes);
    }
    turn(loop, 4);
    require(keeper.connection == nullptr || keeper.connection->streams() == 0);
  }
  require(ledger.held() == 0);
  return 0;
}
