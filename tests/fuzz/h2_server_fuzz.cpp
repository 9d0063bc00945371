// SPDX-License-Identifier: Apache-2.0
// A client's bytes, headers compressed and all, through an HTTP/2 server: what is handled is a request as any parser
// would give it, every request has one end, what is held stays below the cap and is given back, and what is sent is
// frames.

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/h2/frame.hpp"
#include "http/h2/server.hpp"
#include "require.hpp"
#include "support/descriptors.hpp"
#include "support/peer.hpp"
#include "support/scripted_handler.hpp"
#include "syntax/path.hpp"
#include "text_parts.hpp"

namespace sallyport::http::h2 {
namespace {

using fuzz::require;

class Echo final : public Handler {
 public:
  net::Task<Result<Response>> handle(Incoming& incoming) override {
    const RequestHead& head = incoming.request.head;
    ++begun;
    watch(incoming);
    require(head.version == Version::http2 && syntax::is_token(head.method_text));
    require(!head.host.empty() && (head.path.starts_with('/') || head.path == "*"));
    std::string room(head.path.size() * 3 + 1, '\0');
    if (head.path != "*") require(syntax::canonical_path(head.path, {}, room) == head.path);
    for (const Field& field : head.fields) {
      require(syntax::is_token(field.name) && syntax::is_field_value(field.value));
      require(!syntax::is_hop_by_hop(field.id) || field.id == syntax::HeaderId::trailer);
      require(field.id != syntax::HeaderId::host && field.id != syntax::HeaderId::content_length);
    }
    require((incoming.request.body != nullptr) == (head.upgrade.empty() && head.framing != Framing()) ||
            head.framing.length == 0);
    return support::say_body(incoming);
  }
  void refused(Incoming& incoming) override {
    ++begun;
    watch(incoming);
  }

  int begun = 0;
  int ended = 0;

 private:
  void watch(Incoming& incoming) {
    require(incoming.after_last_byte([this](const Outcome&) { ++ended; }));
  }
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

void require_frames(std::string_view sent) {
  while (sent.size() >= frame_header_size) {
    std::array<std::uint8_t, frame_header_size> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(sent[i]);
    const FrameHeader header = read_frame_header(bytes);
    require(static_cast<unsigned>(header.type) <= 9 && header.size <= 16 * 1024);
    require(sent.size() >= frame_header_size + header.size);
    sent.remove_prefix(frame_header_size + header.size);
  }
  require(sent.empty());
}

}  // namespace
}  // namespace sallyport::http::h2

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  using namespace sallyport::http::h2;
  using fuzz::require;
  const std::string bytes = std::string(preface) + std::string(fuzz::whole_text(data, size));
  net::Loop loop;
  net::Ledger ledger(64 * 1024 * 1024);
  Echo handler;
  http::ServerSettings settings;
  settings.http2.nap = net::Duration(0);  // whoever may be put to sleep is, and says good-bye all the same
  support::Pair pair = support::local_pair(SOCK_STREAM);
  support::Peer peer(loop, std::move(pair.other));
  {
    Server server(loop, handler, settings, ledger);
    const auto facts = http::ConnectionFacts::of(*syntax::SocketAddress::parse("192.0.2.1:1"));
    require(server.accept({.fd = std::move(pair.one), .stream = nullptr}, facts, bytes));
    require(ledger.held() <= settings.http2.connection_bytes);
    turn(loop, 4);
    require(ledger.held() <= settings.http2.connection_bytes);
    server.drain();
    turn(loop, 4);
    require(ledger.held() <= settings.http2.connection_bytes);
    if (!peer.over()) require_frames(peer.text());
  }
  require(handler.begun == handler.ended);
  require(ledger.held() == 0);
  return 0;
}
