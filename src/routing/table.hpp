// SPDX-License-Identifier: Apache-2.0
// Which rules fit a request, best first: hosts in a hash table, paths in a tree for each host.
//
// find() starts a look-up; its candidates come in rank order, one at a time: the request path takes the first, and what
// passes it on (re-routing) goes on with the next. One code for all who ask. Immutable, read by all workers.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "routing/path_tree.hpp"

namespace sallyport::routing {

struct Candidate {
  const Rule* rule = nullptr;
  std::string_view prefix;
  bool unmerged = false;  // it is the unmerged path that fits
};

// A look-up under way. The table and the paths outlive it.
class Candidates {
 public:
  // The best that was not given yet; its rule is null when there is none.
  Candidate next();

  // Some host pattern fitted, whether or not a path did.
  bool host_known() const { return host_known_; }

 private:
  friend class Table;

  struct List {
    const RulePtr* next;
    const RulePtr* end;
    std::string_view prefix;
    bool unmerged;
  };

  void add(const Rules& rules, std::string_view prefix, bool unmerged);
  bool takes_form(const List& list) const;

  // One list for each ancestor of the path that has rules: seldom more than a few.
  std::array<List, 16> lists_;
  std::size_t size_ = 0;
  std::vector<List> more_;
  bool host_known_ = false;
  bool two_forms_ = false;  // the path has runs of '/': each rule fits the form it asks for
};

class Table {
 public:
  explicit Table(const Rules& rules);

  // All canonical. A host that is empty fits only rules for any host. `unmerged` is empty when it is the same path.
  Candidates find(std::string_view host, std::string_view path, std::string_view unmerged = {}) const;

 private:
  struct HashText {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };
  using Trees = std::unordered_map<std::string, PathTree, HashText, std::equal_to<>>;

  Trees exact_;
  Trees one_label_;
  PathTree any_;
  bool has_any_ = false;
};

}  // namespace sallyport::routing
