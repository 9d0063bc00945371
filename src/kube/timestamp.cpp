// SPDX-License-Identifier: Apache-2.0

#include "kube/timestamp.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/number.hpp"

namespace sallyport::kube {
namespace {

// Takes numbers and marks off the front of a text; it is not good() any more from the first that does not fit.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  unsigned number(std::size_t digits, unsigned most) {
    const auto value = parse_decimal<unsigned>(text_.substr(0, digits));
    good_ = good_ && text_.size() >= digits && value && *value <= most;
    text_.remove_prefix(digits < text_.size() ? digits : text_.size());
    return good_ ? *value : 0;
  }
  // The first character, if it is one of them; else 0.
  char one_of(std::string_view marks) {
    if (text_.empty() || marks.find(text_[0]) == marks.npos) return 0;
    const char found = text_[0];
    text_.remove_prefix(1);
    return found;
  }
  void need(std::string_view marks) { good_ = one_of(marks) != 0 && good_; }
  void skip_digits() {
    const auto end = text_.find_first_not_of("0123456789");
    good_ = good_ && end != 0 && !text_.empty();
    text_.remove_prefix(end == text_.npos ? text_.size() : end);
  }
  bool good_to_the_end() const { return good_ && text_.empty(); }

 private:
  std::string_view text_;
  bool good_ = true;
};

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  using namespace std::chrono;
  Scanner scan(text);
  const auto year_number = scan.number(4, 9999);
  scan.need("-");
  const auto month_number = scan.number(2, 12);
  scan.need("-");
  const auto day_number = scan.number(2, 31);
  scan.need("Tt");
  const auto hour = scan.number(2, 23);
  scan.need(":");
  const auto minute = scan.number(2, 59);
  scan.need(":");
  const auto second = scan.number(2, 60);  // 60: a leap second
  if (scan.one_of(".") != 0) scan.skip_digits();
  std::int64_t offset = 0;
  if (const char sign = scan.one_of("Zz+-"); sign == '+' || sign == '-') {
    const auto offset_hours = scan.number(2, 23);
    scan.need(":");
    offset = (offset_hours * std::int64_t{60} + scan.number(2, 59)) * 60;
    if (sign == '-') offset = -offset;
  } else if (sign == 0) {
    return std::nullopt;
  }
  const year_month_day date{year(static_cast<int>(year_number)), month(month_number), day(day_number)};
  if (!scan.good_to_the_end() || !date.ok()) return std::nullopt;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  return Timestamp{days * 86400 + hour * 3600 + minute * 60 + second - offset};
}

std::string format_timestamp(const Timestamp& time) {
  using namespace std::chrono;
  constexpr std::int64_t day_seconds = 86'400;
  constexpr std::int64_t first = sys_days(year(0) / 1 / 1).time_since_epoch().count() * day_seconds;
  constexpr std::int64_t last = sys_days(year(10'000) / 1 / 1).time_since_epoch().count() * day_seconds - 1;
  const sys_seconds point{seconds(std::clamp(time.seconds, first, last))};
  const sys_days date_point = floor<days>(point);
  const year_month_day date(date_point);
  const auto of_day = static_cast<unsigned>((point - date_point).count());
  std::string text;
  const auto digits = [&text](unsigned number, std::size_t width, char behind) {
    const std::string plain = std::to_string(number);
    text.append(width - plain.size(), '0') += plain;
    text += behind;
  };
  digits(static_cast<unsigned>(static_cast<int>(date.year())), 4, '-');
  digits(static_cast<unsigned>(date.month()), 2, '-');
  digits(static_cast<unsigned>(date.day()), 2, 'T');
  digits(of_day / 3600, 2, ':');
  digits(of_day / 60 % 60, 2, ':');
  digits(of_day % 60, 2, 'Z');
  return text;
}

std::string format_micro_time(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(time);
  const std::string fraction = std::to_string(duration_cast<microseconds>(time - whole).count());
  std::string text = format_timestamp({whole.time_since_epoch().count()});
  text.back() = '.';  // instead of Z
  return text.append(6 - fraction.size(), '0') + fraction + "Z";
}

}  // namespace sallyport::kube
