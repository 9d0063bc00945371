// SPDX-License-Identifier: Apache-2.0
// Headers of the PROXY protocol: a verdict never changes when more bytes come, and comes within the longest header;
// what is written of a header that was read is read as the same again.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/proxy_protocol.hpp"
#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  using namespace sallyport::net;
  using fuzz::require;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  const auto whole = parse_proxy_header(bytes);
  const bool is_whole = whole && *whole;
  require(!whole || *whole || size < longest_proxy_header);
  if (!whole) require(whole.error().code == Code::bad_request && !whole.error().detail.empty());
  if (is_whole) require((*whole)->size != 0 && (*whole)->size <= size && (*whole)->size <= longest_proxy_header);

  for (std::size_t part = 0; part < size && part <= longest_proxy_header; ++part) {
    const auto sooner = parse_proxy_header(bytes.substr(0, part));
    if (sooner && !*sooner) continue;
    require(sooner.has_value() == whole.has_value());
    if (sooner) require(**sooner == **whole);
    break;
  }
  if (!is_whole) return 0;

  const ProxyHeader& header = **whole;
  const bool names = header.speaks == ProxyHeader::Speaks::for_client;
  require(names || (header.client == syntax::SocketAddress() && header.local == syntax::SocketAddress()));
  const ProxyTeller teller{
      .speaks = header.speaks, .client = header.client, .local = header.local, .authority = bytes.substr(0, 300)};
  ProxyHeaderRoom room;
  for (const auto write : {write_proxy_v1, write_proxy_v2}) {
    const std::string_view written = write(room, teller);
    const auto again = parse_proxy_header(written);
    require(again && *again && (*again)->size == written.size());
    require((*again)->client == header.client && (*again)->local == header.local);
  }
  return 0;
}
