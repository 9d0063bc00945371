// SPDX-License-Identifier: Apache-2.0
// A Lease of coordination.k8s.io/v1 as those who elect a leader by it read and write it. Pure.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sallyport::sources::api_server {

struct LeaseRecord {
  std::string resource_version;  // of the version that was read; empty: there is none yet
  std::string holder;            // empty: nobody's
  std::uint32_t duration_seconds = 0;
  std::string acquire_time;  // as they were written: they are shown and compared, never computed with
  std::string renew_time;
  std::uint32_t transitions = 0;

  bool operator==(const LeaseRecord&) const = default;
};

// The answer to a read or a write of it. A field that is missing is empty or 0, as in the API; one of another type is
// an error that names it, for a holder that cannot be read must not be taken for none.
Result<LeaseRecord> parse_lease(std::string_view json);

// The whole object, for a POST.
std::string new_lease_text(std::string_view namespace_, std::string_view name, const LeaseRecord& record);
// A JSON merge patch (RFC 7396) that leaves what else the object has: labels, annotations, other fields. It names the
// version that it is made for, so that the API server refuses it (409) once there is another.
std::string lease_patch_text(const LeaseRecord& record);

}  // namespace sallyport::sources::api_server
