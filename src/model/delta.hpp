// SPDX-License-Identifier: Apache-2.0
// All that crosses from control to the serving side, and what comes back: plain values with stable ids.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/parts.hpp"

namespace sallyport::model {

// New or changed parts of one kind, and the ids of those that are gone. Parts are values that never change, so both
// sides may hold the same one.
template <class Part>
struct Changes {
  std::vector<std::shared_ptr<const Part>> changed;
  std::vector<Id> removed;

  bool empty() const { return changed.empty() && removed.empty(); }
};

struct Delta {
  std::uint64_t version = 0;  // of the model once this is applied; grows by one
  Changes<Listener> listeners;
  Changes<EndpointSet> endpoint_sets;
  Changes<Backend> backends;
  Changes<Rule> rules;
  Changes<Certificate> certificates;
  Changes<ServerName> server_names;

  bool empty() const {
    return listeners.empty() && endpoint_sets.empty() && backends.empty() && rules.empty() && certificates.empty() &&
           server_names.empty();
  }
};

// Every worker serves from the snapshot that holds all changes up to `version`.
struct Adopted {
  std::uint64_t version = 0;
};

// What came of binding one address of a listener.
struct Bound {
  Id listener;
  syntax::SocketAddress address;
  std::string problem;  // empty: it listens
};

}  // namespace sallyport::model
