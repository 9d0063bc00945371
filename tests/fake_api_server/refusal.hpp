// SPDX-License-Identifier: Apache-2.0
// Why the fake API server refuses, as the API says it: a code, a reason for machines, and a message (metav1.Status).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fake_api_server/kinds.hpp"

namespace sallyport::fake_api {

struct Refusal {
  unsigned code = 500;
  std::string reason = {};  // "NotFound"
  std::string message = {};
  std::string group = {};  // details, as far as there are any
  std::string resource = {};
  std::string name = {};
  std::optional<std::uint64_t> retry_after = {};  // seconds

  Json status() const;
};

// With the reason and a message that usually stand with the code.
Refusal refusal_of(unsigned code);

Refusal not_found(const Kind& kind, std::string_view name);
Refusal conflict(const Kind& kind, std::string_view name, std::string_view why);
Refusal invalid_object(const Kind& kind, std::string_view name, std::string_view why);
Refusal bad_request(std::string message);
// The API server knows no such path.
Refusal no_resource();
Refusal expired(std::string message);
Refusal too_large_revision(std::uint64_t wanted, std::uint64_t current);

}  // namespace sallyport::fake_api
