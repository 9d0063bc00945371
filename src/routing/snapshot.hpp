// SPDX-License-Identifier: Apache-2.0
// The model compiled: all that a worker needs to serve. Immutable all the way down, so every worker reads it without
// locks; shares what did not change with the one before.
//
// Its parts are counted without atomics: only the compiler's thread copies or frees them. Whoever holds a SnapshotPtr
// reads through the raw pointers that it gives.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "filters/filter.hpp"
#include "model/parts.hpp"
#include "routing/hash_trie.hpp"
#include "routing/rule.hpp"
#include "routing/server_names.hpp"
#include "routing/slots.hpp"
#include "routing/table.hpp"

namespace sallyport::routing {

struct Listener : Counted {
  Listener(std::shared_ptr<const model::Listener> from, SlotRef at)
      : model(*from), part(std::move(from)), hold(std::move(at)) {}

  Slot slot() const { return hold->slot(); }

  const model::Listener& model;  // *part
  std::shared_ptr<const model::Listener> part;
  SlotRef hold;
  filters::Chain chain;
  std::vector<SlotRef> tables;  // of the rules that serve it
  SlotRef default_certificate;  // null: none
};

struct Backend : Counted {
  Backend(std::shared_ptr<const model::Backend> from, std::shared_ptr<const model::EndpointSet> set, SlotRef at)
      : model(*from), part(std::move(from)), endpoints(std::move(set)), hold(std::move(at)) {}

  Slot slot() const { return hold->slot(); }

  const model::Backend& model;  // *part
  std::shared_ptr<const model::Backend> part;
  std::shared_ptr<const model::EndpointSet> endpoints;  // never null
  SlotRef hold;
};

struct Snapshot {
  std::uint64_t version = 0;
  Slots<Listener> listeners;
  Slots<Table> tables;
  Slots<Backend> backends;
  HashTrie<Slot> listener_slots;  // by id
  Slots<Certificate> certificates;
  CertificateNames certificate_names;
  ServerNames server_names;               // of every listener
  HashTrie<ServerNames> server_names_of;  // those that are for some listeners only, by the listener's id

  // Null when there is none. A slot may belong to another listener in a later snapshot: compare the id.
  const Listener* listener(Slot slot) const { return listeners.get(slot); }
  const Listener* listener(std::string_view id) const {
    const Slot* const slot = listener_slots.find(id);
    return slot == nullptr ? nullptr : listeners.get(*slot);
  }
  const Backend* backend(Slot slot) const { return backends.get(slot); }
  const Certificate* certificate(Slot slot) const { return certificates.get(slot); }

  // What a TLS client of this listener meets that asks for `name`, canonical, or for none (""): the certificate of the
  // server name, else one in which the name is written (CertificateNames), else the listener's default. That last one
  // is not for names that nobody spoke of, or for none, where another name wants client certificates (T-3). `now` is in
  // seconds since 1970.
  TlsChoice tls_choice_for(const Listener& listener, std::string_view name, std::int64_t now) const;
  // The id of the policy that connections for this host have to be made under: a request on one with another is
  // misdirected (T-2).
  const std::string& tls_policy_for(const Listener& listener, std::string_view host) const;
  bool is_misdirected(const Listener& listener, std::string_view host, std::string_view made_under) const {
    return made_under != tls_policy_for(listener, host);
  }
  // Exact, then the nearest wildcard; null when nobody spoke of it.
  const ServerName* server_name_for(const Listener& listener, std::string_view name) const;
};

// Dropped on any thread; the compiler frees what it held, on its own.
using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace sallyport::routing
