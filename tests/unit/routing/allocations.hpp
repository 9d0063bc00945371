// SPDX-License-Identifier: Apache-2.0
// Counts what this program takes from the heap by operator new, on this thread.

#pragma once

#include <cstdint>

namespace sallyport::routing {

// Since the thread began.
std::uint64_t allocations();

}  // namespace sallyport::routing
