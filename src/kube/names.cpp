// SPDX-License-Identifier: Apache-2.0

#include "kube/names.hpp"

#include <utility>

#include "base/text.hpp"

namespace sallyport::kube {
namespace {

// As the API writes them where they are not the first word of a field.
constexpr std::pair<std::string_view, std::string_view> special_words[] = {
    {"ip", "IP"},   {"ips", "IPs"}, {"ipv4", "IPv4"}, {"ipv6", "IPv6"}, {"fqdn", "FQDN"},
    {"tcp", "TCP"}, {"udp", "UDP"}, {"sctp", "SCTP"}, {"uid", "UID"},   {"cidr", "CIDR"},
};

std::string capitalised(std::string_view word) {
  for (const auto& [ours, theirs] : special_words) {
    if (word == ours) return std::string(theirs);
  }
  std::string text(word);
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace

std::string field_name(std::string_view member) {
  std::string name;
  for (const std::string_view word : text::split(member, '_')) {
    name += name.empty() ? std::string(word) : capitalised(word);
  }
  return name;
}

std::string value_name(std::string_view enumerator) {
  std::string name;
  for (const std::string_view word : text::split(enumerator, '_')) name += capitalised(word);
  return name;
}

}  // namespace sallyport::kube
