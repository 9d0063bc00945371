// SPDX-License-Identifier: Apache-2.0
#include "routing/choice.hpp"

#include <algorithm>

#include "syntax/path.hpp"

namespace sallyport::routing {
namespace {

constexpr auto is_worse = [](const auto& one, const auto& other) { return *other.next->rule < *one.next->rule; };

}  // namespace

Choice::Choice(const Snapshot& snapshot, const Listener& listener, const http::RequestHead& request,
               const syntax::IpAddress& client)
    : snapshot_(snapshot),
      listener_(listener),
      host_(request.host),
      path_(request.path),
      unmerged_path_(request.unmerged_path),
      facts_{request, client} {
  collect();
  std::ranges::make_heap(lists(), is_worse);
}

const Table* Choice::table(std::size_t number) const { return snapshot_.tables.get(listener_.tables[number]->slot()); }

// From the narrowest host to the widest: each may keep those behind it from being asked.
void Choice::collect() {
  Tiers closed = 0;
  Labels one_label;
  Labels any_labels;
  for (std::size_t i = 0; i < listener_.tables.size(); ++i) {
    const Table* const at = table(i);
    if (at == nullptr) continue;
    ask(at->exact.find(host_), 0, closed);
    one_label |= at->one_label.labels();
    any_labels |= at->any_labels.labels();
  }
  if (one_label.any() || any_labels.any()) collect_parents(one_label, any_labels, closed);
  for (std::size_t i = 0; i < listener_.tables.size(); ++i) {
    const Table* const at = table(i);
    if (at == nullptr || at->rest.empty()) continue;
    host_known_ = host_known_ || at->any_host_rules != 0;
    walk<false>(at->rest.paths, closed);
    walk<true>(at->rest.folded_paths, closed);
  }
}

// Of a host's up to 126 parents, only those are looked up that have as many labels as some wildcard's name.
void Choice::collect_parents(const Labels& one_label, const Labels& any_labels, Tiers& closed) {
  const std::size_t first = host_.find('.');
  std::size_t labels = Labels::of(host_);
  for (std::size_t dot = first; dot != std::string_view::npos; dot = host_.find('.', dot + 1)) {
    --labels;
    const bool asks_one = dot == first && one_label.has(labels);
    const bool asks_any = any_labels.has(labels);
    if (dot == 0 || (!asks_one && !asks_any)) continue;
    const std::string_view parent = host_.substr(dot + 1);
    const std::uint64_t hash = HashTrie<HostRules>::hash_of(parent);
    if (asks_one) ask_parent(&Table::one_label, parent, hash, closed);
    if (asks_any) ask_parent(&Table::any_labels, parent, hash, closed);
  }
}

void Choice::ask_parent(WildcardRules Table::* of, std::string_view parent, std::uint64_t hash, Tiers& closed) {
  Tiers closed_next = closed;
  for (std::size_t i = 0; i < listener_.tables.size(); ++i) {
    const Table* const at = table(i);
    if (at != nullptr) ask((at->*of).find(parent, hash), closed, closed_next);
  }
  closed = closed_next;
}

void Choice::ask(const HostRules* rules, Tiers closed, Tiers& closed_next) {
  if (rules == nullptr) return;
  host_known_ = true;
  walk<false>(rules->paths, closed);
  walk<true>(rules->folded_paths, closed);
  closed_next |= rules->closed.mask();
}

template <bool FoldCase>
void Choice::walk(const PathTree& tree, Tiers closed) {
  if (tree.empty()) return;
  for (const bool unmerged : {false, true}) {
    const std::string_view path = form(unmerged);
    if (unmerged && path.empty()) return;
    tree.find<FoldCase>(path, [&](std::span<const Listed> rules, const RuleList& in, std::size_t size) {
      keep({.in = &in,
            .next = rules.data(),
            .end = rules.data() + rules.size(),
            .closed = closed,
            .prefix = static_cast<std::uint32_t>(size),
            .unmerged = unmerged});
    });
  }
}

// Whether the list has a rule for this path left, which then is its first.
bool Choice::advance(List& list) const {
  for (;; ++list.next) {
    if (list.next == list.end) {
      if (list.in->empty()) return false;  // there was one rule
      const std::span<const Listed> more = list.in->after(*list.end[-1].rule);
      if (more.empty()) return false;
      list.next = more.data();
      list.end = list.next + more.size();
    }
    const Traits& traits = list.next->traits;
    const bool is_form = unmerged_path_.empty() || traits.merges_slashes != list.unmerged;
    if (is_form && PathTree::may_fit(traits.shape, form(list.unmerged), list.prefix)) return true;
  }
}

void Choice::keep(List list) {
  if (!advance(list)) return;
  if (far_.empty() && size_ < most_near) {
    near_[size_++] = list;
    return;
  }
  if (far_.empty()) far_.assign(near_.begin(), near_.end());
  far_.push_back(list);
}

// Goes on to the next rule of the first list.
void Choice::take_best() {
  std::ranges::pop_heap(lists(), is_worse);
  List& list = lists().back();
  ++list.next;
  if (advance(list)) {
    std::ranges::push_heap(lists(), is_worse);
  } else if (far_.empty()) {
    --size_;
  } else {
    far_.pop_back();
    if (far_.empty()) size_ = 0;
  }
}

Candidate Choice::step() {
  if (lists().empty()) return {};
  const Candidate candidate = judge(lists().front());
  take_best();
  return candidate;
}

Candidate Choice::next() {
  Candidate candidate;
  do candidate = step();
  while (candidate.rule != nullptr && candidate.verdict != Verdict::fits);
  return candidate;
}

Candidate Choice::judge(const List& list) {
  const Traits& traits = list.next->traits;
  Candidate candidate{
      .verdict = Verdict::fits, .rule = list.next->rule.get(), .path = form(list.unmerged), .prefix = {}};
  candidate.prefix = traits.has_path_regex ? candidate.path : candidate.path.substr(0, list.prefix);
  const Tiers closed = traits.has_any_host ? list.closed | closed_by_regexes() : list.closed;
  if ((closed & tier_bit(traits.tier)) != 0) {
    candidate.verdict = Verdict::closed;
  } else if (traits.asks_more) {
    ask_more(candidate);
  }
  return candidate;
}

// What the index does not know.
void Choice::ask_more(Candidate& candidate) {
  const Rule& rule = *candidate.rule;
  if (rule.model.host.kind == model::HostPattern::Kind::regex && !host_fits(rule)) {
    candidate.verdict = Verdict::host;
    return;
  }
  if (rule.traits.has_path_regex && (rule.path_regex == nullptr || !rule.path_regex->fits(candidate.path))) {
    candidate.verdict = Verdict::path;
    return;
  }
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
    if (rule.conditions[i].holds(facts_)) continue;
    candidate.verdict = Verdict::predicate;
    candidate.unmet = &rule.model.predicates[i];
    return;
  }
}

