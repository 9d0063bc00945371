// SPDX-License-Identifier: Apache-2.0
// Where secrets lie: pages of their own, which are in no core dump, and of which those with keys are not swapped out as
// far as the system lets us lock memory (RLIMIT_MEMLOCK; reference: reliability-security.md T-9).
//
// For any thread. What was taken once is kept for the next secrets, except large blocks.

#pragma once

#include <cstddef>

namespace sallyport {

// What is larger is no key: it is not locked, lest it take the room of those that are.
inline constexpr std::size_t largest_locked = 16 * 1024;

// Zeroed. Never null, unless no byte is asked for.
char* take_secret_memory(std::size_t size);
// Of this size when it was taken; it is zeroed here.
void give_secret_memory(char* memory, std::size_t size);

// False: some of it could not be locked.
bool secret_memory_is_locked();

}  // namespace sallyport
