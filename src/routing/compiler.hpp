// SPDX-License-Identifier: Apache-2.0
// Model deltas in, snapshots out; a change costs what it changes. The one owner of what has been compiled; belongs to
// one thread.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/delta.hpp"
#include "routing/regexes.hpp"
#include "routing/retired.hpp"
#include "routing/snapshot.hpp"

namespace sallyport::routing {

struct Change {
  SnapshotPtr snapshot;
  std::vector<Slot> freed;     // of backends: no snapshot knew them any more. Comes first: `backends` may reuse them
  std::vector<Slot> backends;  // new, gone, or changed: the part or its endpoints; in order
  bool listeners_changed = false;     // one is new, gone, or its part is another
  bool certificates_changed = false;  // the same of certificates
};

struct CompilerCounts {
  std::size_t snapshots = 0;     // alive, also those that wait to be freed
  std::int64_t nodes = 0;        // alive, of all snapshots together
  std::int64_t bytes = 0;        // that these take, about
  std::uint64_t nodes_made = 0;  // ever
  std::size_t rules = 0;
  std::size_t rules_outside_index = 0;
};

class Compiler {
 public:
  // `on_retired` is called on whatever thread drops the last hold on a snapshot, and may only pass word on, so that
  // free_retired() is called.
  explicit Compiler(std::function<void()> on_retired = {});
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;
  // Snapshots may outlive it; nobody is told of their end.
  ~Compiler();

  // The next snapshot. Parts that a delta names but that are not there (an endpoint set, a backend) are served as
  // empty.
  Change apply(const model::Delta& delta);

  // Frees what only dropped snapshots held. Gives the slots of backends that nobody knows any more.
  std::vector<Slot> free_retired();

  // Empty before the first.
  const SnapshotPtr& current() const { return current_; }
  CompilerCounts counts() const;
  // The rules that no index holds (model/indexed.hpp), by id.
  std::vector<std::shared_ptr<const model::Rule>> outside_index() const;

 private:
  using Scope = std::vector<model::Id>;  // of rules: listeners

  struct ScopeState {
    SlotRef slot;
    std::size_t rules = 0;
  };
  struct Endpoints {
    std::shared_ptr<const model::EndpointSet> set;
    std::set<model::Id> backends;  // that it serves
  };
  // What one delta touched.
  struct Touched {
    std::set<Slot> backends;
    std::set<model::Id> listeners;
    bool listeners_changed = false;
  };

  void apply_listeners(const model::Changes<model::Listener>& changes, Touched& touched);
  void apply_endpoint_sets(const model::Changes<model::EndpointSet>& changes, Touched& touched);
  void apply_backends(const model::Changes<model::Backend>& changes, Touched& touched);
  void apply_rules(const model::Changes<model::Rule>& changes, Touched& touched);
  void remove_backend(const model::Id& id, Touched& touched);
  void put_backend(const std::shared_ptr<const model::Backend>& part, Touched& touched);
  void remove_rule(const model::Id& id, Touched& touched);
  void add_rule(const std::shared_ptr<const model::Rule>& part, Touched& touched);
  void touch_scope(const Scope& scope, Touched& touched) const;
  RuleRef compile(const std::shared_ptr<const model::Rule>& part);
  void apply_certificates(const model::Changes<model::Certificate>& changes);
  void remove_certificate(const model::Id& id);
  void apply_server_names(const model::Changes<model::ServerName>& changes);
  void remove_server_name(const model::Id& id);
  // call(ServerNames&) for each scope that the name is in.
  template <class Call>
  void in_scopes(const model::ServerName& name, Call call);
  void link(const model::Id& listener);

  std::shared_ptr<SlotPool> listener_slots_ = std::make_shared<SlotPool>();
  std::shared_ptr<SlotPool> table_slots_ = std::make_shared<SlotPool>();
  std::shared_ptr<SlotPool> backend_slots_ = std::make_shared<SlotPool>();
  std::shared_ptr<SlotPool> certificate_slots_ = std::make_shared<SlotPool>();
  std::shared_ptr<Retired> retired_;
  Snapshot next_;  // what is worked on; a snapshot is a copy of it, which shares all
  std::unordered_map<std::string_view, RuleRef> rules_;  // by their own ids
  std::map<std::string_view, RuleRef> outside_index_;    // those of them that no index holds
  Regexes regexes_;
  std::map<Scope, ScopeState> scopes_;                               // that have rules, and the one of every listener
  std::unordered_map<model::Id, std::set<const Scope*>> scopes_of_;  // by listener
  std::unordered_map<model::Id, std::shared_ptr<const model::Backend>> backends_;
  std::unordered_map<model::Id, Endpoints> endpoint_sets_;
  std::unordered_map<std::string_view, Ref<const Certificate>> certificates_;  // by their own ids
  std::unordered_map<std::string_view, Ref<const ServerName>> server_names_;
  SnapshotPtr current_ = std::make_shared<const Snapshot>();
};

}  // namespace sallyport::routing
