// SPDX-License-Identifier: Apache-2.0
// Memory for the nodes of snapshots. They lie close together and, up to eight lines, begin on cache lines, because a
// look-up among many rules costs what its cache misses cost: among texts and rules, each node would be on a page of
// its own. Larger ones (nodes high up, of which there are few) come from the heap.
//
// Of the whole process, so that a snapshot may outlive its compiler; what was given back is kept for the next nodes.

#pragma once

#include <cstddef>

namespace sallyport::routing {

inline constexpr std::size_t node_line = 64;

// Most nodes take two or three lines; who reads the first wants the others soon.
inline void prefetch_node(const void* node) {
  const auto* const lines = static_cast<const std::byte*>(node);
  __builtin_prefetch(lines + node_line);
  __builtin_prefetch(lines + 2 * node_line);
}

void* take_node_memory(std::size_t size);
// `size` as it was asked for.
void give_node_memory(void* memory, std::size_t size);

}  // namespace sallyport::routing
