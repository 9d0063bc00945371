// SPDX-License-Identifier: Apache-2.0
// The Date field's text (IMF-fixdate, RFC 9110 5.6.7), made once a second. A DateText belongs to one thread.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::http {

inline constexpr std::size_t imf_date_size = 29;

// Seconds since 1970, UTC; those outside of the years 1970 to 9999 give the nearest second in them.
std::array<char, imf_date_size> imf_date(std::int64_t seconds);

class DateText {
 public:
  // Good until the next call with another second.
  std::string_view at(std::int64_t seconds) {
    if (seconds != seconds_) {
      text_ = imf_date(seconds);
      seconds_ = seconds;
    }
    return {text_.data(), text_.size()};
  }

 private:
  std::int64_t seconds_ = 0;
  std::array<char, imf_date_size> text_ = imf_date(0);
};

}  // namespace sallyport::http
