// SPDX-License-Identifier: Apache-2.0
// OpenSSL's memory, counted by thread and cheap: buffers of records are kept for the next one, and small blocks, among
// which are those of keys, are cleared when they are given back.
//
// A block that another thread gives back is counted there: only the sum over all threads is what is in use.

#pragma once

#include <cstddef>
#include <cstdint>

namespace sallyport::net::tls {

// Before anything else calls OpenSSL: true if its memory is ours from now on. Where it is not, nothing is counted.
bool count_memory();

// Bytes that this thread took and has not given back; less than nothing where it gave back more.
std::int64_t memory_in_use();

// As OpenSSL's own: for bytes that a connection holds. Never null.
char* take_bytes(std::size_t size);
void give_bytes(char* bytes);

}  // namespace sallyport::net::tls
