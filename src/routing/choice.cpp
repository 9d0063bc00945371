// SPDX-License-Identifier: Apache-2.0
#include "routing/choice.hpp"

#include <algorithm>

#include "syntax/path.hpp"

namespace sallyport::routing {
namespace {

constexpr auto is_not_behind = [](const Rule& given, const Listed& one) { return given < *one.rule; };

}  // namespace

Choice::Choice(const Snapshot& snapshot, const Listener& listener, const http::RequestHead& request,
               const syntax::IpAddress& client)
    : snapshot_(snapshot),
      listener_(listener),
      request_(request),
      client_(client),
      host_(request.host),
      path_(request.path),
      unmerged_path_(request.unmerged_path) {
  collect();
}

const Table* Choice::table(std::size_t number) const { return snapshot_.tables.get(listener_.tables[number]->slot()); }

// From the narrowest host to the widest: each may keep those behind it from being asked.
void Choice::collect() {
  size_ = 0;
  left_out_ = nullptr;
  Tiers closed = 0;
  bool wildcards = false;
  for (std::size_t i = 0; i < listener_.tables.size(); ++i) {
    const Table* const at = table(i);
    if (at == nullptr) continue;
    ask(at->exact.find(host_), 0, closed);
    wildcards = wildcards || at->has_wildcards();
  }
  if (wildcards) collect_parents(closed);
  for (std::size_t i = 0; i < listener_.tables.size(); ++i) {
    const Table* const at = table(i);
    if (at == nullptr || at->rest.empty()) continue;
    host_known_ = host_known_ || at->any_host_rules != 0;
    walk<false>(at->rest.paths, closed);
    walk<true>(at->rest.folded_paths, closed);
  }
}

void Choice::collect_parents(Tiers& closed) {
  for (std::size_t dot = host_.find('.'), first = dot; dot != std::string_view::npos; dot = host_.find('.', dot + 1)) {
    if (dot == 0) continue;
    const std::string_view parent = host_.substr(dot + 1);
    for (const bool one_label : {true, false}) {
      if (one_label && dot != first) continue;
      Tiers closed_next = closed;
      for (std::size_t i = 0; i < listener_.tables.size(); ++i) {
        const Table* const at = table(i);
        if (at != nullptr) ask((one_label ? at->one_label : at->any_labels).find(parent), closed, closed_next);
      }
      closed = closed_next;
    }
  }
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
    tree.find<FoldCase>(path, [&](std::span<const Listed> rules, std::size_t size) {
      const Listed* const end = rules.data() + rules.size();
      const Listed* const begin =
          given_ == nullptr ? rules.data() : std::upper_bound(rules.data(), end, *given_, is_not_behind);
      keep({.next = begin,
            .end = end,
            .closed = closed,
            .prefix = static_cast<std::uint32_t>(size),
            .unmerged = unmerged});
    });
  }
}

// Whether the list has a rule for this path left, which then is its first.
bool Choice::advance(List& list) const {
  for (; list.next != list.end; ++list.next) {
    const Traits& traits = list.next->traits;
    const bool is_form = unmerged_path_.empty() || traits.merges_slashes != list.unmerged;
    if (is_form && PathTree::may_fit(traits.shape, form(list.unmerged), list.prefix)) return true;
  }
  return false;
}

void Choice::keep(List list) {
  if (!advance(list)) return;
  if (size_ < most_lists) {
    lists_[size_++] = list;
    return;
  }
  const auto worst = std::ranges::max_element(
      lists_, [](const List& one, const List& other) { return *one.next->rule < *other.next->rule; });
  if (*list.next->rule < *worst->next->rule) std::swap(list, *worst);
  if (left_out_ == nullptr || *list.next->rule < *left_out_) left_out_ = list.next->rule.get();
}

Choice::List* Choice::best() {
  List* found = nullptr;
  for (List* list = lists_.data(); list != lists_.data() + size_; ++list) {
    if (found == nullptr || *list->next->rule < *found->next->rule) found = list;
  }
  return found;
}

void Choice::take(List& list) {
  given_ = list.next->rule.get();
  ++list.next;
  if (!advance(list)) list = lists_[--size_];
}

Candidate Choice::step() {
  List* from = best();
  if (left_out_ != nullptr && (from == nullptr || *left_out_ < *from->next->rule)) {
    collect();
    from = best();
  }
  if (from == nullptr) return {};
  const Candidate candidate = judge(*from);
  take(*from);
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
void Choice::ask_more(Candidate& candidate) const {
  const Rule& rule = *candidate.rule;
  if (rule.model.host.kind == model::HostPattern::Kind::regex && !(rule.host_regex && rule.host_regex->fits(host_))) {
    candidate.verdict = Verdict::host;
    return;
  }
  if (rule.traits.has_path_regex && !(rule.path_regex && rule.path_regex->fits(candidate.path))) {
    candidate.verdict = Verdict::path;
    return;
  }
  for (std::size_t i = 0; i < rule.conditions.size(); ++i) {
    if (rule.conditions[i].holds(request_, client_)) continue;
    candidate.verdict = Verdict::predicate;
    candidate.unmet = &rule.model.predicates[i];
    return;
  }
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
