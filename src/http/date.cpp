// SPDX-License-Identifier: Apache-2.0

#include "http/date.hpp"

#include <algorithm>
#include <chrono>

namespace sallyport::http {
namespace {

// Three letters each.
constexpr std::string_view days = "SunMonTueWedThuFriSat";
constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";

constexpr std::int64_t last_second = 253402300799;  // of the year 9999

class Writer {
 public:
  explicit Writer(std::array<char, imf_date_size>& room) : at_(room.data()) {}

  void text(std::string_view text) { at_ = std::ranges::copy(text, at_).out; }
  void name(std::string_view names, unsigned index) { text(names.substr(std::size_t{3} * index, 3)); }
  void two_digits(unsigned number) {
    *at_++ = static_cast<char>('0' + number / 10 % 10);
    *at_++ = static_cast<char>('0' + number % 10);
  }

 private:
  char* at_;
};

}  // namespace

std::array<char, imf_date_size> imf_date(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, last_second))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto second = static_cast<unsigned>((time - day).count());
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));

  std::array<char, imf_date_size> all{};
  Writer out(all);
  out.name(days, std::chrono::weekday(day).c_encoding());
  out.text(", ");
  out.two_digits(static_cast<unsigned>(date.day()));
  out.text(" ");
  out.name(months, static_cast<unsigned>(date.month()) - 1);
  out.text(" ");
  out.two_digits(year / 100);
  out.two_digits(year % 100);
  out.text(" ");
  out.two_digits(second / 3600);
  out.text(":");
  out.two_digits(second / 60 % 60);
  out.text(":");
  out.two_digits(second % 60);
  out.text(" GMT");
  return all;
}

}  // namespace sallyport::http
