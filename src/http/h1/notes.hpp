// SPDX-License-Identifier: Apache-2.0
// What a parser left out of a message without refusing it, counted for metrics. A parser only ever adds to it.

#pragma once

#include <cstdint>

namespace sallyport::http::h1 {

struct Notes {
  std::uint32_t underscore_names = 0;      // fields dropped for a '_' in the name (H1-8)
  std::uint32_t protected_options = 0;     // Connection options that name a field they may not remove (H1-14)
  std::uint32_t upgrades_ignored = 0;      // messages with an Upgrade that is not followed (H1-12)
  std::uint32_t expectations_ignored = 0;  // Expect of HTTP/1.0, or of a request without a body (H1-13)
  std::uint32_t trailers_dropped = 0;      // trailer fields of names that are not for trailers

  Notes& operator+=(const Notes& more) {
    underscore_names += more.underscore_names;
    protected_options += more.protected_options;
    upgrades_ignored += more.upgrades_ignored;
    expectations_ignored += more.expectations_ignored;
    trailers_dropped += more.trailers_dropped;
    return *this;
  }

  bool operator==(const Notes&) const = default;
};

}  // namespace sallyport::http::h1