bool Choice::host_fits(const Rule& rule) {
  const syntax::Regex* const regex = rule.host_regex.get();
  if (regex == nullptr) return false;
  if (regex != host_asked_) host_fitted_ = regex->fits(host_);
  host_asked_ = regex;
  return host_fitted_;
}

// Expressions that close their tiers are asked only when a rule for any host could come.
Tiers Choice::closed_by_regexes() {
  if (closed_by_regexes_) return *closed_by_regexes_;
  Tiers closed = 0;
  for (std::size_t i = 0; i < listener_.tables.size(); ++i) {
    const Table* const at = table(i);
    if (at == nullptr) continue;
    at->host_regexes.for_each([&](std::string_view, const HostRegex& one) {
      if ((one.closed.mask() & ~closed) != 0 && one.fits(host_)) closed |= one.closed.mask();
    });
  }
  closed_by_regexes_ = closed;
  return closed;
}

// Some host pattern fits, whether or not a path does.
bool Choice::is_host_known() const {
  bool known = host_known_;
  for (std::size_t i = 0; !known && i < listener_.tables.size(); ++i) {
    const Table* const at = table(i);
    if (at == nullptr) continue;
    at->host_regexes.for_each([&](std::string_view, const HostRegex& one) { known = known || one.fits(host_); });
  }
  return known;
}

std::optional<Error> Choice::refusal(const Candidate& chosen) const {
  if (chosen.rule == nullptr) return Error{.code = is_host_known() ? Code::no_path : Code::no_host};
  if (!chosen.rule->model.path_options.keep_encoded_slash && chosen.path.find("%2F") != std::string_view::npos) {
    return Error{.code = Code::bad_path, .rule = "H1-20", .detail = syntax::encoded_slash_refused};
  }
  return std::nullopt;
}

}  // namespace sallyport::routing
