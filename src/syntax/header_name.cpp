// SPDX-License-Identifier: Apache-2.0

#include "syntax/header_name.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "syntax/token.hpp"

namespace sallyport::syntax {
namespace {

enum Kind : std::uint8_t { ordinary = 0, hop_by_hop = 1, managed = 2, client_claim = 4 };

struct Known {
  HeaderId id;
  std::string_view name;
  unsigned kind = ordinary;
};

using enum HeaderId;

constexpr auto known = std::to_array<Known>({
    {other, ""},
    {host, "host", managed},
    {content_length, "content-length", managed},
    {transfer_encoding, "transfer-encoding", hop_by_hop | managed},
    {connection, "connection", hop_by_hop},
    {keep_alive, "keep-alive", hop_by_hop},
    {proxy_connection, "proxy-connection", hop_by_hop},
    {te, "te", hop_by_hop},
    {trailer, "trailer", hop_by_hop},
    {upgrade, "upgrade", hop_by_hop},
    {http2_settings, "http2-settings", hop_by_hop},
    {proxy_authenticate, "proxy-authenticate", hop_by_hop},
    {proxy_authorization, "proxy-authorization", hop_by_hop},
    {forwarded, "forwarded", managed | client_claim},
    {x_forwarded_for, "x-forwarded-for", managed | client_claim},
    {x_forwarded_proto, "x-forwarded-proto", managed | client_claim},
    {x_forwarded_host, "x-forwarded-host", managed | client_claim},
    {x_forwarded_port, "x-forwarded-port", managed | client_claim},
    {x_forwarded_prefix, "x-forwarded-prefix", managed | client_claim},
    {x_forwarded_server, "x-forwarded-server", managed | client_claim},
    {x_forwarded_ssl, "x-forwarded-ssl", managed | client_claim},
    {x_real_ip, "x-real-ip", managed | client_claim},
    {x_request_id, "x-request-id", managed | client_claim},
    {x_envoy_external_address, "x-envoy-external-address", managed | client_claim},
    {x_original_url, "x-original-url", managed | client_claim},
    {x_rewrite_url, "x-rewrite-url", managed | client_claim},
    {x_sallyport_explain, "x-sallyport-explain", managed | client_claim},
    {accept, "accept"},
    {accept_charset, "accept-charset"},
    {accept_encoding, "accept-encoding"},
    {accept_language, "accept-language"},
    {accept_ranges, "accept-ranges"},
    {access_control_allow_origin, "access-control-allow-origin"},
    {access_control_request_headers, "access-control-request-headers"},
    {access_control_request_method, "access-control-request-method"},
    {age, "age"},
    {allow, "allow"},
    {authorization, "authorization", managed},
    {cache_control, "cache-control"},
    {content_disposition, "content-disposition"},
    {content_encoding, "content-encoding"},
    {content_language, "content-language"},
    {content_location, "content-location"},
    {content_range, "content-range"},
    {content_type, "content-type"},
    {cookie, "cookie", managed},
    {date, "date"},
    {dnt, "dnt"},
    {etag, "etag"},
    {expect, "expect"},
    {expires, "expires"},
    {grpc_accept_encoding, "grpc-accept-encoding"},
    {grpc_encoding, "grpc-encoding"},
    {grpc_message, "grpc-message"},
    {grpc_status, "grpc-status"},
    {grpc_timeout, "grpc-timeout"},
    {if_match, "if-match"},
    {if_modified_since, "if-modified-since"},
    {if_none_match, "if-none-match"},
    {if_range, "if-range"},
    {if_unmodified_since, "if-unmodified-since"},
    {last_modified, "last-modified"},
    {link, "link"},
    {location, "location"},
    {origin, "origin"},
    {pragma, "pragma"},
    {priority, "priority"},
    {range, "range"},
    {referer, "referer"},
    {retry_after, "retry-after"},
    {sec_fetch_dest, "sec-fetch-dest"},
    {sec_fetch_mode, "sec-fetch-mode"},
    {sec_fetch_site, "sec-fetch-site"},
    {sec_fetch_user, "sec-fetch-user"},
    {sec_websocket_accept, "sec-websocket-accept"},
    {sec_websocket_extensions, "sec-websocket-extensions"},
    {sec_websocket_key, "sec-websocket-key"},
    {sec_websocket_protocol, "sec-websocket-protocol"},
    {sec_websocket_version, "sec-websocket-version"},
    {server, "server"},
    {set_cookie, "set-cookie"},
    {strict_transport_security, "strict-transport-security"},
    {traceparent, "traceparent"},
    {tracestate, "tracestate"},
    {upgrade_insecure_requests, "upgrade-insecure-requests"},
    {user_agent, "user-agent"},
    {vary, "vary"},
    {via, "via"},
    {warning, "warning"},
    {www_authenticate, "www-authenticate"},
    {x_requested_with, "x-requested-with"},
});

static_assert(known.size() == header_id_count);
static_assert([] {
  for (std::size_t index = 0; index < known.size(); ++index) {
    if (static_cast<std::size_t>(known[index].id) != index) return false;
  }
  return true;
}());

using Folding = std::array<char, 256>;

// '_' becomes '-' as well.
constexpr Folding alias_table = [] {
  Folding table = lower_table;
  table['_'] = '-';
  return table;
}();

constexpr std::size_t shortest = 2;
constexpr std::size_t longest = [] {
  std::size_t most = 0;
  for (const Known& entry : known) most = std::max(most, entry.name.size());
  return most;
}();

constexpr std::size_t slot_count = 512;

constexpr unsigned char folded(const Folding& table, char c) {
  return static_cast<unsigned char>(table[static_cast<unsigned char>(c)]);
}

// Length, first, middle and last character do not part sec-fetch-mode from sec-fetch-site; the last but one does.
constexpr std::size_t slot_of(const Folding& table, std::string_view name) {
  const std::size_t size = name.size();
  std::uint32_t mix = static_cast<std::uint32_t>(size);
  mix = mix * 31 + folded(table, name[0]);
  mix = mix * 31 + folded(table, name[size / 2]);
  mix = mix * 31 + folded(table, name[size - 2]);
  mix = mix * 31 + folded(table, name[size - 1]);
  return (mix * 0x9e3779b1u) >> 23;
}
static_assert(slot_count == 1u << (32 - 23));

constexpr std::size_t next_slot(std::size_t slot) { return (slot + 1) % slot_count; }

// Ids by slot; 0 is a free slot.
constexpr auto slots = [] {
  std::array<std::uint8_t, slot_count> table{};
  for (std::size_t id = 1; id < known.size(); ++id) {
    std::size_t slot = slot_of(lower_table, known[id].name);
    while (table[slot] != 0) slot = next_slot(slot);
    table[slot] = static_cast<std::uint8_t>(id);
  }
  return table;
}();

// An unknown name must not cost a walk: no run of taken slots is long.
static_assert([] {
  std::size_t run = 0;
  for (std::size_t slot = 0; slot < 2 * slot_count; ++slot) {
    run = slots[slot % slot_count] == 0 ? 0 : run + 1;
    if (run > 5) return false;
  }
  return true;
}());

constexpr std::size_t longest_name = 32;
static_assert(longest <= longest_name);

// What a look-up needs of `known`, in as few lines of memory as it can be.
struct Compact {
  alignas(64) std::array<std::array<char, longest_name>, known.size()> names;
  std::array<std::uint8_t, known.size()> sizes;
  std::array<std::uint8_t, known.size()> kinds;
};
constexpr Compact compact = [] {
  Compact made{};
  for (std::size_t id = 0; id < known.size(); ++id) {
    std::ranges::copy(known[id].name, made.names[id].begin());
    made.sizes[id] = static_cast<std::uint8_t>(known[id].name.size());
    made.kinds[id] = static_cast<std::uint8_t>(known[id].kind);
  }
  return made;
}();

bool equals_folded(const Folding& table, std::string_view name, const char* lower_name) {
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (table[static_cast<unsigned char>(name[at])] != lower_name[at]) return false;
  }
  return true;
}

// Eight characters at once: those that are letters in our name may differ in the bit that is a letter's case.
bool equal_eight(const char* name, const char* lower_name) {
  std::uint64_t given = 0;
  std::uint64_t ours = 0;
  std::memcpy(&given, name, sizeof given);
  std::memcpy(&ours, lower_name, sizeof ours);
  constexpr std::uint64_t in_letters = 0x4040404040404040;  // and in neither '-' nor a digit
  return ((given ^ ours) & ~((ours & in_letters) >> 1)) == 0;
}

bool equals_lower(std::string_view name, const char* lower_name) {
  const std::size_t size = name.size();
  if (size < 8) return equals_folded(lower_table, name, lower_name);
  for (std::size_t at = 0; at + 8 < size; at += 8) {
    if (!equal_eight(name.data() + at, lower_name + at)) return false;
  }
  return equal_eight(name.data() + size - 8, lower_name + size - 8);
}

template <class Equal>
HeaderId find(const Folding& table, std::string_view name, Equal equal) {
  if (name.size() < shortest || name.size() > longest) return other;
  for (std::size_t slot = slot_of(table, name); slots[slot] != 0; slot = next_slot(slot)) {
    const std::size_t id = slots[slot];
    if (compact.sizes[id] == name.size() && equal(name, compact.names[id].data())) return HeaderId{slots[slot]};
  }
  return other;
}

// Each word of a name with a capital.
constexpr auto spellings = [] {
  std::array<std::array<char, longest_name>, known.size()> all{};
  for (std::size_t at = 0; at < known.size(); ++at) {
    bool starts_word = true;
    for (std::size_t i = 0; i < known[at].name.size(); ++i) {
      const char c = known[at].name[i];
      all[at][i] = starts_word && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      starts_word = c == '-';
    }
  }
  return all;
}();

bool has_kind(HeaderId id, unsigned kind) { return (compact.kinds[static_cast<std::size_t>(id)] & kind) != 0; }

bool is_of_family(std::string_view name, std::string_view prefix) {
  return name.size() > prefix.size() && equals_folded(alias_table, name.substr(0, prefix.size()), prefix.data());
}

// Names without an id: of the family of X-Forwarded-For, and those by which gateways tell of a client's certificate
// (RFC 9440 for one, nginx and HAProxy by custom).
bool is_other_claim(std::string_view name) {
  if (name.empty()) return false;
  switch (alias_table[static_cast<unsigned char>(name[0])]) {
    case 'x':
      return is_of_family(name, "x-forwarded-") || is_of_family(name, "x-ssl-client-");
    case 's':
      return is_of_family(name, "ssl-client-");
    case 'c':
      return is_of_family(name, "client-cert-") ||
             (name.size() == 11 && equals_folded(alias_table, name, "client-cert"));
    default:
      return false;
  }
}

}  // namespace

HeaderId header_id(std::string_view name) { return find(lower_table, name, equals_lower); }

HeaderId alias_id(std::string_view name) {
  return find(alias_table, name,
              [](std::string_view given, const char* lower) { return equals_folded(alias_table, given, lower); });
}

std::string_view name_of(HeaderId id) { return known[static_cast<std::size_t>(id)].name; }

std::string_view spelling_of(HeaderId id) {
  const std::size_t at = static_cast<std::size_t>(id);
  return {spellings[at].data(), known[at].name.size()};
}

bool is_hop_by_hop(HeaderId id) { return has_kind(id, hop_by_hop); }

bool is_managed(HeaderId id) { return has_kind(id, managed); }

bool is_client_claim(HeaderId id) { return has_kind(id, client_claim); }

bool is_managed_name(std::string_view name) { return is_managed(alias_id(name)) || is_other_claim(name); }

bool is_client_claim_name(std::string_view name) { return is_client_claim(alias_id(name)) || is_other_claim(name); }

}  // namespace sallyport::syntax
