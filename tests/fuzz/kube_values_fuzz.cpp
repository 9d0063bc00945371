// SPDX-License-Identifier: Apache-2.0
// The small values of Kubernetes objects: times, base64 and plain scalars, written anew and read again.

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/evp.h>

#include "kube/base64.hpp"
#include "kube/scalar.hpp"
#include "kube/timestamp.hpp"
#include "require.hpp"
#include "text_parts.hpp"

namespace {

using namespace sallyport;
using fuzz::require;

void check_time(std::string_view text) {
  const auto time = kube::parse_timestamp(text);
  if (!time) return;
  // With an offset it may lie a day outside of the years that can be written.
  const std::time_t seconds = time->seconds;
  std::tm parts{};
  require(::gmtime_r(&seconds, &parts) != nullptr);
  if (parts.tm_year + 1900 < 0 || parts.tm_year + 1900 > 9999) return;
  char written[64];
  const std::size_t size = std::strftime(written, sizeof written, "-%m-%dT%H:%M:%SZ", &parts);
  std::string year = std::to_string(parts.tm_year + 1900);
  year.insert(0, 4 - year.size(), '0');
  require(kube::parse_timestamp(year + std::string(written, size)) == time);
  require(kube::parse_timestamp(year + std::string(written, size - 1) + "+00:00") == time);
}

void check_base64(std::string_view text) {
  std::vector<char> bytes(kube::base64_room(text));
  const auto size = kube::decode_base64(text, bytes.data());
  if (!size) return;
  require(*size <= bytes.size());
  std::vector<unsigned char> again(*size / 3 * 4 + 5);
  const int written =
      ::EVP_EncodeBlock(again.data(), reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(*size));
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == '\n' || c == '\r'; });
  const std::string canonical(again.begin(), again.begin() + written);
  // The last digit of a padded text may have bits that nothing is made of.
  require(plain.size() == canonical.size());
  if (!plain.ends_with('=')) require(plain == canonical);
  std::vector<char> twice(kube::base64_room(canonical));
  require(kube::decode_base64(canonical, twice.data()) == size);
  require(std::string_view(twice.data(), *size) == std::string_view(bytes.data(), *size));
}

void check_scalar(std::string_view text) {
  namespace scalar = kube::scalar;
  const bool null = scalar::is_null(text);
  const bool number = scalar::is_number(text);
  const bool boolean = scalar::boolean(text).has_value();
  require(int{null} + int{number} + int{boolean} <= 1);
  require(!scalar::is_core_boolean(text) || boolean);
  const auto whole = scalar::whole_number(text);
  const auto with_sign = scalar::signed_number(text);
  if (whole) require(number && std::to_string(*whole) == text);
  if (with_sign) require(number && (std::to_string(*with_sign) == text || text == "-0"));
  if (whole && *whole <= INT64_MAX) require(with_sign && static_cast<std::uint64_t>(*with_sign) == *whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::whole_text(data, size);
  check_time(text);
  check_base64(text);
  check_scalar(text);
  return 0;
}
