// SPDX-License-Identifier: Apache-2.0
// What parses as a duration is written so that it parses to the same duration, within what five digits of hours can
// say.

#include "syntax/duration.hpp"

#include <cstdint>
#include <string_view>

#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::syntax;
  using sallyport::fuzz::require;
  const auto duration = parse_duration({reinterpret_cast<const char*>(data), size});
  if (!duration) {
    require(duration.error().code == sallyport::Code::invalid && !duration.error().detail.empty());
    return 0;
  }
  require(duration->count() >= 0);
  if (*duration < std::chrono::hours(100'000)) require(parse_duration(duration_text(*duration)) == *duration);
  return 0;
}
