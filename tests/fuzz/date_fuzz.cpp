// SPDX-License-Identifier: Apache-2.0
// The Date field: read by the C library it is the second that it was made of. The eight first bytes are that second.

#include "http/date.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::http;
  using sallyport::fuzz::require;
  std::int64_t seconds = 0;
  std::memcpy(&seconds, data, std::min(size, sizeof seconds));
  for (const std::int64_t second : {seconds, seconds % 253402300800}) {
    const auto date = imf_date(second);
    const std::string text(date.data(), date.size());
    std::tm time{};
    const char* const end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
    require(end != nullptr && *end == '\0');
    const std::int64_t again = ::timegm(&time);
    require(again == std::clamp<std::int64_t>(second, 0, 253402300799));
    char written[64];
    require(std::strftime(written, sizeof written, "%a, %d %b %Y %H:%M:%S GMT", &time) == text.size());
    require(text == written);  // timegm() has put the day of the week right

    DateText kept;
    require(kept.at(second) == text && kept.at(second) == text);
  }
  return 0;
}
