// SPDX-License-Identifier: Apache-2.0
// Memory for the nodes of snapshots. They lie close together and begin on cache lines, because a look-up among many rules
// costs what its cache misses cost: among texts and rules, each node would be on a page of its own.
//
// Of the whole process, so that a snapshot may outlive its compiler; what was given back is kept for the next nodes.

#pragma once

#include <cstddef>

namespace sallyport::routing {

void* take_node_memory(std::size_t size);
// `size` as it was asked for.
void give_node_memory(void* memory, std::size_t size);

}  // namespace sallyport::routing
