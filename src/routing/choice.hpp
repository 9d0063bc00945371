// SPDX-License-Identifier: Apache-2.0
// Which rule serves a request: the candidates of a snapshot in rank order, each asked whether it fits. The request path
// takes the first that fits, re-routing goes on from there, and explain walks through all of them: one code for all.
//
// Takes memory from the heap only where more than 16 beginnings of the path have rules (one growing list, so that the
// time stays that of a sort), and where regular expressions are asked: about a header of several lines, about an
// encoded value of the query (once a request), and for RE2's states, whose cache is bounded (syntax/regex.hpp).
// Snapshot, request, client and the texts of host and path outlive it; what changes in the request's fields meanwhile
// counts.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "http/message.hpp"
#include "model/predicate.hpp"
#include "routing/condition.hpp"
#include "routing/snapshot.hpp"
#include "routing/table.hpp"
#include "syntax/address.hpp"

namespace sallyport::routing {

enum class Verdict : std::uint8_t {
  none,       // there are no more candidates
  fits,       //
  host,       // its regular expression for the host does not fit
  path,       // its regular expression for the path does not fit
  predicate,  // `unmet` does not hold
  closed,     // a narrower host of its dialect keeps requests that none of its rules fits
};

struct Candidate {
  Verdict verdict = Verdict::none;
  const Rule* rule = nullptr;  // null when there are no more
  std::string_view path;       // the form of the request's path that this rule is for
  std::string_view prefix;     // the part of it that the rule's path stands for: all of it for exact and regex
  const model::Predicate* unmet = nullptr;
};

class Choice {
 public:
  Choice(const Snapshot& snapshot, const Listener& listener, const http::RequestHead& request,
         const syntax::IpAddress& client);
  Choice(const Choice&) = delete;
  Choice& operator=(const Choice&) = delete;

  // The next that fits; its rule is null when there is none.
  Candidate next();

  // The next, whether it fits or not. A rule that the index already rules out is no candidate.
  Candidate step();

  // Why `chosen`, which next() gave, cannot serve: there is none (no_host, no_path), or the path has an encoded slash
  // that its rule does not keep (bad_path).
  std::optional<Error> refusal(const Candidate& chosen) const;

  // How much of the query was read and compared until now.
  std::uint64_t query_steps() const { return facts_.parameters.steps(); }

 private:
  // Rules under one key, of which the first fits the shape of the path and was not given yet.
  struct List {
    const RuleList* in;
    const Listed* next;
    const Listed* end;
    Tiers closed;
    std::uint32_t prefix;
    bool unmerged;
  };

  void collect();
  void collect_parents(const Labels& one_label, const Labels& any_labels, Tiers& closed);
  void ask_parent(WildcardRules Table::* of, std::string_view parent, std::uint64_t hash, Tiers& closed);
  void ask(const HostRules* rules, Tiers closed, Tiers& closed_next);
  template <bool FoldCase>
  void walk(const PathTree& tree, Tiers closed);
  void keep(List list);
  bool advance(List& list) const;
  std::span<List> lists() { return far_.empty() ? std::span(near_).first(size_) : std::span(far_); }
  void take_best();
  Candidate judge(const List& list);
  void ask_more(Candidate& candidate);
  bool host_fits(const Rule& rule);
  Tiers closed_by_regexes();
  bool is_host_known() const;
  std::string_view form(bool unmerged) const { return unmerged ? unmerged_path_ : path_; }
  const Table* table(std::size_t number) const;

  // One for each beginning of the path that has rules; there is seldom more than a handful.
  static constexpr std::size_t most_near = 16;

  const Snapshot& snapshot_;
  const Listener& listener_;
  std::string_view host_;
  std::string_view path_;
  std::string_view unmerged_path_;  // empty: the same
  Facts facts_;
  std::array<List, most_near> near_;  // a heap of `size_`, the list with the best rule first
  std::size_t size_ = 0;
  std::vector<List> far_;  // the heap, when there are more
  std::optional<Tiers> closed_by_regexes_;
  const syntax::Regex* host_asked_ = nullptr;  // the last one: rules of one expression for the host follow each other
  bool host_fitted_ = false;
  bool host_known_ = false;
};

}  // namespace sallyport::routing
